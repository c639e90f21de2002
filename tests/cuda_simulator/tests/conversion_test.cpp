// cvt against MPFR, and its rules for NaN and for values out of range.
#include <algorithm>

#include "exact.h"

namespace {

class Conversions : public InstructionCheck {};

template <class To>
constexpr mpfr_prec_t kWide = 70;  // holds every 64-bit integer and every double

// Rounds to an integer, then into the range.
template <class To, class From, int rounding>
To to_integer(From a) {
  if (a != a) return sizeof(To) < 8 && sizeof(From) < 8 ? To(0) : To(uint64_t(1) << (8 * sizeof(To) - 1));
  mpfr_t x;
  mpfr_init2(x, kWide<To>);
  mpfr_set_d(x, double(a), MPFR_RNDN);
  mpfr_rint(x, x, mpfr_rnd_t(rounding));
  To result;
  if (std::is_signed_v<To>) {
    const intmax_t v = mpfr_get_si(x, MPFR_RNDZ);  // the nearest end where x is out of its range
    result =
        To(std::clamp<intmax_t>(v, intmax_t(std::numeric_limits<To>::min()), intmax_t(std::numeric_limits<To>::max())));
  } else {
    const uintmax_t v = mpfr_sgn(x) < 0 ? 0 : mpfr_get_ui(x, MPFR_RNDZ);
    result = To(std::min<uintmax_t>(v, uintmax_t(std::numeric_limits<To>::max())));
  }
  mpfr_clear(x);
  return result;
}

template <class To, class From, int rounding>
To from_integer(From a) {
  mpfr_t x;
  mpfr_init2(x, kWide<To>);
  if (std::is_signed_v<From>)
    mpfr_set_si(x, long(a), MPFR_RNDN);
  else
    mpfr_set_ui(x, static_cast<unsigned long>(a), MPFR_RNDN);
  const To r =
      rounded_result<To>(mpfr_rnd_t(rounding), [&](mpfr_t to) { return mpfr_set(to, x, mpfr_rnd_t(rounding)); });
  mpfr_clear(x);
  // MPFR's zero is positive, as an integer's.
  return r;
}

template <int rounding>
float narrowed(double a) {
  const Exact<double> x(a);
  return hardware_nan(
      rounded_result<float>(mpfr_rnd_t(rounding), [&](mpfr_t to) { return mpfr_set(to, x.v, mpfr_rnd_t(rounding)); }));
}

template <class T, int rounding>
T whole(T a) {
  const Exact<T> x(a);
  const T r = rounded_result<T>(MPFR_RNDN, [&](mpfr_t to) { return mpfr_rint(to, x.v, mpfr_rnd_t(rounding)); });
  if constexpr (sizeof(T) == 4)
    return hardware_nan(r);
  else
    return hardware_nan(r, a);
}

// mpfr_rint's nearest takes halves away from zero; this one to even.
int nearest_even(mpfr_t to, const mpfr_t a, mpfr_rnd_t r) { return mpfr_roundeven(to, a) + 0 * int(r); }

TEST_F(Conversions, floats_to_integers) {
  check("cvt.rzi.s32.f32", to_integer<int32_t, float, MPFR_RNDZ>);
  check("cvt.rzi.u32.f32", to_integer<uint32_t, float, MPFR_RNDZ>);
  check("cvt.rmi.s32.f32", to_integer<int32_t, float, MPFR_RNDD>);
  check("cvt.rpi.s64.f32", to_integer<int64_t, float, MPFR_RNDU>);
  check("cvt.rni.s32.f32", to_integer<int32_t, float, MPFR_RNDN>);
  check("cvt.rni.s64.f64", to_integer<int64_t, double, MPFR_RNDN>);
  check("cvt.rzi.u64.f64", to_integer<uint64_t, double, MPFR_RNDZ>);
  check("cvt.rzi.s32.f64", to_integer<int32_t, double, MPFR_RNDZ>);
  check("cvt.rzi.u16.f32", to_integer<uint16_t, float, MPFR_RNDZ>);
  check("cvt.rzi.s16.f32", to_integer<int16_t, float, MPFR_RNDZ>);
}

TEST_F(Conversions, integers_to_floats) {
  check("cvt.rn.f32.s32", from_integer<float, int32_t, MPFR_RNDN>);
  check("cvt.rn.f32.u32", from_integer<float, uint32_t, MPFR_RNDN>);
  check("cvt.rz.f32.s32", from_integer<float, int32_t, MPFR_RNDZ>);
  check("cvt.rm.f32.s64", from_integer<float, int64_t, MPFR_RNDD>);
  check("cvt.rp.f32.u64", from_integer<float, uint64_t, MPFR_RNDU>);
  check("cvt.rn.f32.u64", from_integer<float, uint64_t, MPFR_RNDN>);
  check("cvt.rn.f64.s32", from_integer<double, int32_t, MPFR_RNDN>);
  check("cvt.rn.f64.u64", from_integer<double, uint64_t, MPFR_RNDN>);
  check("cvt.rz.f64.s64", from_integer<double, int64_t, MPFR_RNDZ>);
}

TEST_F(Conversions, between_floats) {
  check("cvt.rn.f32.f64", narrowed<MPFR_RNDN>);
  check("cvt.rz.f32.f64", narrowed<MPFR_RNDZ>);
  check("cvt.rm.f32.f64", narrowed<MPFR_RNDD>);
  check("cvt.rp.f32.f64", narrowed<MPFR_RNDU>);
  check_as<double, float>("cvt.f64.f32", [](float a) { return hardware_nan(double(a), double(a)); });
}

TEST_F(Conversions, to_whole_floats) {
  check("cvt.rmi.f32.f32", whole<float, MPFR_RNDD>);
  check("cvt.rpi.f32.f32", whole<float, MPFR_RNDU>);
  check("cvt.rzi.f32.f32", whole<float, MPFR_RNDZ>);
  check("cvt.rni.f32.f32", exact1<float, nearest_even>);
  check("cvt.rmi.f64.f64", whole<double, MPFR_RNDD>);
  check("cvt.rni.f64.f64", exact1<double, nearest_even>);
  check_as<float, float>("cvt.rmi.ftz.f32.f32", [](float a) {
    const bool small = (bits_of(a) & 0x7f800000) == 0;
    return whole<float, MPFR_RNDD>(small ? from_bits<float>(bits_of(a) & 0x80000000) : a);
  });
  check_as<float, float>("cvt.sat.f32.f32", [](float a) { return a > 0 ? std::min(a, 1.0f) : 0.0f; });
}

TEST_F(Conversions, between_integers) {
  check_as<int64_t, int32_t>("cvt.s64.s32", [](int32_t a) { return int64_t(a); });
  check_as<uint64_t, uint32_t>("cvt.u64.u32", [](uint32_t a) { return uint64_t(a); });
  check_as<uint32_t, uint64_t>("cvt.u32.u64", [](uint64_t a) { return uint32_t(a % (uint64_t(1) << 32)); });
  check_as<uint16_t, uint32_t>("cvt.u16.u32", [](uint32_t a) { return uint16_t(a % 65536); });
  check_as<int32_t, int16_t>("cvt.s32.s16", [](int16_t a) { return int32_t(a); });
  check_as<int32_t, int8_t>("cvt.s32.s8", [](int8_t a) { return int32_t(a); });
  check_as<int16_t, int64_t>("cvt.sat.s16.s64", [](int64_t a) {
    return int16_t(a < -32768 ? -32768 : a > 32767 ? 32767 : a);
  });
  check_as<uint32_t, int32_t>("cvt.sat.u32.s32", [](int32_t a) { return a < 0 ? 0u : uint32_t(a); });
}

}  // namespace
