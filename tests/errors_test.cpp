// Bad tensors, of every operator: the status, what the message tells, and that memory stays as it was, byte for byte;
// the names of statuses.
#include <algorithm>
#include <limits>

#include "support/faults.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/spoilable_call.h"

namespace kiln::test {
namespace {

class Errors : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string &op() const { return GetParam(); }
  std::vector<std::string> names() const { return SpoilableCall(op()).names(); }
  std::vector<std::string> parameters() const { return Operation(op()).parameters(); }
  bool takes(const std::string &dtype) const {
    const std::vector<std::string> &dtypes = descriptor::operator_named(op()).dtypes;
    return std::find(dtypes.begin(), dtypes.end(), dtype) != dtypes.end();
  }
  static std::string shape_of(const SpoilableCall &call, const std::string &name) {
    return show(call.array(name).layout().shape);
  }
};
INSTANTIATE_TEST_SUITE_P(Each, Errors, ::testing::ValuesIn(all_operators()),
                         [](const auto &info) { return info.param; });

TEST_P(Errors, NoneInTheCallThatOthersSpoil) {
  expect_success(op(), [](SpoilableCall &) {});
}

TEST_P(Errors, EveryFaultOfEveryTensor) {
  for (const std::string &name : names())
    for (const Fault &fault : tensor_faults()) {
      SCOPED_TRACE(name + ", " + fault.name);
      const SpoilableCall right(op());
      // Of an input of another type that the operator takes, it is the output whose type is wrong.
      const bool mixes = name == "input" && takes(fault.name);
      expect_failure(op(), fault.status, texts_of(fault, mixes ? "output" : name, shape_of(right, name)),
                     [&](SpoilableCall &c) { fault.spoil(c.tensor(name)); });
    }
}

TEST_P(Errors, NullTensors) {
  for (const char *name : {"input", "output"})
    expect_invalid(op(), {std::string(name) + ":", "expected a tensor", "NULL"},
                   [&](SpoilableCall &c) { c.omit(name); });
  for (const std::string &name : Operation(op()).tensors(descriptor::Role::parameter))
    expect_success(op(), [&](SpoilableCall &c) { c.omit(name); });
}

// Halide takes a NULL buffer for a question about bounds and computes nothing, successfully: never here.
TEST_P(Errors, NullDataIsNoBoundsQuery) {
  expect_invalid(op(), {"input:", "data", "NULL"},
                 [](SpoilableCall &c) { c.tensor("input").data = c.tensor("output").data = nullptr; });
}

TEST_P(Errors, OutputOfAnotherShape) {
  for (const Extents &shape : {Extents{2, 4}, Extents{2, 4, 3, 1}, Extents{4, 2, 3}, Extents{2, 0, 3}, Extents{24},
                               Extents{2, 4, 1}, Extents{}})
    expect_invalid(op(), {"output:", "input", "(2, 4, 3)", show(shape)},
                   [&](SpoilableCall &c) { c.reshape("output", shape); });
}

TEST_P(Errors, ParameterOfAnotherShape) {
  for (const std::string &name : parameters()) {
    const SpoilableCall right(op());
    const std::string expected = shape_of(right, name);
    for (const Extents &shape : {Extents{3}, Extents{5}, Extents{1}, Extents{0}, Extents{12}, Extents{1, 4},
                                 Extents{4, 1}, Extents{3, 4}, Extents{0, 4}, Extents{1, 4, 3}, Extents{}})
      expect_invalid(op(), {name + ":", expected, show(shape)}, [&](SpoilableCall &c) { c.reshape(name, shape); });
  }
}

TEST_P(Errors, RankOfTheInput) {
  const size_t least = Operation(op()).row().tensors[0].least_rank;
  for (const Extents &shape : {Extents{}, Extents{4}, Extents{0}, Extents{2, 4}, Extents{0, 4}})
    if (shape.size() < least && !Operation(op()).has("normalized_shape"))
      expect_invalid(op(), {"input:", "expected", std::to_string(least), show(shape)},
                     [&](SpoilableCall &c) { c.reshape(shape); });
}

// Extents whose product overflows are no error where one of them is 0: there is nothing to compute, or the operator
// says that it needs a value.
TEST_P(Errors, HugeEmptyShapesAreSafe) {
  const int64_t huge = int64_t{1} << 40;
  for (Extents shape : {Extents{huge, huge, 0}, Extents{0, 3, huge, huge}, Extents{0, 1, huge}}) {
    SCOPED_TRACE(show(shape));
    Operation operation(op());
    operation.of_batch(true);
    operation.with("normalized_shape", Extents{shape.back()}).with("num_groups", 1);
    const Layout layout{shape, Extents(shape.size(), 1)};
    const DLTensor empty = tensor_on(nullptr, layout);
    const kiln_status status = call(nullptr, operation, {{"input", &empty}, {"output", &empty}});
    if (status == KILN_STATUS_INVALID_ARGUMENT) {
      EXPECT_TRUE(shape[0] == huge && names_the_operator(op(), {"input:"})) << kiln_last_error();
    } else {
      EXPECT_TRUE(succeeded(status));
    }
  }
}

// The message is the calling thread's, and stays until its next failure.
TEST_P(Errors, MessageStaysThroughSuccess) {
  SpoilableCall wrong(op()), right(op());
  wrong.omit("input");
  ASSERT_EQ(wrong.run(), KILN_STATUS_INVALID_ARGUMENT);
  const std::string message = kiln_last_error();
  ASSERT_FALSE(message.empty());
  ASSERT_TRUE(succeeded(right.run()));
  EXPECT_EQ(message, kiln_last_error());
}

// A shape that does not fit the message is cut, not spilled.
TEST_P(Errors, LongShapesAreShownCut) {
  const Extents shape(KILN_MAX_NDIM, 1);
  expect_invalid(op(), {"output:", "...", "(2, 4, 3)"}, [&](SpoilableCall &c) { c.reshape("output", shape); });
}

TEST(Status, HasNames) {
  EXPECT_STREQ(kiln_status_name(KILN_STATUS_OK), "KILN_STATUS_OK");
  EXPECT_STREQ(kiln_status_name(KILN_STATUS_INVALID_ARGUMENT), "KILN_STATUS_INVALID_ARGUMENT");
  EXPECT_STREQ(kiln_status_name(KILN_STATUS_UNSUPPORTED), "KILN_STATUS_UNSUPPORTED");
  EXPECT_STREQ(kiln_status_name(KILN_STATUS_UNSUPPORTED_CPU), "KILN_STATUS_UNSUPPORTED_CPU");
  EXPECT_STREQ(kiln_status_name(KILN_STATUS_OUT_OF_MEMORY), "KILN_STATUS_OUT_OF_MEMORY");
  EXPECT_STREQ(kiln_status_name(KILN_STATUS_INTERNAL), "KILN_STATUS_INTERNAL");
  EXPECT_STREQ(kiln_status_name(KILN_STATUS_NO_DEVICE), "KILN_STATUS_NO_DEVICE");
  EXPECT_STREQ(kiln_status_name(KILN_STATUS_DEVICE_ERROR), "KILN_STATUS_DEVICE_ERROR");
  for (int other : {-1, 8, 1000})
    EXPECT_STREQ(kiln_status_name(static_cast<kiln_status>(other)), "KILN_STATUS_UNKNOWN");
}

}  // namespace
}  // namespace kiln::test
