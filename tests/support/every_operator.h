// Tests of any operator by name, on an instruction set.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {

class EveryOperatorTest : public ::testing::TestWithParam<std::tuple<std::string, const Isa *>> {
 protected:
  void SetUp() override {
    if (!isa().runs_here) GTEST_SKIP() << "this CPU has no " << isa().name;
  }
  const std::string &op() const { return std::get<0>(GetParam()); }
  const Isa &isa() const { return *std::get<1>(GetParam()); }
  // forms(); where samples are thinned, every fifth of them, and others the next time.
  std::vector<Form> some_forms() { return some_of(forms(), 5, forms_round_++); }
  // samples_of() the operator; where samples are thinned, every sixth of them, and others the next time.
  std::vector<Operation> some_samples(const Extents &shape) {
    return some_of(samples_of(op(), shape), 6, samples_round_++);
  }

 private:
  size_t forms_round_ = 0, samples_round_ = 0;
};
// For each of the operators, a vector of names.
#define KILN_OPERATORS_AND_ISAS(suite, operators)                                                                     \
  INSTANTIATE_TEST_SUITE_P(                                                                                           \
      Each, suite, ::testing::Combine(::testing::ValuesIn(operators), ::testing::ValuesIn(::kiln::test::each_isa())), \
      [](const auto &info) { return std::get<0>(info.param) + ::kiln::test::suffix(*std::get<1>(info.param)); })

}  // namespace kiln::test
