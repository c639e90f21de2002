#include "judge.h"

#include <oracle/ulp.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace kiln::tool {
namespace {

constexpr uint32_t kNaN = 0x7fc00000;  // the only NaN that is stored
constexpr double kSmallestNormal = 0x1p-126;
// float64's reference is off by a few 2^-53 relative, below 2^-28 ULP of float32; nearer than this to a limit it cannot
// say on which side, and MPFR does.
constexpr double kUndecided = 0x1p-24;

uint32_t bits_of(float f) {
  uint32_t b;
  std::memcpy(&b, &f, sizeof b);
  return b;
}

float float_of(uint32_t b) {
  float f;
  std::memcpy(&f, &b, sizeof f);
  return f;
}

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of input and result reaches every bit of the sum.
uint64_t mix(uint32_t pattern, uint32_t result) {
  uint64_t z = (static_cast<uint64_t>(pattern) << 32 | result) + 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// oracle::ulp_error without its calls of the C library, for the billions: reference != 0, finite. The reciprocal of
// ulp(r) = 2^(max(floor(log2 |r|), -126) - 23) is made from r's exponent field.
double error_in_ulp(float y, double reference) {
  if (!std::isfinite(y) || std::fabs(reference) >= 0x1p127) return oracle::ulp_error(y, reference);
  uint64_t word;
  std::memcpy(&word, &reference, sizeof word);
  const uint64_t exponent = std::max<uint64_t>(word >> 52 & 0x7ff, 1023 - 126);
  const uint64_t reciprocal_word = (1023 + 1023 + 23 - exponent) << 52;
  double reciprocal;
  std::memcpy(&reciprocal, &reciprocal_word, sizeof reciprocal);
  return std::fabs(static_cast<double>(y) - reference) * reciprocal;
}

bool near(double a, double b) { return std::fabs(a - b) < kUndecided; }

double bound_of(const oracle::ElementwiseOracle &oracle, bool fast, bool narrow) {
  if (narrow) return 1.0;
  return fast ? oracle::fast_bound(oracle) : oracle::exact_bound(oracle);
}

void add_special(uint32_t pattern, Findings *findings) {
  ++findings->wrong_specials;
  findings->special_at = std::min(findings->special_at, pattern);
}

void add_error(uint32_t pattern, double error, Findings *findings) {
  if (error <= findings->largest_error) return;
  findings->largest_error = error;
  findings->largest_at = pattern;
}

}  // namespace

void Findings::merge(const Findings &other) {
  inputs += other.inputs;
  correctly_rounded += other.correctly_rounded;
  wrong_specials += other.wrong_specials;
  special_at = std::min(special_at, other.special_at);
  digest += other.digest;
  if (other.largest_error > largest_error || (other.largest_error == largest_error && other.largest_at < largest_at)) {
    largest_error = other.largest_error;
    largest_at = other.largest_at;
  }
}

Judge::Judge(const oracle::ElementwiseOracle &oracle, const oracle::NarrowType *narrow, const std::string &accuracy)
    : oracle_(oracle), narrow_(narrow), fast_(accuracy == "fast"), bound_(bound_of(oracle, fast_, narrow)) {}

bool Judge::holds(const Findings &findings) const {
  if (findings.wrong_specials > 0) return false;
  return narrow_ && !fast_ ? findings.correctly_rounded == findings.inputs : findings.largest_error <= bound_;
}

void Judge::judge(const uint32_t *patterns, const char *results, const double *references, int64_t count,
                  Findings *findings) const {
  if (narrow_) {
    for (int64_t i = 0; i < count; ++i) {
      uint16_t result;
      std::memcpy(&result, results + i * static_cast<int64_t>(sizeof result), sizeof result);
      judge_narrow(patterns[i], result, references[i], findings);
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    uint32_t result;
    std::memcpy(&result, results + i * static_cast<int64_t>(sizeof result), sizeof result);
    judge_float32(patterns[i], result, references[i], findings);
  }
}

void Judge::judge_float32(uint32_t pattern, uint32_t result, double reference, Findings *findings) const {
  const float y = float_of(result);
  ++findings->inputs;
  findings->digest += mix(pattern, result);
  if (std::isnan(reference) || std::isinf(reference) || reference == 0) {
    const bool right = std::isnan(reference) ? result == kNaN : result == bits_of(static_cast<float>(reference));
    findings->correctly_rounded += right;
    if (!right) add_special(pattern, findings);
    return;
  }
  double error = error_in_ulp(y, reference);
  if (near(error, 0.5) || near(error, bound_)) error = exact_error(pattern, y);
  findings->correctly_rounded += error <= 0.5;
  if (std::isinf(error)) return add_special(pattern, findings);
  if (fast_ && std::fabs(reference) < kSmallestNormal) {
    const bool tolerable = std::fabs(y) <= kSmallestNormal && std::signbit(y) == std::signbit(reference);
    if (!tolerable) add_special(pattern, findings);
    return;
  }
  if (fast_) {
    const double magnitude = oracle::fast_magnitude(oracle_, float_of(pattern), reference);
    if (magnitude > std::fabs(reference)) error *= oracle::ulp(reference) / oracle::ulp(magnitude);
  }
  add_error(pattern, error, findings);
}

void Judge::judge_narrow(uint32_t pattern, uint16_t result, double reference, Findings *findings) const {
  const uint16_t right = oracle::rounded_once(oracle_, *narrow_, narrow_->value_of(static_cast<uint16_t>(pattern)));
  const double y = narrow_->value_of(result);
  ++findings->inputs;
  findings->digest += mix(pattern, result);
  findings->correctly_rounded += result == right;
  if (!std::isfinite(y) || !std::isfinite(reference) || reference == 0) {
    if (result != right) add_special(pattern, findings);
    return;
  }
  add_error(pattern, std::fabs(y - reference) / narrow_->last_place(reference), findings);
}

double Judge::exact_error(uint32_t pattern, float y) const {
  mpfr_t x, r;
  mpfr_init2(x, 24);
  mpfr_init2(r, 160);
  mpfr_set_flt(x, float_of(pattern), MPFR_RNDN);
  oracle_.exact(r, x);
  const double error = oracle::ulp_error(y, r);
  mpfr_clear(x);
  mpfr_clear(r);
  return error;
}

}  // namespace kiln::tool
