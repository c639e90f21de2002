#include "element_type.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
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

// The nearest float32, with the loss counted.
float nearest(double value, Losses &losses) {
  const float result = static_cast<float>(value);
  if (std::isnan(value) || result == value) return result;
  ++(std::isinf(result) ? losses.infinite : result == 0 ? losses.zero : losses.rounded);
  return result;
}

// An integer: float32 and it are compared as integers, since double holds 53 bits only.
template <typename Integer>
float nearest_integer(Integer value, Losses &losses) {
  const float result = static_cast<float>(value);
  // The type's largest values round to 2^63 or 2^64, which it does not hold.
  const float limit = std::ldexp(1.0f, static_cast<int>(8 * sizeof(Integer)) - (Integer(-1) < Integer(0)));
  losses.rounded += !(result < limit) || static_cast<Integer>(result) != value;
  return result;
}

template <typename Value, typename Convert>
void convert(const ElementType &type, const unsigned char *from, int64_t count, float *to, const Convert &one) {
  for (int64_t i = 0; i < count; ++i, from += sizeof(Value)) to[i] = one(load<Value>(from, type.big_endian));
}

template <typename Integer>
void convert_integers(const ElementType &type, const unsigned char *from, int64_t count, float *to, Losses &losses) {
  convert<Integer>(type, from, count, to, [&](Integer value) { return nearest_integer(value, losses); });
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
  if (!ordered && code == "bfloat16") return {Kind::brain, 2, false, "bfloat16"};
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

void to_float32(const ElementType &type, const unsigned char *from, int64_t count, float *to, Losses &losses) {
  const bool natural = type.kind == Kind::natural;
  if (type.kind == Kind::boolean)
    return convert<uint8_t>(type, from, count, to, [](uint8_t value) { return value ? 1.0f : 0.0f; });
  if (type.kind == Kind::brain) return convert<uint16_t>(type, from, count, to, from_brain);
  if (type.kind == Kind::real && type.size == 2) return convert<uint16_t>(type, from, count, to, from_half);
  if (type.kind == Kind::real && type.size == 4)
    return convert<float>(type, from, count, to, [](float value) { return value; });
  if (type.kind == Kind::real)
    return convert<double>(type, from, count, to, [&](double value) { return nearest(value, losses); });
  switch (type.size) {
    case 1:
      return (natural ? convert_integers<uint8_t> : convert_integers<int8_t>)(type, from, count, to, losses);
    case 2:
      return (natural ? convert_integers<uint16_t> : convert_integers<int16_t>)(type, from, count, to, losses);
    case 4:
      return (natural ? convert_integers<uint32_t> : convert_integers<int32_t>)(type, from, count, to, losses);
    default:
      return (natural ? convert_integers<uint64_t> : convert_integers<int64_t>)(type, from, count, to, losses);
  }
}

}  // namespace kiln::tool
