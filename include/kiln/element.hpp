// SPDX-FileCopyrightText: the Kiln authors
// SPDX-License-Identifier: MIT

/// @file
/// The element types of tensors, as C++ has them.
#ifndef KILN_ELEMENT_HPP
#define KILN_ELEMENT_HPP

#include <kiln/kiln.h>

#include <cstdint>

namespace kiln {

/// IEEE 754's binary32.
using float32 = float;

/// A number of IEEE 754's binary16 as memory has it: its bits, without arithmetic.
struct float16 {
  uint16_t bits;  ///< Sign, 5 bits of exponent, 10 of fraction.
};

/// The upper half of a float32 as memory has it: its bits, without arithmetic.
struct bfloat16 {
  uint16_t bits;  ///< Sign, 8 bits of exponent, 7 of fraction.
};

/// Which element type a type of C++ is stored as: `known`, and DLPack's `dtype`. It knows float, kiln::float16,
/// kiln::bfloat16 and, where the compiler has them, _Float16 and __bf16, which C++23 calls std::float16_t and
/// std::bfloat16_t. An app's own type is stored as one of these:
///
///     template <> struct kiln::ElementType<app::half> : kiln::ElementType<kiln::float16> {};
template <class T>
struct ElementType {
  static constexpr bool known = false;  ///< It is stored as none.
};
/// float32.
template <>
struct ElementType<float32> {
  static constexpr bool known = true;                  ///< It is stored as one.
  static constexpr DLDataType dtype{kDLFloat, 32, 1};  ///< DLPack's.
};
/// float16.
template <>
struct ElementType<float16> {
  static constexpr bool known = true;                  ///< It is stored as one.
  static constexpr DLDataType dtype{kDLFloat, 16, 1};  ///< DLPack's.
};
/// bfloat16.
template <>
struct ElementType<bfloat16> {
  static constexpr bool known = true;                   ///< It is stored as one.
  static constexpr DLDataType dtype{kDLBfloat, 16, 1};  ///< DLPack's.
};

// Before C++23 they are extensions. GCC 12 tells of a float16 that its C++ has on x86-64 alone.
#if defined(__FLT16_MANT_DIG__) && (defined(__clang__) || defined(__x86_64__) || __GNUC__ > 12)
/// The compiler has _Float16.
#define KILN_HAS_COMPILERS_FLOAT16 1
namespace compilers {
__extension__ typedef _Float16 float16;
}
/// The compiler's float16.
template <>
struct ElementType<compilers::float16> : ElementType<float16> {};
#endif
#if defined(__BFLT16_MANT_DIG__) || (defined(__clang__) && __clang_major__ >= 17 && defined(__SSE2__))
namespace compilers {
__extension__ typedef __bf16 bfloat16;
}
/// The compiler's bfloat16.
template <>
struct ElementType<compilers::bfloat16> : ElementType<bfloat16> {};
#endif

}  // namespace kiln
#endif
