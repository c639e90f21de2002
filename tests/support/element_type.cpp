#include "support/element_type.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kiln::test {
namespace {

constexpr uint16_t kCanary = 0x7d5a;  // a NaN of both types, which no kernel stores

}  // namespace

const std::vector<ElementType> &element_types_of_16_bits() {
  static const std::vector<ElementType> types = {
      {"float16", {kDLFloat, 16, 1}, 11, -14, 0x7e00},
      {"bfloat16", {kDLBfloat, 16, 1}, 8, -126, 0x7fc0},
  };
  return types;
}

double ElementType::value_of(uint16_t word) const {
  const int places = digits - 1, all_ones = (1 << (15 - places)) - 1;
  const int exponent = (word & 0x7fff) >> places, fraction = word & ((1 << places) - 1);
  const double sign = word & 0x8000 ? -1 : 1;
  if (exponent == all_ones)
    return fraction ? std::numeric_limits<double>::quiet_NaN() : sign * std::numeric_limits<double>::infinity();
  if (exponent == 0) return sign * std::ldexp(fraction, least_exponent - places);
  return sign * std::ldexp(fraction + (1 << places), exponent - 1 + least_exponent - places);
}

double ElementType::last_place(double real) const {
  const int exponent = real == 0 ? least_exponent : std::max(std::ilogb(real), least_exponent);
  return std::ldexp(1.0, exponent - (digits - 1));
}

uint16_t ElementType::nearest(const mpfr_t real) const {
  const int places = digits - 1;
  const uint32_t infinity = ((1u << (15 - places)) - 1) << places;
  if (mpfr_nan_p(real)) return nan;
  const uint16_t sign = mpfr_signbit(real) ? 0x8000 : 0;
  if (mpfr_zero_p(real)) return sign;
  if (mpfr_inf_p(real)) return static_cast<uint16_t>(sign | infinity);
  // Multiples of the last place, whose number is, from the least normal number on, the word but for the exponent.
  const long exponent = std::max<long>(mpfr_get_exp(real) - 1, least_exponent);
  mpfr_t multiple;
  mpfr_init2(multiple, mpfr_get_prec(real) + 16);
  mpfr_mul_2si(multiple, real, places - exponent, MPFR_RNDN);
  mpfr_rint(multiple, multiple, MPFR_RNDN);
  mpfr_abs(multiple, multiple, MPFR_RNDN);
  const double count = mpfr_get_d(multiple, MPFR_RNDN);
  mpfr_clear(multiple);
  if (exponent > 1024) return static_cast<uint16_t>(sign | infinity);
  const double word = count + std::ldexp(static_cast<double>(exponent - least_exponent), places);
  return static_cast<uint16_t>(sign | static_cast<uint32_t>(std::min(word, static_cast<double>(infinity))));
}

uint16_t ElementType::nearest(double real) const {
  mpfr_t exact;
  mpfr_init2(exact, 53);
  mpfr_set_d(exact, real, MPFR_RNDN);
  const uint16_t word = nearest(exact);
  mpfr_clear(exact);
  return word;
}

Words::Words(const ElementType &type, Layout layout, int misalignment)
    : type_(type), layout_(std::move(layout)), offsets_(layout_.offsets()) {
  constexpr int64_t kAround = 64;
  memory_.assign(static_cast<size_t>(layout_.high() - layout_.low() + 1 + 3 * kAround), kCanary);
  const int64_t address = static_cast<int64_t>(reinterpret_cast<uintptr_t>(memory_.data()) / sizeof(uint16_t));
  origin_ = kAround + (32 - (address + kAround) % 32) % 32 + misalignment - layout_.low();
}

Words::Words(const ElementType &type, Layout layout, const std::vector<uint16_t> &words, int misalignment)
    : Words(type, std::move(layout), misalignment) {
  for (size_t i = 0; i < words.size(); ++i) memory_[origin_ + offsets_[i]] = words[i];
}

DLTensor Words::tensor() {
  return {memory_.data() + origin_,
          {kDLCPU, 0},
          static_cast<int32_t>(layout_.shape.size()),
          type_.dlpack,
          layout_.shape.data(),
          layout_.strides.data(),
          0};
}

std::vector<uint16_t> Words::get() const {
  std::vector<uint16_t> words;
  for (int64_t offset : offsets_) words.push_back(memory_[origin_ + offset]);
  return words;
}

bool Words::surroundings_untouched() const {
  std::vector<bool> element(memory_.size());
  for (int64_t offset : offsets_) element[origin_ + offset] = true;
  for (size_t i = 0; i < memory_.size(); ++i)
    if (!element[i] && memory_[i] != kCanary) return false;
  return true;
}

std::vector<uint16_t> run_dense(const ElementwiseOperator &op, const kiln_context *context, const ElementType &type,
                                const std::vector<uint16_t> &words) {
  const Layout layout = dense({static_cast<int64_t>(words.size())});
  Words from(type, layout, words), to(type, layout);
  DLTensor input = from.tensor(), output = to.tensor();
  EXPECT_TRUE(succeeded(op.run(context, &input, &output)));
  return to.get();
}

}  // namespace kiln::test
