// Calls on a stack of 16 KiB, as threads of small systems and coroutines have it: every operator, layout and
// instruction set, with a page behind the stack that nothing may touch.
#include "support/small_stack.h"

#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

class SmallStackTest : public EveryOperatorTest {
 protected:
  static kiln_status call_on(SmallStack &stack, const PreparedCall &prepared, const kiln_context *context) {
    kiln_status status = KILN_STATUS_INTERNAL;
    stack.run([&] { status = prepared.run(context); });
    return status;
  }
  void call(const Operation &operation, const Form &form, const Extents &shape, int threads,
            const std::vector<float> &inputs, const Results &expected) {
    Context context;
    context.isa(isa().name).threads(threads);
    Array from(form.input(shape), inputs), apart(form.output(shape));
    Array &to = form.in_place ? from : apart;
    Parameters parameters(operation, shape);
    const DLTensor in = from.tensor(), out = to.tensor();
    const PreparedCall prepared(operation, parameters.with(in, out));
    const std::string place = show(operation) + " on " + isa().name + ", " + show(shape) + ", " + form.name;
    ASSERT_EQ(call_on(stack_, prepared, context), KILN_STATUS_OK) << place << ": " << kiln_last_error();
    EXPECT_TRUE(same_bits(expected, {to.get(), parameters.values("running_mean"), parameters.values("running_var")}))
        << place;
  }
  void TearDown() override { RecordProperty("bytes_of_stack", static_cast<int>(stack_.used())); }

 private:
  SmallStack stack_;
};
KILN_OPERATORS_AND_ISAS(SmallStackTest, all_operators());

TEST_P(SmallStackTest, Serves) {
  for (const Extents &shape : {Extents{2, 8, 3, 5}, Extents{2, 256, 9, 15}, Extents{1, 2, 140000}})
    for (const Operation &operation : samples_of(op(), shape)) {
      const std::vector<float> inputs = normal_values(dense(shape).count(), 1031, 1, 2);
      const Results expected = reference_bits(operation, shape, inputs);
      for (const Form &form : some_forms())
        for (int threads : {1, 2}) call(operation, form, shape, threads, inputs, expected);
    }
}

// Errors are written on it too.
TEST_P(SmallStackTest, ServesForErrors) {
  const Extents shape = {2, 3, 4};
  const Operation operation = samples_of(op(), shape).front();
  Parameters parameters(operation, shape);
  Array from(dense(shape), normal_values(24, 1032, 0, 1));
  DLTensor in = from.tensor(), out = in;
  int64_t other[] = {2, 3, 5};
  out.shape = other;
  const PreparedCall prepared(operation, parameters.with(in, out));
  SmallStack stack;
  EXPECT_EQ(call_on(stack, prepared, nullptr), KILN_STATUS_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace kiln::test
