#include "inputs.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>

#include "text.h"

namespace kiln::tool {
namespace {

bool is_pattern(const std::string &text) { return text.rfind("0x", 0) == 0; }

// A value that is no NaN; `none` where the text is empty.
double parse_value(const std::string &text, const std::string &option, double none) {
  const double value = text.empty() ? none : parse_number<double>(text, option);
  if (std::isnan(value)) fail(option + ": '" + text + "', expected a number, or bits, as in 0x7fc00000");
  return value;
}

}  // namespace

Inputs::Inputs(const std::string &dtype, const std::string &from, const std::string &to, uint32_t stride)
    : dtype_(dtype), narrow_(dtype == "float32" ? nullptr : &oracle::narrow_type(dtype)), stride_(stride) {
  const bool patterns = is_pattern(from) || is_pattern(to);
  if (patterns && ((!from.empty() && !is_pattern(from)) || (!to.empty() && !is_pattern(to))))
    fail("--from and --to: expected both as bits, as in " + hex(magnitude_within(1)) + ", or both as values, got " +
         from + " and " + to);
  if (patterns || (from.empty() && to.empty()))
    set_patterns(from, to);
  else
    set_values(from, to);
  int64_t size = 0;
  for (const Interval &interval : intervals_) size += interval.size();
  if (size == 0) fail("--from and --to: expected a range with a " + dtype_ + " in it, got " + from + " and " + to);
  count_ = (size + stride - 1) / stride;
}

void Inputs::set_patterns(const std::string &from, const std::string &to) {
  const uint32_t first = from.empty() ? 0 : parse_pattern(from, "--from");
  const uint32_t last = to.empty() ? UINT32_MAX >> (32 - bits()) : parse_pattern(to, "--to");
  if (first <= last) intervals_.push_back({first, last});
}

// Patterns of values that are not negative, then those of the others: both zeros where zero is in the range.
void Inputs::set_values(const std::string &from, const std::string &to) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double low = parse_value(from, "--from", -infinity), high = parse_value(to, "--to", infinity);
  if (!(low <= high)) return;
  const auto add = [this, infinity](double least, double most, uint32_t sign) {
    const uint32_t first = magnitude_from(least), last = magnitude_within(most);
    if (first <= last && first <= magnitude_within(infinity)) intervals_.push_back({sign | first, sign | last});
  };
  if (high >= 0) add(std::fmax(low, 0.0), std::fabs(high), 0);
  if (low <= 0) add(std::fmax(-high, 0.0), std::fabs(low), 1u << (bits() - 1));
}

uint32_t Inputs::pattern(int64_t index) const {
  int64_t place = index * stride_;
  for (const Interval &interval : intervals_) {
    if (place < interval.size()) return static_cast<uint32_t>(interval.first + place);
    place -= interval.size();
  }
  return intervals_.back().last;
}

bool Inputs::all() const { return intervals_.size() == 1 && intervals_[0].size() == int64_t{1} << bits(); }

std::string Inputs::text() const {
  std::string all;
  for (const Interval &interval : intervals_)
    all += (all.empty() ? "" : ", ") + hex(interval.first) + " to " + hex(interval.last);
  return narrow_ ? all + " of " + dtype_ : all;
}

std::string Inputs::hex(int64_t pattern) const {
  char text[16];
  std::snprintf(text, sizeof text, "0x%0*llx", bits() / 4, static_cast<unsigned long long>(pattern));
  return text;
}

uint32_t Inputs::parse_pattern(const std::string &text, const std::string &option) const {
  uint32_t pattern = 0;
  const char *end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data() + 2, end, pattern, 16);
  if (error != std::errc() || next != end || int64_t{pattern} >> bits() != 0)
    fail(option + ": '" + text + "', expected a pattern of " + std::to_string(bits()) + " bits, as in " +
         hex(magnitude_within(1)));
  return pattern;
}

double Inputs::value_of(uint32_t magnitude) const {
  if (narrow_) return narrow_->value_of(static_cast<uint16_t>(magnitude));
  float value;
  std::memcpy(&value, &magnitude, sizeof value);
  return static_cast<double>(value);
}

uint32_t Inputs::magnitude_within(double value) const {
  uint32_t nearest;
  if (narrow_) {
    nearest = narrow_->nearest(value);
  } else {
    const float rounded = static_cast<float>(value);
    std::memcpy(&nearest, &rounded, sizeof nearest);
  }
  return nearest - (value_of(nearest) > value);
}

uint32_t Inputs::magnitude_from(double value) const {
  const uint32_t within = magnitude_within(value);
  return within + (value_of(within) < value);
}

}  // namespace kiln::tool
