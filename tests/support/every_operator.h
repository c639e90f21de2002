// Tests of any operator by name, on an instruction set.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "support/expectations.h"
#include "support/operators.h"

namespace kiln::test {

class EveryOperatorTest : public ::testing::TestWithParam<std::tuple<std::string, const Isa *>> {
 protected:
  void SetUp() override {
    if (!isa().runs_here) GTEST_SKIP() << "this CPU has no " << isa().name;
  }
  const std::string &op() const { return std::get<0>(GetParam()); }
  const Isa &isa() const { return *std::get<1>(GetParam()); }
};
// For each of the operators, a vector of names.
#define KILN_OPERATORS_AND_ISAS(suite, operators)                                                                     \
  INSTANTIATE_TEST_SUITE_P(                                                                                           \
      Each, suite, ::testing::Combine(::testing::ValuesIn(operators), ::testing::ValuesIn(::kiln::test::each_isa())), \
      [](const auto &info) { return std::get<0>(info.param) + ::kiln::test::suffix(*std::get<1>(info.param)); })

}  // namespace kiln::test
