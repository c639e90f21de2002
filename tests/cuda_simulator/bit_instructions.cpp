// Moves, logic, shifts and bit fields.
#include <algorithm>

#include "address_windows.h"
#include "instruction.h"
#include "types.h"

namespace kilnsim {
namespace {

template <class T>
T same(T a) {
  return a;
}
template <class T>
T bit_and(T a, T b) {
  return T(a & b);
}
template <class T>
T bit_or(T a, T b) {
  return T(a | b);
}
template <class T>
T bit_xor(T a, T b) {
  return T(a ^ b);
}
template <class T>
T bit_not(T a) {
  return T(~a);
}
template <class T>
T logical_not(T a) {
  return T(a == 0);
}
template <class T>
T shift_left(T a, uint32_t n) {
  return n >= 8 * sizeof(T) ? T(0) : T(uint64_t(a) << n);
}
template <class T>
T shift_right(T a, uint32_t n) {
  return n >= 8 * sizeof(T) ? T(0) : T(a >> n);
}
template <class T>
T select(T a, T b, bool p) {
  return p ? a : b;
}

template <class T>
uint32_t population(T a) {
  return __builtin_popcountll(a);
}
template <class T>
uint32_t leading_zeros(T a) {
  return a == 0 ? 8 * sizeof(T) : __builtin_clzll(a) - (64 - 8 * sizeof(T));
}
template <class T>
T reversed(T a) {
  T r = 0;
  for (unsigned i = 0; i < 8 * sizeof(T); ++i) r |= T(a >> i & 1) << (8 * sizeof(T) - 1 - i);
  return r;
}

// bfe: `length` bits from `first` on, the bits above them zero or, of signed types, the sign, which is the field's last
// bit or, where the field goes beyond it, the value's.
template <class T>
T extract(T a, uint32_t first, uint32_t length) {
  using U = std::make_unsigned_t<T>;
  constexpr uint32_t last = 8 * sizeof(T) - 1;
  first &= 0xff;
  length &= 0xff;
  const bool sign = std::is_signed_v<T> && length != 0 && (U(a) >> std::min(first + length - 1, last) & 1);
  U r = 0;
  for (uint32_t i = 0; i <= last; ++i) {
    const bool bit = i < length && first + i <= last ? (U(a) >> (first + i) & 1) : sign;
    r |= U(bit) << i;
  }
  return T(r);
}

// bfi: b with `length` bits from `first` on taken from a.
template <class T>
T insert(T a, T b, uint32_t first, uint32_t length) {
  constexpr uint32_t width = 8 * sizeof(T);
  first &= 0xff;
  length &= 0xff;
  for (uint32_t i = 0; i < length && first + i < width; ++i) {
    b = T(b & ~(T(1) << (first + i))) | T(T(a >> i & 1) << (first + i));
  }
  return b;
}

// prmt: each result byte is a byte of b:a, or its sign eight times.
uint32_t permute(uint32_t a, uint32_t b, uint32_t selectors) {
  const uint64_t bytes = uint64_t(b) << 32 | a;
  uint32_t r = 0;
  for (int i = 0; i < 4; ++i) {
    const uint32_t s = selectors >> (4 * i) & 0xf;
    uint32_t byte = bytes >> (8 * (s & 7)) & 0xff;
    if (s & 8) byte = byte & 0x80 ? 0xff : 0;
    r |= byte << (8 * i);
  }
  return r;
}

// lop3: bit i of the result is bit 4 a_i + 2 b_i + c_i of the table.
uint32_t logic3(uint32_t a, uint32_t b, uint32_t c, uint32_t table) {
  uint32_t r = 0;
  for (uint32_t k = 0; k < 8; ++k) {
    if (table >> k & 1) r |= (k & 4 ? a : ~a) & (k & 2 ? b : ~b) & (k & 1 ? c : ~c);
  }
  return r;
}

uint32_t funnel_left(uint32_t low, uint32_t high, uint32_t n) {
  return uint32_t(((uint64_t(high) << 32 | low) << n) >> 32);
}
uint32_t funnel_right(uint32_t low, uint32_t high, uint32_t n) { return uint32_t((uint64_t(high) << 32 | low) >> n); }
uint32_t left_wrap(uint32_t a, uint32_t b, uint32_t n) { return funnel_left(a, b, n & 31); }
uint32_t left_clamp(uint32_t a, uint32_t b, uint32_t n) { return funnel_left(a, b, std::min(n, 32u)); }
uint32_t right_wrap(uint32_t a, uint32_t b, uint32_t n) { return funnel_right(a, b, n & 31); }
uint32_t right_clamp(uint32_t a, uint32_t b, uint32_t n) { return funnel_right(a, b, std::min(n, 32u)); }

template <uint64_t window>
uint64_t to_generic(uint64_t a) {
  return a + window;
}
template <uint64_t window>
uint64_t from_generic(uint64_t a) {
  return a - window;
}

template <class T>
void words(InstructionTable &t) {
  const std::string bits = bits_of<T>();
  for (const char *kind : {"b", "u", "s", "f"}) {
    if (*kind == 'f' && sizeof(T) < 4) continue;
    t["mov." + (kind + bits)] = lanes_of<same<T>>();
    t["selp." + (kind + bits)] = lanes_of<select<T>>();
  }
  t["and.b" + bits] = lanes_of<bit_and<T>>();
  t["or.b" + bits] = lanes_of<bit_or<T>>();
  t["xor.b" + bits] = lanes_of<bit_xor<T>>();
  t["not.b" + bits] = lanes_of<bit_not<T>>();
  t["cnot.b" + bits] = lanes_of<logical_not<T>>();
  t["shl.b" + bits] = lanes_of<shift_left<T>>();
  t["shr.b" + bits] = lanes_of<shift_right<T>>();
}

template <class U>
void fields(InstructionTable &t) {
  using S = std::make_signed_t<U>;
  const std::string bits = bits_of<U>();
  t["popc.b" + bits] = lanes_of<population<U>>();
  t["clz.b" + bits] = lanes_of<leading_zeros<U>>();
  t["brev.b" + bits] = lanes_of<reversed<U>>();
  t["bfe.u" + bits] = lanes_of<extract<U>>();
  t["bfe.s" + bits] = lanes_of<extract<S>>();
  t["bfi.b" + bits] = lanes_of<insert<U>>();
}

}  // namespace

void add_bit_instructions(InstructionTable &t) {
  for_each(Unsigned(), [&](auto a) { words<decltype(a)>(t); });
  fields<uint32_t>(t);
  fields<uint64_t>(t);
  t["mov.pred"] = lanes_of<same<bool>>();
  t["and.pred"] = lanes_of<bit_and<bool>>();
  t["or.pred"] = lanes_of<bit_or<bool>>();
  t["xor.pred"] = lanes_of<bit_xor<bool>>();
  t["not.pred"] = lanes_of<logical_not<bool>>();
  t["prmt.b32"] = lanes_of<permute>();
  t["lop3.b32"] = lanes_of<logic3>();
  t["shf.l.wrap.b32"] = lanes_of<left_wrap>();
  t["shf.l.clamp.b32"] = lanes_of<left_clamp>();
  t["shf.r.wrap.b32"] = lanes_of<right_wrap>();
  t["shf.r.clamp.b32"] = lanes_of<right_clamp>();
  t["cvta.global.u64"] = t["cvta.to.global.u64"] = lanes_of<same<uint64_t>>();
  t["cvta.const.u64"] = t["cvta.to.const.u64"] = lanes_of<same<uint64_t>>();
  t["cvta.shared.u64"] = lanes_of<to_generic<kSharedWindow>>();
  t["cvta.to.shared.u64"] = lanes_of<from_generic<kSharedWindow>>();
  t["cvta.local.u64"] = lanes_of<to_generic<kLocalWindow>>();
  t["cvta.to.local.u64"] = lanes_of<from_generic<kLocalWindow>>();
}

}  // namespace kilnsim
