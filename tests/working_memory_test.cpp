// Working memory: a call like one before it allocates nothing, on every layout and number of threads; an app's memory
// serves in its place.
#include "support/every_operator.h"
#include "support/failing_memory.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/ready_call.h"

namespace kiln::test {
namespace {

constexpr int64_t kNever = INT64_MAX;

const Extents kSmall = {2, 8, 3, 5}, kLarge = {3, 16, 15, 41}, kLong = {1, 2, 140000};

// Makes a call, which must be right, and gives the number of its allocations.
int64_t allocations_of(ReadyCall &call, const kiln_context *context) {
  start_failing_memory(kNever);
  const bool right = call.right(context);
  const int64_t asked = stop_failing_memory();
  EXPECT_TRUE(right) << call.name() << ": " << kiln_last_error();
  return asked;
}

class WorkingMemory : public EveryOperatorTest {
 protected:
  struct With : Context {
    With(const Isa &isa, int count) { this->isa(isa.name).threads(count); }
  };
  // check(call) for each sample of the operator's arguments in each form.
  template <class Check>
  void for_each(const std::vector<Extents> &shapes, const Check &check) {
    for (const Extents &shape : shapes)
      for (const Operation &operation : some_samples(shape)) {
        const Reference reference(operation, shape);
        for (const Form &form : some_forms()) {
          ReadyCall call(operation, form, shape, reference);
          check(call);
        }
      }
  }
  void expect_none(const kiln_context *context, const std::vector<Extents> &shapes) {
    for_each(shapes, [&](ReadyCall &call) {
      call.call(context);
      EXPECT_EQ(allocations_of(call, context), 0) << call.name();
    });
  }
};
KILN_OPERATORS_AND_ISAS(WorkingMemory, operators_and_one_gradient());

TEST_P(WorkingMemory, IsKeptSoThatCallsAllocateNothing) {
  expect_none(With(isa(), 1), {kSmall, kLarge, kLong});
  expect_none(With(isa(), 3), {kSmall, kLarge});
}

TEST_P(WorkingMemory, IsKeptWithoutAContextToo) {
  if (isa().name != std::string(kiln_context_isa(nullptr))) GTEST_SKIP() << "without a context, calls run another one";
  expect_none(nullptr, {kSmall, kLarge});
}

// At an address that is a multiple of 8 alone.
TEST_P(WorkingMemory, OfTheAppServesInItsPlace) {
  for (int threads : {1, 3})
    for_each({kSmall, kLarge}, [&](ReadyCall &call) {
      const With measuring(isa(), threads), with_workspace(isa(), threads);
      call.call(measuring);
      const size_t bytes = kiln_context_workspace_peak(measuring);
      std::vector<double> memory(bytes / sizeof(double) + 2);
      double *const begin = memory.data() + (reinterpret_cast<uintptr_t>(memory.data()) % 16 == 0);
      ASSERT_EQ(kiln_context_set_workspace(with_workspace, begin, bytes), KILN_STATUS_OK);
      EXPECT_EQ(allocations_of(call, with_workspace), 0) << call.name();
    });
}

// Whatever the workspace, a call is right or says what it expects, and leaves the output as it was.
TEST_P(WorkingMemory, OfTheAppThatIsTooSmallIsRefused) {
  std::vector<double> memory(KILN_WORKSPACE_MIN / sizeof(double));
  const With small(isa(), 3);
  ASSERT_EQ(kiln_context_set_workspace(small, memory.data(), KILN_WORKSPACE_MIN), KILN_STATUS_OK);
  for_each({kLarge}, [&](ReadyCall &call) {
    call.put_back();
    const kiln_status status = call.call(small);
    if (status == KILN_STATUS_OK) {
      EXPECT_TRUE(call.has_results()) << call.name();
    } else {
      EXPECT_EQ(status, KILN_STATUS_OUT_OF_MEMORY) << call.name();
      const std::string said = kiln_last_error(), got = "got " + std::to_string(KILN_WORKSPACE_MIN);
      EXPECT_NE(said.find("workspace: expected more than "), std::string::npos) << said;
      EXPECT_EQ(said.find(got) + got.size(), said.size()) << said;
      EXPECT_LE(kiln_context_workspace_peak(small), size_t{KILN_WORKSPACE_MIN});
      EXPECT_TRUE(call.untouched()) << call.name();
    }
  });
}

class Workspace : public IsaTest {};
KILN_EACH_ISA(Workspace);

TEST_P(Workspace, ServesOneCallAtATime) {
  std::vector<double> memory(1 << 17);
  struct Inner {
    const kiln_context *context;
    kiln_status status;
    std::string message;
  };
  Context context;
  Inner inner{context, KILN_STATUS_OK, ""};
  context.isa(isa().name).threads(2);
  ASSERT_EQ(kiln_context_set_workspace(context, memory.data(), memory.size() * sizeof(double)), KILN_STATUS_OK);
  const auto calls_again = [](void *data, int64_t count, kiln_parallel_body body, void *body_data) {
    Inner &i = *static_cast<Inner *>(data);
    const std::vector<float> x(8);
    Array from(dense({8}), x), to(dense({8}));
    i.status = run(i.context, Operation("tanh"), from, to, nullptr);
    i.message = kiln_last_error();
    for (int64_t task = 0; task < count; ++task) body(body_data, task);
  };
  kiln_context_set_parallel_for(context, calls_again, &inner);
  const Extents shape = {512, 1024};
  const std::vector<float> inputs = normal_values(dense(shape).count(), 1022, 0, 1);
  Array from(dense(shape), inputs), to(dense(shape));
  Results results;
  ASSERT_EQ(run(context, layer_norm({1024}), from, to, &results), KILN_STATUS_OK) << kiln_last_error();
  EXPECT_EQ(inner.status, KILN_STATUS_OUT_OF_MEMORY);
  EXPECT_NE(inner.message.find("workspace: another call"), std::string::npos) << inner.message;
  EXPECT_TRUE(same_bits(reference_bits(layer_norm({1024}), shape, inputs), results));
}

TEST_P(Workspace, IsKeptWithinItsBound) {
  Context context;
  context.isa(isa().name).threads(1);
  ASSERT_EQ(kiln_context_set_workspace(context, nullptr, 0), KILN_STATUS_OK);
  const Operation operation = layer_norm({30, 41});
  const Extents shape = {3, 16, 30, 41};
  ReadyCall in_gaps(operation, forms().back(), shape, Reference(operation, shape));
  in_gaps.call(context);
  EXPECT_GT(allocations_of(in_gaps, context), 0) << in_gaps.name();
  ASSERT_EQ(kiln_context_set_workspace(context, nullptr, KILN_WORKSPACE_KEPT), KILN_STATUS_OK);
  in_gaps.call(context);
  EXPECT_EQ(allocations_of(in_gaps, context), 0) << in_gaps.name();
}

TEST_P(Workspace, IsRefusedByTheArgument) {
  Context context;
  char memory[8];
  EXPECT_EQ(kiln_context_set_workspace(nullptr, nullptr, 0), KILN_STATUS_INVALID_ARGUMENT);
  EXPECT_EQ(kiln_context_set_workspace(context, memory, sizeof memory), KILN_STATUS_INVALID_ARGUMENT);
  EXPECT_STREQ(kiln_last_error(), "bytes: expected 32768 (KILN_WORKSPACE_MIN) or more, got 8");
}

}  // namespace
}  // namespace kiln::test
