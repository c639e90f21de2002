// A caller that has floating-point exceptions unmasked: no call raises one, whatever it is given. The calls are in a
// child, for the first exception ends it.
#include <algorithm>
#include <cmath>
#include <csignal>
#include <limits>

#include "support/child.h"
#include "support/every_operator.h"
#include "support/fp_calls.h"

namespace kiln::test {
namespace {

class FpTraps : public EveryOperatorTest {
 protected:
  void SetUp() override {
    EveryOperatorTest::SetUp();
    if (!kFpTraps) GTEST_SKIP() << "this CPU has no floating-point traps";
  }
  struct Call {
    Operation operation;
    Extents shape;
    std::vector<float> inputs;
  };
  // Nothing traps, the results are those of the default environment, and the status is `wanted`.
  void expect_no_trap(const std::vector<Call> &calls, kiln_status wanted = KILN_STATUS_OK) {
    Told told;
    const int status = run_in_child([&] {
      for (const Call &c : calls)
        for (const Form &form : forms()) {
          told.tell(show(c.operation) + ", " + show(c.shape) + ", " + form.name);
          kiln_context *context;
          if (kiln_context_create(&context) || kiln_context_set_isa(context, isa().name.c_str())) return 2;
          const Seen right = call_under(kFpDefault, context, c.operation, form, c.shape, c.inputs);
          const Seen seen = call_under(kFpTrapping, context, c.operation, form, c.shape, c.inputs);
          if (right.status != wanted || seen.status != wanted) return 3;
          if (!same_bits(right.results, seen.results)) return 4;
          if (seen.left != kFpTrapping) return 5;
          kiln_context_destroy(context);
        }
      return 0;
    });
    EXPECT_EQ(status, 0) << "-" << SIGFPE << " is a trap, 3 another status, 4 other bits, 5 another word; in "
                         << told.text() << " on " << isa().name;
  }
};
KILN_OPERATORS_AND_ISAS(FpTraps, operators_and_gradients());

TEST_P(FpTraps, NoSample) {
  std::vector<Call> calls;
  for (const Extents &shape : {Extents{2, 8, 3, 5}, Extents{4, 1, 1}, Extents{2, 4, 1}, Extents{1, 2, 9001}})
    for (const Operation &operation : operations_under_words(op(), shape))
      for (const std::vector<float> &inputs : kinds_of_inputs(shape)) calls.push_back({operation, shape, inputs});
  for (Operation operation : samples_of(op(), {4, 1, 1})) calls.push_back({operation, {4, 1, 1}, {1, 2, 3, 5}});
  expect_no_trap(calls);
}

// NaN and infinities among the input, the parameters and the statistics; variances of 0 and below.
TEST_P(FpTraps, NoSpecialValue) {
  const Extents shape = {2, 4, 3};
  std::vector<Call> calls;
  const std::vector<float> specials = {
      from_bits(0x7fc00000), from_bits(0x7f800001), from_bits(0xff800000), 0.0f, -1.0f, 0x1p-149f};
  for (const Operation &operation : samples_of(op(), shape))
    for (float special : specials) {
      std::vector<float> inputs = normal_values(24, 131);
      inputs[7] = special;
      calls.push_back({operation, shape, inputs});
      for (const std::string &name : operation.parameters()) {
        Operation other = operation;
        if (other.values(name).empty()) continue;
        other.values(name)[1] = special;
        calls.push_back({other, shape, inputs});
      }
    }
  expect_no_trap(calls);
}

class FpTrapsOfNumbers : public FpTraps {};
std::vector<std::string> operators_with_numbers() {
  std::vector<std::string> names;
  for (const std::string &op : all_operators()) {
    const auto &arguments = descriptor::operator_named(op).arguments;
    if (std::any_of(arguments.begin(), arguments.end(),
                    [](const descriptor::Argument &argument) { return argument.type == descriptor::Type::real; }))
      names.push_back(op);
  }
  return names;
}
KILN_OPERATORS_AND_ISAS(FpTrapsOfNumbers, operators_with_numbers());

// Arguments that are refused, or that are special.
TEST_P(FpTrapsOfNumbers, NoArgument) {
  const Extents shape = {2, 4, 3};
  const double nan = std::numeric_limits<double>::signaling_NaN(), infinity = std::numeric_limits<double>::infinity();
  std::vector<Call> refused, served;
  for (const Operation &operation : samples_of(op(), shape))
    for (const descriptor::Argument &argument : operation.row().arguments) {
      if (argument.type != descriptor::Type::real) continue;
      for (double value : {nan, -nan, infinity, 1e300, 1e-300}) {
        Operation other = operation;
        other[argument.name] = value;
        const bool is_error = std::isnan(value) && argument.allowed != descriptor::Allowed::any;
        (is_error ? refused : served).push_back({other, shape, normal_values(24, 132)});
      }
    }
  expect_no_trap(refused, KILN_STATUS_INVALID_ARGUMENT);
  expect_no_trap(served);
}

}  // namespace
}  // namespace kiln::test
