// Floating-point instructions against MPFR, and their rules for NaN, zeros and subnormals.
#include <cfenv>

#include "exact.h"

namespace {

class FloatInstructions : public InstructionCheck {};

int reciprocal(mpfr_t to, const mpfr_t a, mpfr_rnd_t r) { return mpfr_ui_div(to, 1, a, r); }

template <class T>
bool negative(T a) {
  return bits_of(a) >> (8 * sizeof(T) - 1);
}
template <class T>
T with_sign(T a, bool sign) {
  const Bits<T> top = Bits<T>(1) << (8 * sizeof(T) - 1);
  return from_bits<T>(sign ? bits_of(a) | top : bits_of(a) & ~top);
}

template <class T>
T expected_min(T a, T b) {
  if (a != a && b != b) {
    if constexpr (sizeof(T) == 4)
      return hardware_nan(a);
    else
      return hardware_nan(a, a, b);
  }
  if (a != a) return b;
  if (b != b) return a;
  if (a == 0 && b == 0) return negative(a) ? a : b;
  return b < a ? b : a;
}
template <class T>
T expected_max(T a, T b) {
  if (a != a || b != b) return expected_min(a, b);
  if (a == 0 && b == 0) return negative(a) ? b : a;
  return b > a ? b : a;
}
float expected_min_nan(float a, float b) { return a != a || b != b ? hardware_nan(NAN) : expected_min(a, b); }

float flushed(float a) { return (bits_of(a) & 0x7f800000) == 0 ? with_sign(0.0f, negative(a)) : a; }
float expected_add_ftz(float a, float b) { return flushed(exact2<float, mpfr_add>(flushed(a), flushed(b))); }
float expected_mul_ftz(float a, float b) { return flushed(exact2<float, mpfr_mul>(flushed(a), flushed(b))); }

TEST_F(FloatInstructions, single_precision_is_exact) {
  check("add.f32", exact2<float, mpfr_add>);
  check("add.rn.f32", exact2<float, mpfr_add>);
  check("sub.rn.f32", exact2<float, mpfr_sub>);
  check("mul.rn.f32", exact2<float, mpfr_mul>);
  check("div.rn.f32", exact2<float, mpfr_div>);
  check("fma.rn.f32", exact_fma<float>);
  check("sqrt.rn.f32", exact1<float, mpfr_sqrt>);
  check("rcp.rn.f32", exact1<float, reciprocal>);
}

TEST_F(FloatInstructions, double_precision_is_exact) {
  check("add.f64", exact2<double, mpfr_add>);
  check("sub.rn.f64", exact2<double, mpfr_sub>);
  check("mul.f64", exact2<double, mpfr_mul>);
  check("div.rn.f64", exact2<double, mpfr_div>);
  check("fma.rn.f64", exact_fma<double>);
  check("sqrt.rn.f64", exact1<double, mpfr_sqrt>);
  check("rcp.rn.f64", exact1<double, reciprocal>);
}

TEST_F(FloatInstructions, subnormals_are_flushed_only_where_ftz_says_so) {
  check("add.ftz.f32", expected_add_ftz);
  check("mul.rn.ftz.f32", expected_mul_ftz);
}

TEST_F(FloatInstructions, minima_and_maxima_prefer_numbers_and_order_zeros) {
  check("min.f32", expected_min<float>);
  check("max.f32", expected_max<float>);
  check("min.f64", expected_min<double>);
  check("max.f64", expected_max<double>);
  check("min.NaN.f32", expected_min_nan);
}

TEST_F(FloatInstructions, signs) {
  check_as<float, float>("neg.f32", [](float a) { return hardware_nan(with_sign(a, !negative(a))); });
  check_as<float, float>("abs.f32", [](float a) { return hardware_nan(with_sign(a, false)); });
  check_as<double, double>("neg.f64", [](double a) { return with_sign(a, !negative(a)); });
  check_as<double, double>("abs.f64", [](double a) { return with_sign(a, false); });
  check_as<float, float, float>("copysign.f32", [](float a, float b) { return with_sign(b, negative(a)); });
}

// Comparisons by the order of the bits, turned into integers that grow with the number.
template <class T>
bool is_nan(T a) {
  return a != a;
}
template <class T>
int64_t rank(T a) {
  const int64_t magnitude = int64_t(bits_of(with_sign(a, false)));
  return negative(a) ? -magnitude : magnitude;
}
template <class T, bool if_nan>
bool less(T a, T b) {
  return is_nan(a) || is_nan(b) ? if_nan : rank(a) < rank(b);
}
template <class T, bool if_nan>
bool at_most(T a, T b) {
  return is_nan(a) || is_nan(b) ? if_nan : rank(a) <= rank(b);
}
template <class T, bool if_nan>
bool equal(T a, T b) {
  return is_nan(a) || is_nan(b) ? if_nan : rank(a) == rank(b);
}
template <class T, bool if_nan>
bool unequal(T a, T b) {
  return is_nan(a) || is_nan(b) ? if_nan : rank(a) != rank(b);
}
template <class T, bool if_nan>
bool greater(T a, T b) {
  return less<T, if_nan>(b, a);
}
template <class T, bool if_nan>
bool at_least(T a, T b) {
  return at_most<T, if_nan>(b, a);
}

template <class T, bool if_nan, class Check>
void each_relation(Check &&check, const std::string &suffix) {
  check("setp.lt" + suffix, less<T, if_nan>);
  check("setp.le" + suffix, at_most<T, if_nan>);
  check("setp.gt" + suffix, greater<T, if_nan>);
  check("setp.ge" + suffix, at_least<T, if_nan>);
  check("setp.eq" + suffix, equal<T, if_nan>);
  check("setp.ne" + suffix, unequal<T, if_nan>);
}

TEST_F(FloatInstructions, comparisons_with_nan) {
  const auto run_check = [this](const std::string &name, auto *reference) { check(name, reference); };
  each_relation<float, false>(run_check, ".f32");
  each_relation<float, true>(run_check, "u.f32");
  each_relation<double, false>(run_check, ".f64");
  each_relation<double, true>(run_check, "u.f64");
  check_as<bool, float, float>("setp.num.f32", [](float a, float b) { return !is_nan(a) && !is_nan(b); });
  check_as<bool, double, double>("setp.nan.f64", [](double a, double b) { return is_nan(a) || is_nan(b); });
}

TEST_F(FloatInstructions, the_callers_rounding_mode_does_not_matter) {
  const CUfunction f = function(kernel_text(
      ".param .u64 out",
      "ld.param.u64 %d0, [out];\nmov.b32 %r0, 0f3F800000;\nmov.b32 %r1, 0f40400000;\ndiv.rn.f32 %r2, %r0, %r1;\n"
      "st.global.b32 [%d0], %r2;"));
  const OnDevice<float> out(1);
  const int before = fegetround();
  fesetround(FE_DOWNWARD);
  const CUresult result = run(f, 1, 1, 0, out.address);
  EXPECT_EQ(fegetround(), FE_DOWNWARD);
  fesetround(before);
  ASSERT_EQ(result, CUDA_SUCCESS);
  EXPECT_EQ(bits_of(out.values()[0]), 0x3eaaaaabu);
}

}  // namespace
