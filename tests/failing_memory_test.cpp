// Memory that cannot be had: whichever allocation of a call fails, the call says so and leaves all memory as it was,
// byte for byte, or it does without and is right.
#include "support/failing_memory.h"

#include <algorithm>
#include <iterator>

#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

class FailingMemory : public EveryOperatorTest {
 protected:
  // Calls with allocation `n` failing, alone or with those behind it. Gives whether there were as many.
  bool call_failing(const Operation &operation, const Form &form, int threads, const Extents &shape,
                    const std::vector<float> &inputs, const Results &expected, int64_t n, bool alone) {
    Context context;
    context.isa(isa().name).threads(threads);
    Array from(form.input(shape), inputs), apart(form.output(shape));
    Array &to = form.in_place ? from : apart;
    Parameters parameters(operation, shape, form.in_place ? 3 : 1);
    const DLTensor in = from.tensor(), out = to.tensor();
    const PreparedCall prepared(operation, parameters.with(in, out));
    const std::vector<uint32_t> from_before = from.snapshot(), to_before = to.snapshot();
    const Results before{{}, parameters.values("running_mean"), parameters.values("running_var")};
    start_failing_memory(n, alone);
    const kiln_status status = prepared.run(context);
    const int64_t asked = stop_failing_memory();
    const Results after{{}, parameters.values("running_mean"), parameters.values("running_var")};
    const std::string place = show(operation) + " on " + isa().name + ", " + show(shape) + ", " + form.name + ", " +
                              std::to_string(threads) + " threads, allocation " + std::to_string(n) + " of " +
                              std::to_string(asked);
    if (status == KILN_STATUS_OK) {
      EXPECT_TRUE(same_bits(expected, {to.get(), after.running_mean, after.running_var})) << place;
    } else {
      EXPECT_EQ(status, KILN_STATUS_OUT_OF_MEMORY) << place << ": " << kiln_last_error();
      EXPECT_TRUE(from_before == from.snapshot()) << place << ": the input was written";
      EXPECT_TRUE(to_before == to.snapshot()) << place << ": the output was written";
      EXPECT_TRUE(same_bits(before, after)) << place << ": the statistics were written";
    }
    return asked >= n;
  }

  // Until a call asks for fewer allocations.
  void fail_each(const Operation &operation, const Form &form, int threads, const Extents &shape) {
    const std::vector<float> inputs = normal_values(dense(shape).count(), 811, 1, 2);
    const Results expected = reference_bits(operation, shape, inputs);
    for (bool alone : {false, true}) {
      int64_t n = 1;
      while (call_failing(operation, form, threads, shape, inputs, expected, n, alone) && !HasFailure()) ++n;
    }
  }
  void fail_all(const Extents &shape, int threads) {
    for (const Operation &operation : some_samples(shape))
      for (const Form &form : some_forms()) fail_each(operation, form, threads, shape);
  }
};
KILN_OPERATORS_AND_ISAS(FailingMemory, operators_and_one_gradient());

TEST_P(FailingMemory, SmallCalls) {
  for (const Extents &shape : {Extents{2, 4, 3}, Extents{2, 8, 3, 5}, Extents{1, 2, 9001}}) fail_all(shape, 1);
}

TEST_P(FailingMemory, LargeCalls) {
  for (int threads : {1, 3}) fail_all({3, 16, 30, 41}, threads);
}

TEST_P(FailingMemory, RowsOfAMillionValues) {
  const Extents shape = {1, 1, 1100000};
  std::vector<Form> in_place;
  std::copy_if(forms().begin(), forms().end(), std::back_inserter(in_place), [](const Form &f) { return f.in_place; });
  for (const Form &form : some_of(in_place, in_place.size())) fail_each(samples_of(op(), shape).back(), form, 1, shape);
}

// The allocations are the library's own too: memory with gaps, whose values pass through working memory.
class FailingWorkingMemory : public IsaTest {};
KILN_EACH_ISA(FailingWorkingMemory);

TEST_P(FailingWorkingMemory, IsAskedFor) {
  Context context;
  context.isa(isa().name).threads(1);
  const Extents shape = {8, 16, 40, 41};
  Array both(reversed(stepped(shape, 2), 3), normal_values(dense(shape).count(), 812));
  const DLTensor tensor = both.tensor();
  const Operation operation = layer_norm({16, 40, 41});
  const PreparedCall prepared(operation, {{"input", &tensor}, {"output", &tensor}});
  start_failing_memory(1);
  const kiln_status status = prepared.run(context);
  const int64_t asked = stop_failing_memory();
  EXPECT_EQ(status, KILN_STATUS_OUT_OF_MEMORY);
  EXPECT_GT(asked, 0);
}

}  // namespace
}  // namespace kiln::test
