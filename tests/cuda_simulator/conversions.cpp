// cvt. Conversions to integers take the nearest end of the range where the value lies outside; NaN gives 0, or where
// one of the types has 64 bits, the one number whose top bit alone is set.
#include <cmath>
#include <limits>

#include "float_values.h"
#include "instruction.h"
#include "types.h"

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

template <class To, class From, Rounding r, bool z>
To float_to_integer(From a) {
  if (a != a)
    return sizeof(From) == 8 || sizeof(To) == 8 ? To(std::make_unsigned_t<To>(1) << (8 * sizeof(To) - 1)) : To(0);
  const From whole = integral<r>(operand<z>(a));
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

template <class To, class From>
void add(InstructionTable &t, const std::string &modifiers, Instruction i) {
  i.wider = true;
  t["cvt." + modifiers + type_name<To>() + "." + type_name<From>()] = i;
}

template <class To, class From>
void between_integers(InstructionTable &t) {
  add<To, From>(t, "", lanes_of<integer_to_integer<To, From>>());
  add<To, From>(t, "sat.", lanes_of<saturated<To, From>>());
}

template <Rounding r, class I>
void integer_and_floats(InstructionTable &t) {
  const std::string rounding = std::string(kRoundingNames[r]) + ".", whole = std::string(kRoundingNames[r]) + "i.";
  for (const std::string saturation : {"", "sat."}) {  // it always does
    add<I, float>(t, whole + saturation, lanes_of<float_to_integer<I, float, r, false>>());
    add<I, float>(t, whole + "ftz." + saturation, lanes_of<float_to_integer<I, float, r, true>>());
    add<I, double>(t, whole + saturation, lanes_of<float_to_integer<I, double, r, false>>());
  }
  add<float, I>(t, rounding, lanes_of<integer_to_float<float, I, r>>());
  add<double, I>(t, rounding, lanes_of<integer_to_float<double, I, r>>());
}

template <Rounding r>
void rounded(InstructionTable &t) {
  for_each(IntegersAndBytes(), [&](auto a) { integer_and_floats<r, decltype(a)>(t); });
  const std::string rounding = std::string(kRoundingNames[r]) + ".", whole = std::string(kRoundingNames[r]) + "i.";
  add<float, double>(t, rounding, lanes_of<narrowed<r, false>>());
  add<float, double>(t, rounding + "ftz.", lanes_of<narrowed<r, true>>());
  add<float, float>(t, whole, lanes_of<whole32<r, false>>());
  add<float, float>(t, whole + "ftz.", lanes_of<whole32<r, true>>());
  add<double, double>(t, whole, lanes_of<whole64<r>>());
}

}  // namespace

void add_conversions(InstructionTable &t) {
  for_each(IntegersAndBytes(), [&](auto to) {
    for_each(IntegersAndBytes(), [&](auto from) { between_integers<decltype(to), decltype(from)>(t); });
  });
  rounded<nearest>(t);
  rounded<zero>(t);
  rounded<down>(t);
  rounded<up>(t);
  add<double, float>(t, "", lanes_of<widened<false>>());
  add<double, float>(t, "ftz.", lanes_of<widened<true>>());
  add<float, float>(t, "ftz.", lanes_of<same32<true>>());
  add<float, float>(t, "sat.", lanes_of<unit32<false>>());
  add<float, float>(t, "ftz.sat.", lanes_of<unit32<true>>());
}

}  // namespace kilnsim
