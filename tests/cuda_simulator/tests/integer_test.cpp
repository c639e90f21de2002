// Integer instructions: values by arithmetic in 128 bits, bit fields by strings of bits.
#include <algorithm>
#include <bitset>

#include "instruction_check.h"

namespace {

class IntegerInstructions : public InstructionCheck {
 protected:
  template <class T>
  void arithmetic(const std::string &type);
};

using Big = __int128;

template <class T>
T sum(T a, T b) {
  return T(Big(a) + Big(b));
}
template <class T>
T difference(T a, T b) {
  return T(Big(a) - Big(b));
}
template <class T>
T low_product(T a, T b) {
  return T(uint64_t(a) * uint64_t(b));
}
// Of 64 bits by parts of 32.
uint64_t high64(uint64_t a, uint64_t b) {
  const uint64_t m = 0xffffffff, low = (a & m) * (b & m), cross = (a >> 32) * (b & m) + (low >> 32);
  return (a >> 32) * (b >> 32) + (cross >> 32) + (((cross & m) + (a & m) * (b >> 32)) >> 32);
}
template <class T>
T high_product(T a, T b) {
  if constexpr (sizeof(T) < 8) {
    return T((Big(a) * Big(b)) >> (8 * sizeof(T)));
  } else {
    uint64_t h = high64(uint64_t(a), uint64_t(b));
    if (std::is_signed_v<T> && int64_t(a) < 0) h -= uint64_t(b);
    if (std::is_signed_v<T> && int64_t(b) < 0) h -= uint64_t(a);
    return T(h);
  }
}
template <class T>
T low_sum_of_product(T a, T b, T c) {
  return T(uint64_t(low_product(a, b)) + uint64_t(c));
}
template <class T>
T high_sum_of_product(T a, T b, T c) {
  return T(uint64_t(high_product(a, b)) + uint64_t(c));
}
template <class T>
T quotient(T a, T b) {
  return b == 0 ? T(-1) : T(Big(a) / Big(b));
}
template <class T>
T remainder(T a, T b) {
  return b == 0 ? T(-1) : T(Big(a) % Big(b));
}
template <class T>
T least(T a, T b) {
  return std::min(a, b);
}
template <class T>
T most(T a, T b) {
  return std::max(a, b);
}
template <class T>
T shifted_right(T a, uint32_t n) {
  return T(Big(a) >> std::min(n, 100u));
}
template <class T>
T shifted_left(T a, uint32_t n) {
  return n > 63 ? T(0) : T(uint64_t(a) << n);
}

template <class T>
void IntegerInstructions::arithmetic(const std::string &type) {
  check("add." + type, sum<T>);
  check("sub." + type, difference<T>);
  check("mul.lo." + type, low_product<T>);
  check("mul.hi." + type, high_product<T>);
  check("mad.lo." + type, low_sum_of_product<T>);
  check("mad.hi." + type, high_sum_of_product<T>);
  check("div." + type, quotient<T>);
  check("rem." + type, remainder<T>);
  check("min." + type, least<T>);
  check("max." + type, most<T>);
  check("shr." + type, shifted_right<T>);
  check_as<bool, T, T>("setp.lt." + type, [](T a, T b) { return Big(a) < Big(b); });
  check_as<bool, T, T>("setp.le." + type, [](T a, T b) { return Big(a) <= Big(b); });
  check_as<bool, T, T>("setp.gt." + type, [](T a, T b) { return Big(a) > Big(b); });
  check_as<bool, T, T>("setp.ge." + type, [](T a, T b) { return Big(a) >= Big(b); });
  check_as<bool, T, T>("setp.eq." + type, [](T a, T b) { return Big(a) - Big(b) == 0; });
  check_as<bool, T, T>("setp.ne." + type, [](T a, T b) { return Big(a) - Big(b) != 0; });
  if constexpr (std::is_signed_v<T>) {
    check_as<T, T>("neg." + type, [](T a) { return T(-Big(a)); });
    check_as<T, T>("abs." + type, [](T a) { return T(a < 0 ? -Big(a) : Big(a)); });
  }
}

TEST_F(IntegerInstructions, of_16_bits) {
  arithmetic<int16_t>("s16");
  arithmetic<uint16_t>("u16");
}
TEST_F(IntegerInstructions, of_32_bits) {
  arithmetic<int32_t>("s32");
  arithmetic<uint32_t>("u32");
}
TEST_F(IntegerInstructions, of_64_bits) {
  arithmetic<int64_t>("s64");
  arithmetic<uint64_t>("u64");
}

TEST_F(IntegerInstructions, wide_products) {
  check_as<int32_t, int16_t, int16_t>("mul.wide.s16", [](int16_t a, int16_t b) { return int32_t(Big(a) * b); });
  check_as<uint32_t, uint16_t, uint16_t>("mul.wide.u16", [](uint16_t a, uint16_t b) { return uint32_t(Big(a) * b); });
  check_as<int64_t, int32_t, int32_t>("mul.wide.s32", [](int32_t a, int32_t b) { return int64_t(Big(a) * b); });
  check_as<uint64_t, uint32_t, uint32_t>("mul.wide.u32", [](uint32_t a, uint32_t b) { return uint64_t(Big(a) * b); });
  check_as<int64_t, int32_t, int32_t, int64_t>("mad.wide.s32",
                                               [](int32_t a, int32_t b, int64_t c) { return int64_t(Big(a) * b + c); });
  check_as<uint64_t, uint32_t, uint32_t, uint64_t>(
      "mad.wide.u32", [](uint32_t a, uint32_t b, uint64_t c) { return uint64_t(Big(a) * b + c); });
}

TEST_F(IntegerInstructions, logic_and_shifts) {
  check_as<uint16_t, uint16_t, uint16_t>("and.b16", [](uint16_t a, uint16_t b) { return uint16_t(a & b); });
  check_as<uint32_t, uint32_t, uint32_t>("or.b32", [](uint32_t a, uint32_t b) { return a | b; });
  check_as<uint64_t, uint64_t, uint64_t>("xor.b64", [](uint64_t a, uint64_t b) { return (a & ~b) | (~a & b); });
  check_as<uint32_t, uint32_t>("not.b32", [](uint32_t a) { return 0xffffffff - a; });
  check_as<bool, bool, bool>("and.pred", [](bool a, bool b) { return a && b; });
  check_as<bool, bool, bool>("or.pred", [](bool a, bool b) { return a || b; });
  check_as<bool, bool, bool>("xor.pred", [](bool a, bool b) { return a != b; });
  check_as<bool, bool>("not.pred", [](bool a) { return !a; });
  check_as<uint32_t, uint32_t, uint32_t, bool>("selp.b32", [](uint32_t a, uint32_t b, bool p) { return p ? a : b; });
  check_as<double, double, double, bool>("selp.f64", [](double a, double b, bool p) { return p ? a : b; });
  check("shl.b16", shifted_left<uint16_t>);
  check("shl.b32", shifted_left<uint32_t>);
  check("shl.b64", shifted_left<uint64_t>);
  check("shr.b64", shifted_right<uint64_t>);
}

template <class T>
std::bitset<64> bit_string(T a) {
  return std::bitset<64>(uint64_t(std::make_unsigned_t<T>(a)));
}

template <class T>
T field(T a, uint32_t first, uint32_t length) {
  constexpr uint32_t width = 8 * sizeof(T);
  first &= 255, length &= 255;
  const std::bitset<64> from = bit_string(a);
  std::bitset<64> to;
  const uint32_t sign_at = std::min<uint32_t>(first + length - 1, width - 1);
  for (uint32_t i = 0; i < width; ++i) {
    const bool inside = i < length && first + i < width;
    to[i] = inside ? from[first + i] : std::is_signed_v<T> && length > 0 && from[sign_at];
  }
  return T(to.to_ullong());
}

template <class T>
T with_field(T a, T b, uint32_t first, uint32_t length) {
  std::bitset<64> to = bit_string(b);
  for (uint32_t i = 0; i < (length & 255) && (first & 255) + i < 8 * sizeof(T); ++i)
    to[(first & 255) + i] = bit_string(a)[i];
  return T(to.to_ullong());
}

TEST_F(IntegerInstructions, bit_fields) {
  check("bfe.u32", field<uint32_t>);
  check("bfe.s32", field<int32_t>);
  check("bfe.u64", field<uint64_t>);
  check("bfe.s64", field<int64_t>);
  check("bfi.b32", with_field<uint32_t>);
  check("bfi.b64", with_field<uint64_t>);
  check_as<uint32_t, uint32_t>("popc.b32", [](uint32_t a) { return uint32_t(bit_string(a).count()); });
  check_as<uint32_t, uint64_t>("popc.b64", [](uint64_t a) { return uint32_t(bit_string(a).count()); });
  check_as<uint32_t, uint32_t>(
      "clz.b32", [](uint32_t a) { return a == 0 ? 32u : uint32_t(std::bitset<32>(a).to_string().find('1')); });
  check_as<uint32_t, uint32_t>("brev.b32", [](uint32_t a) {
    std::string s = std::bitset<32>(a).to_string();
    std::reverse(s.begin(), s.end());
    return uint32_t(std::bitset<32>(s).to_ulong());
  });
}

TEST_F(IntegerInstructions, bytes_and_tables) {
  check_as<uint32_t, uint32_t, uint32_t>(
      "prmt.b32", [](uint32_t a, uint32_t b) { return a >> 16 | b << 16; }, "0x5432");
  check_as<uint32_t, uint32_t, uint32_t>(
      "prmt.b32", [](uint32_t a, uint32_t) { return __builtin_bswap32(a); }, "0x0123");
  check_as<uint32_t, uint32_t, uint32_t>(
      "prmt.b32", [](uint32_t, uint32_t b) { return uint32_t(int32_t(b) >> 31); }, "0xffff");
  check_as<uint32_t, uint32_t, uint32_t, uint32_t>(
      "lop3.b32", [](uint32_t a, uint32_t b, uint32_t c) { return (a & b) | (~a & c); }, "0xCA");
  check_as<uint32_t, uint32_t, uint32_t, uint32_t>(
      "lop3.b32", [](uint32_t a, uint32_t b, uint32_t c) { return a ^ b ^ c; }, "0x96");
  check_as<uint32_t, uint32_t, uint32_t>(
      "shf.l.wrap.b32", [](uint32_t a, uint32_t b) { return b << 5 | a >> 27; }, "37");
  check_as<uint32_t, uint32_t, uint32_t>(
      "shf.l.clamp.b32", [](uint32_t a, uint32_t) { return a; }, "37");
  check_as<uint32_t, uint32_t, uint32_t>(
      "shf.r.wrap.b32", [](uint32_t a, uint32_t b) { return a >> 7 | b << 25; }, "7");
  check_as<uint32_t, uint32_t, uint32_t>(
      "shf.r.clamp.b32", [](uint32_t, uint32_t b) { return b; }, "99");
}

}  // namespace
