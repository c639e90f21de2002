#include "inputs.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "text.h"

namespace kiln::tool {
namespace {

constexpr uint32_t kSign = 0x80000000, kInfinity = 0x7f800000;

bool is_pattern(const std::string &text) { return text.rfind("0x", 0) == 0; }

uint32_t parse_pattern(const std::string &text, const std::string &option) {
  uint32_t pattern = 0;
  const char *end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data() + 2, end, pattern, 16);
  if (error != std::errc() || next != end)
    fail(option + ": '" + text + "', expected a pattern of 32 bits, as in 0x3f800000");
  return pattern;
}

// A value that is no NaN; `none` where the text is empty.
double parse_value(const std::string &text, const std::string &option, double none) {
  const double value = text.empty() ? none : parse_number<double>(text, option);
  if (std::isnan(value)) fail(option + ": '" + text + "', expected a number, or bits, as in 0x7fc00000");
  return value;
}

// The pattern of the float nearest to `value` that is not beyond it, away from zero.
uint32_t magnitude_within(double value) {
  float nearest = std::isinf(value) ? std::numeric_limits<float>::infinity() : static_cast<float>(value);
  if (nearest > value) nearest = std::nextafter(nearest, 0.0f);
  uint32_t bits;
  std::memcpy(&bits, &nearest, sizeof bits);
  return bits;
}

// The same towards zero.
uint32_t magnitude_from(double value) {
  const uint32_t within = magnitude_within(value);
  float back;
  std::memcpy(&back, &within, sizeof back);
  return back < value ? within + 1 : within;
}

}  // namespace

Inputs::Inputs(const std::string &from, const std::string &to, uint32_t stride) : stride_(stride) {
  const bool patterns = is_pattern(from) || is_pattern(to);
  if (patterns && ((!from.empty() && !is_pattern(from)) || (!to.empty() && !is_pattern(to))))
    fail("--from and --to: expected both as bits, as in 0x3f800000, or both as values, got " + from + " and " + to);
  if (patterns || (from.empty() && to.empty()))
    set_patterns(from, to);
  else
    set_values(from, to);
  int64_t size = 0;
  for (const Interval &interval : intervals_) size += interval.size();
  if (size == 0) fail("--from and --to: expected a range with a float32 in it, got " + from + " and " + to);
  count_ = (size + stride - 1) / stride;
}

void Inputs::set_patterns(const std::string &from, const std::string &to) {
  const uint32_t first = from.empty() ? 0 : parse_pattern(from, "--from");
  const uint32_t last = to.empty() ? UINT32_MAX : parse_pattern(to, "--to");
  if (first <= last) intervals_.push_back({first, last});
}

// Patterns of values that are not negative, then those of the others: both zeros where zero is in the range.
void Inputs::set_values(const std::string &from, const std::string &to) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double low = parse_value(from, "--from", -infinity), high = parse_value(to, "--to", infinity);
  if (!(low <= high)) return;
  const auto add = [this](double least, double most, uint32_t sign) {
    const uint32_t first = magnitude_from(least), last = magnitude_within(most);
    if (first <= last && first <= kInfinity) intervals_.push_back({sign | first, sign | last});
  };
  if (high >= 0) add(std::fmax(low, 0.0), std::fabs(high), 0);
  if (low <= 0) add(std::fmax(-high, 0.0), std::fabs(low), kSign);
}

uint32_t Inputs::pattern(int64_t index) const {
  int64_t place = index * stride_;
  for (const Interval &interval : intervals_) {
    if (place < interval.size()) return static_cast<uint32_t>(interval.first + place);
    place -= interval.size();
  }
  return intervals_.back().last;
}

bool Inputs::all() const { return intervals_.size() == 1 && intervals_[0].size() == int64_t{1} << 32; }

std::string Inputs::text() const {
  std::string all;
  for (const Interval &interval : intervals_) {
    char text[32];
    std::snprintf(text, sizeof text, "0x%08x to 0x%08x", interval.first, interval.last);
    all += (all.empty() ? "" : ", ") + std::string(text);
  }
  return all;
}

}  // namespace kiln::tool
