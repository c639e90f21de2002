// Calls on a stack of 16 KiB, as threads of small systems and coroutines have it: every operator, layout and
// instruction set, with a page behind the stack that nothing may touch.
#include "support/small_stack.h"

#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/ready_call.h"

namespace kiln::test {
namespace {

class SmallStackTest : public EveryOperatorTest {
 protected:
  static kiln_status call_on(SmallStack &stack, const ReadyCall &call, const kiln_context *context) {
    kiln_status status = KILN_STATUS_INTERNAL;
    stack.run([&] { status = call.call(context); });
    return status;
  }
  void expect_right(ReadyCall &call, int threads) {
    Context context;
    context.isa(isa().name).threads(threads);
    call.put_back();
    ASSERT_EQ(call_on(stack_, call, context), KILN_STATUS_OK) << call.name() << ": " << kiln_last_error();
    EXPECT_TRUE(call.has_results()) << call.name();
  }
  void TearDown() override { RecordProperty("bytes_of_stack", static_cast<int>(stack_.used())); }

 private:
  SmallStack stack_;
};
KILN_OPERATORS_AND_ISAS(SmallStackTest, operators_and_one_gradient());

TEST_P(SmallStackTest, Serves) {
  for (const Extents &shape : {Extents{2, 8, 3, 5}, Extents{2, 256, 9, 15}, Extents{1, 2, 140000}})
    for (const Operation &operation : some_samples(shape)) {
      const Reference reference(operation, shape);
      for (const Form &form : some_forms()) {
        ReadyCall call(operation, form, shape, reference);
        for (int threads : {1, 2}) expect_right(call, threads);
      }
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
  kiln_status status = KILN_STATUS_OK;
  stack.run([&] { status = prepared.run(nullptr); });
  EXPECT_EQ(status, KILN_STATUS_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace kiln::test
