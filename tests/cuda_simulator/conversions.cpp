// cvt. Conversions to integers take the nearest end of the range where the value lies outside; NaN gives 0, or where
// one of the types has 64 bits, the one number whose top bit alone is set.
#include <cmath>
#include <limits>
#include <tuple>

#include "float_values.h"
#include "instruction.h"

namespace kilnsim {
namespace {

enum Rounding { nearest, zero, down, up };
constexpr const char *kRoundingNames[] = {"rn", "rz", "rm", "rp"};

template <class To, class From>
To integer_to_integer(From a) {
  return To(a);
}

template <class To, class From>
To saturated(From a) {
  const __int128 value = a, least = std::numeric_limits<To>::min(), most = std::numeric_limits<To>::max();
  return To(value < least ? least : value > most ? most : value);
}

template <Rounding r, class T>
T integral(T a) {
  switch (r) {
    case nearest:
      return std::nearbyint(a);
    case zero:
      return std::trunc(a);
    case down:
      return std::floor(a);
    case up:
      return std::ceil(a);
  }
}

template <bool z, class T>
T converted(T a) {
  if constexpr (z) {
    return flush(a);
  } else {
    return a;
  }
}

template <class To, class From, Rounding r, bool z>
To float_to_integer(From a) {
  if (a != a)
    return sizeof(From) == 8 || sizeof(To) == 8 ? To(std::make_unsigned_t<To>(1) << (8 * sizeof(To) - 1)) : To(0);
  const From whole = integral<r>(converted<z>(a));
  // 2^n and -2^n have exact floating-point values; the greatest integer has not.
  const From beyond = std::ldexp(From(1), std::numeric_limits<To>::digits);
  if (whole >= beyond) return std::numeric_limits<To>::max();
  if (whole < (std::is_signed_v<To> ? -beyond : From(0))) return std::numeric_limits<To>::min();
  return To(whole);
}

// Rounds what a long double holds exactly: a 64-bit integer or a double.
template <class To, Rounding r, class From>
To directed(From a) {
  To f = To(a);
  if (r == nearest || std::isnan(f)) return f;
  const long double exact = a, got = f;
  const bool above = r == down || (r == zero && exact > 0), below = r == up || (r == zero && exact < 0);
  if (above && got > exact) f = std::nextafter(f, -std::numeric_limits<To>::infinity());
  if (below && got < exact) f = std::nextafter(f, std::numeric_limits<To>::infinity());
  return f;
}

template <class To, class From, Rounding r>
To integer_to_float(From a) {
  return directed<To, r>(a);
}

template <Rounding r, bool z>
float narrowed(double a) {
  return result32<z>(directed<float, r>(a));
}
template <bool z>
double widened(float a) {
  return result64(double(operand<z>(a)), double(a));
}

template <bool z>
float same32(float a) {
  return result32<z>(operand<z>(a));
}
template <Rounding r, bool z>
float whole32(float a) {
  return result32<z>(integral<r>(operand<z>(a)));
}
template <Rounding r>
double whole64(double a) {
  return result64(integral<r>(a), a);
}
// .sat: into [0, 1], NaN to +0.
template <bool z>
float unit32(float a) {
  a = operand<z>(a);
  return a >= 1 ? 1 : a > 0 ? a : 0;
}

template <class T>
constexpr const char *name() {
  constexpr bool is_signed = std::is_signed_v<T>;
  switch (sizeof(T)) {
    case 1:
      return is_signed ? "s8" : "u8";
    case 2:
      return is_signed ? "s16" : "u16";
    case 4:
      return is_signed ? "s32" : "u32";
    default:
      return is_signed ? "s64" : "u64";
  }
}

void add(InstructionTable &t, const std::string &modifiers, const std::string &to, const std::string &from,
         Instruction i) {
  i.wider = true;
  t["cvt." + modifiers + to + "." + from] = i;
}

template <class To, class... From>
void from_integers(InstructionTable &t, std::tuple<From...>) {
  (add(t, "", name<To>(), name<From>(), lanes_of<integer_to_integer<To, From>>()), ...);
  (add(t, "sat.", name<To>(), name<From>(), lanes_of<saturated<To, From>>()), ...);
}

template <Rounding r, class I>
void integer_and_floats(InstructionTable &t) {
  const std::string rounding = std::string(kRoundingNames[r]) + ".", whole = std::string(kRoundingNames[r]) + "i.";
  for (const std::string saturation : {"", "sat."}) {  // it always does
    add(t, whole + saturation, name<I>(), "f32", lanes_of<float_to_integer<I, float, r, false>>());
    add(t, whole + "ftz." + saturation, name<I>(), "f32", lanes_of<float_to_integer<I, float, r, true>>());
    add(t, whole + saturation, name<I>(), "f64", lanes_of<float_to_integer<I, double, r, false>>());
  }
  add(t, rounding, "f32", name<I>(), lanes_of<integer_to_float<float, I, r>>());
  add(t, rounding, "f64", name<I>(), lanes_of<integer_to_float<double, I, r>>());
}

template <Rounding r, class... I>
void each_integer(InstructionTable &t, std::tuple<I...>) {
  (integer_and_floats<r, I>(t), ...);
}

using Integers = std::tuple<int8_t, uint8_t, int16_t, uint16_t, int32_t, uint32_t, int64_t, uint64_t>;

template <class... To>
void between_integers(InstructionTable &t, std::tuple<To...>) {
  (from_integers<To>(t, Integers()), ...);
}

template <Rounding r>
void rounded(InstructionTable &t) {
  each_integer<r>(t, Integers());
  const std::string rounding = std::string(kRoundingNames[r]) + ".", whole = std::string(kRoundingNames[r]) + "i.";
  add(t, rounding, "f32", "f64", lanes_of<narrowed<r, false>>());
  add(t, rounding + "ftz.", "f32", "f64", lanes_of<narrowed<r, true>>());
  add(t, whole, "f32", "f32", lanes_of<whole32<r, false>>());
  add(t, whole + "ftz.", "f32", "f32", lanes_of<whole32<r, true>>());
  add(t, whole, "f64", "f64", lanes_of<whole64<r>>());
}

}  // namespace

void add_conversions(InstructionTable &t) {
  between_integers(t, Integers());
  rounded<nearest>(t);
  rounded<zero>(t);
  rounded<down>(t);
  rounded<up>(t);
  add(t, "", "f64", "f32", lanes_of<widened<false>>());
  add(t, "ftz.", "f64", "f32", lanes_of<widened<true>>());
  add(t, "ftz.", "f32", "f32", lanes_of<same32<true>>());
  add(t, "sat.", "f32", "f32", lanes_of<unit32<false>>());
  add(t, "ftz.sat.", "f32", "f32", lanes_of<unit32<true>>());
}

}  // namespace kilnsim
