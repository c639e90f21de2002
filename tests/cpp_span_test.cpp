// kiln.hpp in C++23: std::span and, where the library has it, std::mdspan.
#include <gtest/gtest.h>

#include <array>
#include <kiln/kiln.hpp>
#include <span>
#include <vector>
#if __has_include(<mdspan>)
#include <mdspan>
#endif

#ifndef __cpp_lib_span
#error "this file is compiled as C++20 or later"
#endif

namespace {

using kiln::Shape;
using kiln::view;

TEST(CppSpan, IsAView) {
  const std::array<float, 3> x = {-2, 0, 2};
  std::vector<float> expected(3);
  std::array<float, 5> y = {7, 7, 7, 7, 7};
  kiln::sigmoid(view(x), view(expected));
  kiln::sigmoid(view(std::span<const float>(x)), view(std::span<float>(y).subspan(1, 3)));
  EXPECT_EQ((std::vector<float>{7, expected[0], expected[1], expected[2], 7}), std::vector<float>(y.begin(), y.end()));
  EXPECT_EQ(expected[1], 0.5f);
}

TEST(CppSpan, WritesWhereItsElementsMayBeWritten) {
  std::array<float, 6> x{};
  const std::span<float, 6> fixed(x);
  std::span<const float> constant(x);
  EXPECT_TRUE(view(fixed).writable());
  EXPECT_TRUE(view(std::span<float>(x)).writable());
  EXPECT_FALSE(view(constant).writable());
  EXPECT_EQ(view(fixed, {2, 3}).shape(), (Shape{2, 3}));
  EXPECT_THROW(view(fixed, {2, 4}), kiln::Error);
  EXPECT_THROW(view(constant.first(5), {2, 3}), kiln::Error);
}

#ifdef __cpp_lib_mdspan
TEST(CppMdspan, IsAView) {
  std::vector<float> x = {-3, -2, -1, 1, 2, 3}, y(6), expected(6);
  const std::mdspan<const float, std::extents<int, 2, 3>> in(x.data());
  std::mdspan<float, std::dextents<size_t, 2>, std::layout_left> out(y.data(), 2, 3);
  EXPECT_EQ(view(in).strides(), (Shape{3, 1}));
  EXPECT_EQ(view(out).strides(), (Shape{1, 2}));
  EXPECT_FALSE(view(in).writable());
  kiln::silu(view(in), view(out));
  kiln::silu(view(x), view(expected));
  EXPECT_EQ(y, (std::vector<float>{expected[0], expected[3], expected[1], expected[4], expected[2], expected[5]}));
}

TEST(CppMdspan, OfAnyStridesAndRanks) {
  std::vector<float> x(24);
  const std::layout_stride::mapping mapping(std::dextents<int, 2>(2, 3), std::array<int, 2>{12, 4});
  EXPECT_EQ(view(std::mdspan(x.data(), mapping)).strides(), (Shape{12, 4}));
  EXPECT_EQ(view(std::mdspan(x.data(), 2, 3, 4)).strides(), (Shape{12, 4, 1}));
  EXPECT_EQ(view(std::mdspan<float, std::extents<int>>(x.data())).shape(), Shape{});
}
#else
TEST(CppMdspan, IsAView) { GTEST_SKIP() << "the C++ library has no std::mdspan"; }
#endif

}  // namespace
