#include "element_type.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <type_traits>
#include <vector>

#include "text.h"

namespace kiln::tool {
namespace {

using Kind = ElementType::Kind;

// NumPy's other names of types, by the kind and size that they stand for on 64-bit Linux.
const std::map<std::string, std::vector<std::string>> &names() {
  static const std::map<std::string, std::vector<std::string>> all = {
      {"b1", {"bool", "bool_", "?"}},
      {"i1", {"int8", "byte", "b"}},
      {"u1", {"uint8", "ubyte", "B"}},
      {"i2", {"int16", "short", "h"}},
      {"u2", {"uint16", "ushort", "H"}},
      {"i4", {"int32", "intc", "i"}},
      {"u4", {"uint32", "uintc", "I"}},
      {"i8", {"int64", "int", "int_", "long", "longlong", "intp", "l", "q", "p", "n"}},
      {"u8", {"uint64", "uint", "ulong", "ulonglong", "uintp", "L", "Q", "P", "N"}},
      {"f2", {"float16", "half", "e"}},
      {"f4", {"float32", "single", "f"}},
      {"f8", {"float64", "double", "float", "d"}},
      {"f16", {"float128", "longdouble", "g"}},
      {"c8", {"complex64", "csingle", "F"}},
      {"c16", {"complex128", "cdouble", "complex", "D"}},
      {"c32", {"complex256", "clongdouble", "G"}},
      {"O", {"object"}}};
  return all;
}

// The kind and size of a name without an order; the name itself where it is none of NumPy's. Only those of one letter
// may follow an order.
std::string code_of(const std::string &name, bool ordered) {
  if (!ordered || name.size() == 1)
    for (const auto &[code, same] : names())
      if (std::find(same.begin(), same.end(), name) != same.end()) return code;
  return name;
}

ElementType sized(char letter, size_t size, bool big_endian) {
  const auto known = names().find(letter + std::to_string(size));
  if (known == names().end()) return {};
  ElementType type;
  const bool computable = letter != 'c' && size <= 8;
  const std::map<char, Kind> kinds = {
      {'f', Kind::real}, {'i', Kind::integer}, {'u', Kind::natural}, {'b', Kind::boolean}};
  if (computable) type.kind = kinds.at(letter);
  type.size = size;
  type.big_endian = big_endian && size > 1;
  type.name = (type.big_endian ? "big-endian " : "") + known->second.front();
  return type;
}

ElementType of_objects(const std::string &name) {
  ElementType type;
  type.name = name;
  return type;
}

template <typename Value>
Value load(const unsigned char *from, bool big_endian) {
  unsigned char bytes[sizeof(Value)];
  std::memcpy(bytes, from, sizeof bytes);
  if (big_endian) std::reverse(bytes, bytes + sizeof bytes);
  Value value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

float from_half(uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int fraction = half & 1023;
  float magnitude = std::ldexp(static_cast<float>(exponent ? fraction + 1024 : fraction), std::max(exponent, 1) - 25);
  if (exponent == 31) magnitude = fraction ? std::nanf("") : HUGE_VALF;
  return half & 0x8000 ? -magnitude : magnitude;
}

float from_brain(uint16_t brain) {
  const uint32_t bits = uint32_t{brain} << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

// The loss of a value other than NaN that became `result`.
template <typename Exact>
void count_loss(Exact value, Exact result, Losses &losses) {
  if (value == result || std::isnan(value)) return;
  ++(std::isinf(result) ? losses.infinite : result == 0 ? losses.zero : losses.rounded);
}

// The nearest float32. An integer and it are compared as integers, since double holds 53 bits only.
template <typename Value>
float nearest_float32(Value value, Losses &losses) {
  const float result = static_cast<float>(value);
  if constexpr (std::is_integral_v<Value>) {
    // The type's largest values round to 2^63 or 2^64, which it does not hold.
    const float limit = std::ldexp(1.0f, static_cast<int>(8 * sizeof(Value)) - std::is_signed_v<Value>);
    losses.rounded += !(result < limit) || static_cast<Value>(result) != value;
  } else {
    count_loss(static_cast<double>(value), static_cast<double>(result), losses);
  }
  return result;
}

// A type of 16 bits.
struct Narrow {
  int digits, least_exponent;  // of a normal number
  uint16_t infinity, nan;
};
constexpr Narrow kFloat16 = {11, -14, 0x7c00, 0x7e00}, kBfloat16 = {8, -126, 0x7f80, 0x7fc0};

// The word nearest to a value; long double holds those of every type that is read.
uint16_t nearest_word(const Narrow &type, long double value, Losses &losses) {
  if (std::isnan(value)) return type.nan;
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isinf(value)) return static_cast<uint16_t>(sign | type.infinity);
  const int places = type.digits - 1;
  const int exponent = value == 0 ? type.least_exponent : std::max(std::ilogb(value), type.least_exponent);
  // Multiples of the last place: their number is, from the least normal number on, the word but for the exponent.
  const long double multiple = std::rint(std::ldexp(std::fabs(value), places - exponent));
  const auto word = static_cast<int64_t>(multiple) + (int64_t{exponent - type.least_exponent} << places);
  const bool finite = word < type.infinity;
  const long double result = finite ? std::ldexp(multiple, exponent - places) : static_cast<long double>(HUGE_VAL);
  count_loss(std::fabs(value), result, losses);
  return static_cast<uint16_t>(sign | (finite ? word : type.infinity));
}

// use(i, value) for each element, in a type of C++ that has its value.
template <typename Value, typename Use>
void each(const ElementType &type, const unsigned char *from, int64_t count, const Use &use) {
  for (int64_t i = 0; i < count; ++i, from += sizeof(Value)) use(i, load<Value>(from, type.big_endian));
}
template <typename Use>
void each_value(const ElementType &type, const unsigned char *from, int64_t count, const Use &use) {
  const bool natural = type.kind == Kind::natural;
  if (type.kind == Kind::boolean)
    return each<uint8_t>(type, from, count, [&](int64_t i, uint8_t value) { use(i, value ? 1.0f : 0.0f); });
  if (type.kind == Kind::brain)
    return each<uint16_t>(type, from, count, [&](int64_t i, uint16_t value) { use(i, from_brain(value)); });
  if (type.kind == Kind::real && type.size == 2)
    return each<uint16_t>(type, from, count, [&](int64_t i, uint16_t value) { use(i, from_half(value)); });
  if (type.kind == Kind::real && type.size == 4) return each<float>(type, from, count, use);
  if (type.kind == Kind::real) return each<double>(type, from, count, use);
  switch (type.size) {
    case 1:
      return natural ? each<uint8_t>(type, from, count, use) : each<int8_t>(type, from, count, use);
    case 2:
      return natural ? each<uint16_t>(type, from, count, use) : each<int16_t>(type, from, count, use);
    case 4:
      return natural ? each<uint32_t>(type, from, count, use) : each<int32_t>(type, from, count, use);
    default:
      return natural ? each<uint64_t>(type, from, count, use) : each<int64_t>(type, from, count, use);
  }
}

}  // namespace

std::string Losses::text() const {
  std::vector<std::string> parts;
  for (const auto &[number, what] :
       {std::pair(rounded, " rounded"), {infinite, " made infinite"}, {zero, " made zero"}})
    if (number > 0) parts.push_back(std::to_string(number) + what);
  return join(parts);
}

ElementType parse_type(const std::string &descr) {
  const bool ordered = !descr.empty() && std::string("<>|=").find(descr[0]) != std::string::npos;
  const std::string code = code_of(descr.substr(ordered ? 1 : 0), ordered);
  if ((!ordered && code == "bfloat16") || descr == "<V2") return {Kind::brain, 2, false, "bfloat16"};
  static const std::map<char, std::string> kWithoutNumbers = {
      {'O', "Python objects"}, {'S', "bytes"}, {'U', "text"}, {'V', "raw data"}, {'M', "datetime"}, {'m', "timedelta"}};
  size_t size = 0;
  const char *end = code.data() + code.size();
  const auto [next, error] = std::from_chars(code.data() + std::min<size_t>(1, code.size()), end, size);
  const bool whole = error == std::errc() && next == end;
  const auto other = code.empty() ? kWithoutNumbers.end() : kWithoutNumbers.find(code[0]);
  if (other != kWithoutNumbers.end() && (whole || code.size() == 1 || *next == '[')) return of_objects(other->second);
  if (!whole || std::string("fiubc").find(code[0]) == std::string::npos) return {};
  return sized(code[0], size, ordered && descr[0] == '>');
}

DLDataType ElementType::dlpack() const {
  const uint8_t code = kind == Kind::brain ? kDLBfloat : kDLFloat;
  return {code, static_cast<uint8_t>(8 * size), 1};
}

const char *ElementType::descr() const { return kind == Kind::brain ? "<V2" : size == 2 ? "<f2" : "<f4"; }

std::string names_of_types(const std::vector<std::string> &dtypes) {
  std::vector<std::string> names;
  for (const std::string &dtype : dtypes) names.push_back(dtype + " ('" + parse_type(dtype).descr() + "')");
  return alternatives(names);
}

void convert(const ElementType &type, const unsigned char *from, int64_t count, const ElementType &to_type, void *to,
             Losses &losses) {
  if (to_type.size == 4)
    return each_value(type, from, count,
                      [&](int64_t i, auto value) { static_cast<float *>(to)[i] = nearest_float32(value, losses); });
  const Narrow &narrow = to_type.kind == Kind::brain ? kBfloat16 : kFloat16;
  each_value(type, from, count, [&](int64_t i, auto value) {
    static_cast<uint16_t *>(to)[i] = nearest_word(narrow, static_cast<long double>(value), losses);
  });
}

}  // namespace kiln::tool
