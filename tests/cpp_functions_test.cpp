// Every operator's function of kiln.hpp: the C function's bits.
#include <kiln/kiln.hpp>
#include <map>

#include "support/expectations.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

#include <cpp_calls.inc>

// What an operation has, as calls_by_name ask for it.
struct Given {
  const Operation &operation;
  std::map<std::string, std::vector<float>> values;
  std::map<std::string, View> views;

  Given(const Operation &operation, const Extents &shape) : operation(operation) {
    for (const std::string &name : operation.parameters()) {
      if (operation.values(name).empty()) continue;
      values[name] = operation.values(name);
      views.emplace(name, View(values[name].data(), operation.shape_of(name, shape)));
    }
  }
  std::optional<ConstView> tensor(const std::string &name) const {
    return views.count(name) ? std::optional<ConstView>(views.at(name)) : std::nullopt;
  }
  bool boolean(const std::string &name) const { return operation[name].integer != 0; }
  int64_t integer(const std::string &name) const { return operation[name].integer; }
  double real(const std::string &name) const { return operation[name].real; }
  Extents integers(const std::string &name) const { return operation[name].integers; }
};

class CppFunctions : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Each, CppFunctions, ::testing::ValuesIn(operators_and_gradients()),
                         [](const auto &info) { return info.param; });

// The C function's bits, with every option as the samples have them.
TEST_P(CppFunctions, HaveTheBitsOfC) {
  const Extents shape = {2, 4, 3, 5};
  const std::vector<float> inputs = normal_values(120, 130);
  for (const Operation &operation : samples_of(GetParam(), shape)) {
    Given given(operation, shape);
    Results results{std::vector<float>(120), {}, {}};
    calls_by_name<Given>.at(GetParam())(view(inputs.data(), shape), view(results.output.data(), shape), given);
    if (operation.has_statistics())
      results.running_mean = given.values["running_mean"], results.running_var = given.values["running_var"];
    EXPECT_TRUE(same_bits(reference_bits(operation, shape, inputs), results, inputs)) << show(operation);
  }
}

}  // namespace
}  // namespace kiln::test
