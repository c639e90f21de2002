// Bad arguments of elementwise operators: the status, what the message tells, and that the output stays as it was.
#include "support/array.h"
#include "support/faults.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

class PointwiseErrors : public OperatorTest {
 protected:
  PointwiseErrors() : from_(dense({3, 4}), mixed_values(12, 61)), to_(dense({3, 4}), std::vector<float>(12, 7.0f)) {}

  // Runs on (3, 4) tensors after `spoil` changed their views, and expects the failure and untouched memory.
  template <class Spoil>
  void expect_failure(kiln_status status, const std::vector<std::string> &texts, Spoil spoil) {
    DLTensor input = from_.tensor(), output = to_.tensor();
    const DLTensor *input_argument = &input;
    DLTensor *output_argument = &output;
    spoil(input, output, input_argument, output_argument);
    const std::vector<uint32_t> input_before = from_.snapshot(), output_before = to_.snapshot();
    EXPECT_TRUE(failed_with(status, texts, op().run(nullptr, input_argument, output_argument))) << op().name;
    EXPECT_EQ(input_before, from_.snapshot()) << op().name << ": the input was written";
    EXPECT_EQ(output_before, to_.snapshot()) << op().name << ": the output was written";
  }

  Array from_, to_;
};
KILN_EACH_OPERATOR(PointwiseErrors);

TEST_P(PointwiseErrors, NullTensor) {
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"input", "expected a tensor", "NULL"},
                 [](auto &, auto &, const DLTensor *&input, DLTensor *&) { input = nullptr; });
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"output", "expected a tensor", "NULL"},
                 [](auto &, auto &, const DLTensor *&, DLTensor *&output) { output = nullptr; });
}

TEST_P(PointwiseErrors, EveryFaultOfATensor) {
  for (const Fault &fault : tensor_faults()) {
    SCOPED_TRACE(fault.name);
    expect_failure(fault.status, texts_of(fault, "input", "(3, 4)"),
                   [&](DLTensor &input, auto &...) { fault.spoil(input); });
    expect_failure(fault.status, texts_of(fault, "output", "(3, 4)"),
                   [&](auto &, DLTensor &output, auto &...) { fault.spoil(output); });
  }
}

// Halide takes a NULL buffer for a question about bounds and computes nothing, successfully: never here.
TEST_P(PointwiseErrors, NullDataIsNoBoundsQuery) {
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"input:", "data", "NULL"},
                 [](DLTensor &input, DLTensor &output, auto &...) { input.data = output.data = nullptr; });
}

TEST_P(PointwiseErrors, OutputOfAnotherShape) {
  [[maybe_unused]] static int64_t shapes[][3] = {{4, 3, 1},  {3, 5, 1}, {2, 4, 1}, {3, 4, 1},
                                                 {12, 1, 1}, {3, 0, 1}, {3, 1, 1}};
  const int ranks[] = {2, 2, 2, 3, 1, 2, 2};
  const char *came[] = {"(4, 3)", "(3, 5)", "(2, 4)", "(3, 4, 1)", "(12,)", "(3, 0)", "(3, 1)"};
  for (size_t i = 0; i < std::size(ranks); ++i)
    expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"output:", "input", "(3, 4)", came[i]},
                   [&](auto &, DLTensor &output, auto &...) {
                     output.ndim = ranks[i], output.shape = shapes[i], output.strides = nullptr;
                   });
  // 0-d against (3, 4), and the other way.
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"output:", "(3, 4)", "()"},
                 [](auto &, DLTensor &output, auto &...) { output.ndim = 0; });
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"output:", "()", "(3, 4)"},
                 [](DLTensor &input, auto &...) { input.ndim = 0; });
}

// The message is the calling thread's, and stays until its next failure.
TEST_P(PointwiseErrors, MessageStaysThroughSuccess) {
  DLTensor input = from_.tensor(), output = to_.tensor();
  ASSERT_EQ(op().run(nullptr, nullptr, &output), KILN_STATUS_INVALID_ARGUMENT);
  const std::string message = kiln_last_error();
  ASSERT_FALSE(message.empty());
  ASSERT_TRUE(succeeded(op().run(nullptr, &input, &output)));
  EXPECT_EQ(message, kiln_last_error());
}

// A shape that does not fit the message is cut, not spilled.
TEST_P(PointwiseErrors, LongShapesAreShownCut) {
  std::vector<int64_t> shape(KILN_MAX_NDIM, 1);
  DLTensor input = from_.tensor(), output = to_.tensor();
  input.ndim = KILN_MAX_NDIM, input.shape = shape.data(), input.strides = nullptr;
  EXPECT_TRUE(
      failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output:", "...", "(3, 4)"}, op().run(nullptr, &input, &output)));
}

}  // namespace
}  // namespace kiln::test
