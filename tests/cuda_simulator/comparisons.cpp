// setp: comparisons. Of floating-point numbers, the plain names are false where an operand is NaN, those that end in u
// true.
#include <cmath>

#include "float_values.h"
#include "instruction.h"
#include "types.h"

namespace kilnsim {
namespace {

enum Relation { eq, ne, lt, le, gt, ge };

template <Relation r, class T>
bool holds(T a, T b) {
  switch (r) {
    case eq:
      return a == b;
    case ne:
      return a != b;
    case lt:
      return a < b;
    case le:
      return a <= b;
    case gt:
      return a > b;
    case ge:
      return a >= b;
  }
}

template <class T>
bool unordered(T a, T b) {
  return a != a || b != b;
}

template <Relation r, bool z, class T>
bool if_ordered(T a, T b) {
  return !unordered(a, b) && holds<r>(operand<z>(a), operand<z>(b));
}
template <Relation r, bool z, class T>
bool or_unordered(T a, T b) {
  return unordered(a, b) || holds<r>(operand<z>(a), operand<z>(b));
}
template <class T>
bool both_numbers(T a, T b) {
  return !unordered(a, b);
}

template <class T>
void equality(InstructionTable &t, const std::string &type) {
  t["setp.eq." + type] = lanes_of<holds<eq, T>>();
  t["setp.ne." + type] = lanes_of<holds<ne, T>>();
}

template <class T>
void order(InstructionTable &t) {
  const std::string type = type_name<T>();
  equality<T>(t, type);
  t["setp.lt." + type] = lanes_of<holds<lt, T>>();
  t["setp.le." + type] = lanes_of<holds<le, T>>();
  t["setp.gt." + type] = lanes_of<holds<gt, T>>();
  t["setp.ge." + type] = lanes_of<holds<ge, T>>();
  if constexpr (std::is_unsigned_v<T>) {
    t["setp.lo." + type] = lanes_of<holds<lt, T>>();
    t["setp.ls." + type] = lanes_of<holds<le, T>>();
    t["setp.hi." + type] = lanes_of<holds<gt, T>>();
    t["setp.hs." + type] = lanes_of<holds<ge, T>>();
  }
}

template <Relation r, bool z, class T>
void float_relation(InstructionTable &t, const std::string &name, const std::string &type) {
  t["setp." + name + "." + type] = lanes_of<if_ordered<r, z, T>>();
  t["setp." + name + "u." + type] = lanes_of<or_unordered<r, z, T>>();
}

template <bool z, class T>
void float_order(InstructionTable &t) {
  const std::string type = (z ? "ftz." : "") + type_name<T>();
  float_relation<eq, z, T>(t, "eq", type);
  float_relation<ne, z, T>(t, "ne", type);
  float_relation<lt, z, T>(t, "lt", type);
  float_relation<le, z, T>(t, "le", type);
  float_relation<gt, z, T>(t, "gt", type);
  float_relation<ge, z, T>(t, "ge", type);
  t["setp.num." + type] = lanes_of<both_numbers<T>>();
  t["setp.nan." + type] = lanes_of<unordered<T>>();
}

}  // namespace

void add_comparisons(InstructionTable &t) {
  for_each(Integers(), [&](auto a) { order<decltype(a)>(t); });
  for_each(Unsigned(), [&](auto a) { equality<decltype(a)>(t, "b" + bits_of<decltype(a)>()); });
  float_order<false, float>(t);
  float_order<true, float>(t);
  float_order<false, double>(t);
}

}  // namespace kilnsim
