// kiln.hpp in C++20: std::span.
#include <gtest/gtest.h>

#include <array>
#include <kiln/kiln.hpp>
#include <span>
#include <vector>

#ifndef __cpp_lib_span
#error "this file is compiled as C++20"
#endif

namespace {

TEST(CppSpan, IsAView) {
  const std::array<float, 3> x = {-2, 0, 2};
  std::vector<float> expected(3);
  std::array<float, 5> y = {7, 7, 7, 7, 7};
  kiln::sigmoid(kiln::view(x.data(), {3}), kiln::view(expected));
  kiln::sigmoid(kiln::view(std::span<const float>(x)), kiln::view(std::span<float>(y).subspan(1, 3)));
  EXPECT_EQ((std::vector<float>{7, expected[0], expected[1], expected[2], 7}), std::vector<float>(y.begin(), y.end()));
  EXPECT_EQ(expected[1], 0.5f);
  EXPECT_TRUE(kiln::view(std::span<float>(y)).writable());
  EXPECT_FALSE(kiln::view(std::span<const float>(y)).writable());
}

TEST(CppSpan, OfConstIsNoOutput) {
  std::array<float, 3> x{};
  EXPECT_THROW(kiln::sigmoid(kiln::view(std::span<float>(x)), kiln::view(std::span<const float>(x))),
               std::invalid_argument);
}

}  // namespace
