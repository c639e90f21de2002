// Integer arithmetic. Sums and products wrap.
#include <limits>

#include "instruction.h"
#include "types.h"

namespace kilnsim {
namespace {

template <class T>
using Bits = std::make_unsigned_t<T>;

// The type of twice the width.
template <class T>
struct Twice;
template <>
struct Twice<int16_t> {
  using type = int32_t;
};
template <>
struct Twice<uint16_t> {
  using type = uint32_t;
};
template <>
struct Twice<int32_t> {
  using type = int64_t;
};
template <>
struct Twice<uint32_t> {
  using type = uint64_t;
};
template <>
struct Twice<int64_t> {
  using type = __int128;
};
template <>
struct Twice<uint64_t> {
  using type = unsigned __int128;
};
template <class T>
using Wide = typename Twice<T>::type;

// In 64 bits, where 16-bit operands do not become int.
template <class T>
T add(T a, T b) {
  return T(uint64_t(a) + uint64_t(b));
}
template <class T>
T sub(T a, T b) {
  return T(uint64_t(a) - uint64_t(b));
}
template <class T>
T mul_lo(T a, T b) {
  return T(uint64_t(a) * uint64_t(b));
}
template <class T>
T mul_hi(T a, T b) {
  return T((Wide<T>(a) * Wide<T>(b)) >> (8 * sizeof(T)));
}
template <class T>
Wide<T> mul_wide(T a, T b) {
  return Wide<T>(a) * Wide<T>(b);
}
template <class T>
T mad_lo(T a, T b, T c) {
  return add(mul_lo(a, b), c);
}
template <class T>
T mad_hi(T a, T b, T c) {
  return add(mul_hi(a, b), c);
}
template <class T>
Wide<T> mad_wide(T a, T b, Wide<T> c) {
  return add(mul_wide(a, b), c);
}

// Division by zero gives all ones, which PTX leaves open; the least number by -1 wraps.
template <class T>
bool overflows(T a, T b) {
  return std::is_signed_v<T> && a == std::numeric_limits<T>::min() && b == T(-1);
}
template <class T>
T div(T a, T b) {
  if (b == 0) return T(-1);
  return overflows(a, b) ? a : T(a / b);
}
template <class T>
T rem(T a, T b) {
  if (b == 0) return T(-1);
  return overflows(a, b) ? T(0) : T(a % b);
}

template <class T>
T min(T a, T b) {
  return a < b ? a : b;
}
template <class T>
T max(T a, T b) {
  return a > b ? a : b;
}
template <class T>
T neg(T a) {
  return sub(T(0), a);
}
template <class T>
T abs(T a) {
  return a < 0 ? neg(a) : a;
}

template <class T>
T shift_right(T a, uint32_t n) {
  constexpr uint32_t width = 8 * sizeof(T);
  if (n >= width) return a < T(0) ? T(-1) : T(0);
  return T(a >> n);
}

template <class T>
void any(InstructionTable &t) {
  const std::string type = type_name<T>();
  t["add." + type] = lanes_of<add<T>>();
  t["sub." + type] = lanes_of<sub<T>>();
  t["mul.lo." + type] = lanes_of<mul_lo<T>>();
  t["mul.hi." + type] = lanes_of<mul_hi<T>>();
  t["mad.lo." + type] = lanes_of<mad_lo<T>>();
  t["mad.hi." + type] = lanes_of<mad_hi<T>>();
  t["div." + type] = lanes_of<div<T>>();
  t["rem." + type] = lanes_of<rem<T>>();
  t["min." + type] = lanes_of<min<T>>();
  t["max." + type] = lanes_of<max<T>>();
  t["shr." + type] = lanes_of<shift_right<T>>();
  if constexpr (sizeof(T) < 8) {
    t["mul.wide." + type] = lanes_of<mul_wide<T>>();
    t["mad.wide." + type] = lanes_of<mad_wide<T>>();
  }
  if constexpr (std::is_signed_v<T>) {
    t["neg." + type] = lanes_of<neg<T>>();
    t["abs." + type] = lanes_of<abs<T>>();
  }
}

}  // namespace

void add_integer_instructions(InstructionTable &t) {
  for_each(Integers(), [&](auto a) { any<decltype(a)>(t); });
}

}  // namespace kilnsim
