// kiln.hpp without exceptions: results by status, in one program with files that throw.
#include <gtest/gtest.h>

#include <kiln/kiln.hpp>
#include <string>
#include <vector>

#include "support/without_exceptions.h"

namespace kiln::test {
namespace {

namespace silent = without_exceptions;

TEST(CppStatus, CallsGiveTheirStatus) {
  const std::vector<float> x = {-2, -1, 0, 1, 2, 3};
  std::vector<float> y(6), expected(6), short_of(5, 7.0f);
  const char *message = nullptr;
  EXPECT_EQ(silent::silu(x, {6}, 1, y, &message), KILN_STATUS_OK);
  kiln::silu(view(x), view(expected));
  EXPECT_EQ(y, expected);
  EXPECT_EQ(silent::silu(x, {6}, 1, short_of, &message), KILN_STATUS_INVALID_ARGUMENT);
  EXPECT_STREQ(message, kiln_last_error());
  EXPECT_NE(std::string(message).find("kiln_silu: output: "), std::string::npos) << message;
  EXPECT_EQ(short_of, std::vector<float>(5, 7.0f));
  EXPECT_THROW(kiln::silu(view(x), view(short_of)), Error) << "this file's functions throw all the same";
}

TEST(CppStatus, WhatCouldNotBeMadeIsRefused) {
  const std::vector<float> x(6);
  std::vector<float> y(6, 7.0f), both(6, 7.0f);
  const char *message = nullptr;
  EXPECT_EQ(silent::mismatched_view(&message), KILN_STATUS_INVALID_ARGUMENT);
  EXPECT_STREQ(message, "kiln::view: shape: expected one that fits 6 values, got (2, 4)");
  EXPECT_EQ(silent::silu(x, {2, 4}, 1, y, &message), KILN_STATUS_INVALID_ARGUMENT);
  EXPECT_STREQ(message, "kiln::view: shape: expected one that fits 6 values, got (2, 4)");
  EXPECT_EQ(silent::silu(x, {6}, -1, y, &message), KILN_STATUS_INVALID_ARGUMENT);
  EXPECT_NE(std::string(message).find("num_threads"), std::string::npos) << message;
  EXPECT_EQ(y, std::vector<float>(6, 7.0f));
  EXPECT_EQ(silent::unknown_isa(both, &message), KILN_STATUS_INVALID_ARGUMENT);
  EXPECT_NE(std::string(message).find("pdp11"), std::string::npos) << message;
  EXPECT_EQ(both, std::vector<float>(6, 7.0f));
  EXPECT_EQ(silent::const_statistics(&message), KILN_STATUS_INVALID_ARGUMENT);
  EXPECT_EQ(std::string(message).find("kiln_batch_norm: running_mean: expected memory that may be written"), 0u)
      << message;
}

TEST(CppStatus, ALambdaSharesOut) {
  std::vector<float> x(1 << 20, 1.5f), y(x.size()), expected(x.size());
  kiln::silu(view(x), view(expected));
  int calls = 0;
  EXPECT_EQ(silent::with_lambda(x, y, &calls), KILN_STATUS_OK);
  EXPECT_EQ(y, expected);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace kiln::test
