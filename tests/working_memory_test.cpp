// Working memory: a call like one before it allocates nothing, on every layout and number of threads; an app's memory
// serves in its place.
#include "support/every_operator.h"
#include "support/failing_memory.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

constexpr int64_t kNever = INT64_MAX;

const Extents kSmall = {2, 8, 3, 5}, kLarge = {3, 16, 15, 41}, kLong = {1, 2, 140000};

// One operation on arrays of one layout, to be called again and again.
class Repeated {
 public:
  Repeated(const Operation &operation, const Form &form, const Extents &shape)
      : operation_(operation),
        inputs_(normal_values(dense(shape).count(), 1021, 1, 2)),
        shape_(shape),
        from_(form.input(shape), inputs_),
        apart_(form.output(shape)),
        to_(form.in_place ? from_ : apart_),
        parameters_(operation_, shape),
        in_(from_.tensor()),
        out_(to_.tensor()),
        prepared_(operation_, parameters_.with(in_, out_)),
        form_(form.name) {}

  kiln_status call(const kiln_context *context) { return prepared_.run(context); }
  int64_t allocations_of_a_call(const kiln_context *context) {
    start_failing_memory(kNever);
    const kiln_status status = call(context);
    const int64_t asked = stop_failing_memory();
    EXPECT_EQ(status, KILN_STATUS_OK) << place() << ": " << kiln_last_error();
    return asked;
  }
  Results results() { return {to_.get(), parameters_.values("running_mean"), parameters_.values("running_var")}; }
  Results expected() const { return reference_bits(operation_, shape_, inputs_); }
  std::string name() const { return show(operation_) + ", " + show(shape_); }
  std::string place() const { return name() + ", " + form_; }

 private:
  Operation operation_;
  std::vector<float> inputs_;
  Extents shape_;
  Array from_, apart_;
  Array &to_;
  Parameters parameters_;
  DLTensor in_, out_;
  PreparedCall prepared_;
  std::string form_;
};

class WorkingMemory : public EveryOperatorTest {
 protected:
  struct With : Context {
    With(const Isa &isa, int count) { this->isa(isa.name).threads(count); }
  };
  // The bits of `repeated`, of which the operations of one shape and arguments come one after another.
  const Results &expected_of(const Repeated &repeated) {
    if (repeated.name() != name_) expected_ = repeated.expected();
    name_ = repeated.name();
    return expected_;
  }
  // check(operation, form, shape) for each sample of the operator's arguments.
  template <class Check>
  void for_each(const std::vector<Extents> &shapes, const Check &check) {
    for (const Extents &shape : shapes)
      for (const Operation &operation : samples_of(op(), shape))
        for (const Form &form : some_forms()) check(operation, form, shape);
  }
  // The first call measures what is needed, the second allocates it at once.
  void expect_none(const kiln_context *with, const std::vector<Extents> &shapes) {
    for_each(shapes, [&](const Operation &operation, const Form &form, const Extents &shape) {
      Repeated repeated(operation, form, shape);
      repeated.call(with);
      repeated.call(with);
      EXPECT_EQ(repeated.allocations_of_a_call(with), 0) << repeated.place();
    });
  }

 private:
  std::string name_;
  Results expected_;
};
KILN_OPERATORS_AND_ISAS(WorkingMemory, all_operators());

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
    for_each({kSmall, kLarge}, [&](const Operation &operation, const Form &form, const Extents &shape) {
      const With measuring(isa(), threads), with_workspace(isa(), threads);
      Repeated(operation, form, shape).call(measuring);
      const size_t bytes = std::max<size_t>(kiln_context_workspace_peak(measuring), KILN_WORKSPACE_MIN);
      std::vector<double> memory(bytes / sizeof(double) + 2);
      double *const begin = memory.data() + (reinterpret_cast<uintptr_t>(memory.data()) % 16 == 0);
      ASSERT_EQ(kiln_context_set_workspace(with_workspace, begin, bytes), KILN_STATUS_OK);
      Repeated repeated(operation, form, shape);
      EXPECT_EQ(repeated.allocations_of_a_call(with_workspace), 0) << repeated.place();
      EXPECT_TRUE(same_bits(expected_of(repeated), repeated.results())) << repeated.place();
    });
}

// Whatever the workspace, a call is right or says what it expects, and leaves the output as it was.
TEST_P(WorkingMemory, OfTheAppThatIsTooSmallIsRefused) {
  std::vector<double> memory(KILN_WORKSPACE_MIN / sizeof(double));
  const With small(isa(), 3);
  ASSERT_EQ(kiln_context_set_workspace(small, memory.data(), KILN_WORKSPACE_MIN), KILN_STATUS_OK);
  for_each({kLarge}, [&](const Operation &operation, const Form &form, const Extents &shape) {
    Repeated repeated(operation, form, shape);
    const Results before = repeated.results();
    const kiln_status status = repeated.call(small);
    if (status == KILN_STATUS_OK) {
      EXPECT_TRUE(same_bits(expected_of(repeated), repeated.results())) << repeated.place();
    } else {
      EXPECT_EQ(status, KILN_STATUS_OUT_OF_MEMORY) << repeated.place();
      EXPECT_NE(std::string(kiln_last_error()).find("workspace: expected "), std::string::npos) << kiln_last_error();
      EXPECT_TRUE(same_bits(before, repeated.results())) << repeated.place();
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
  const Form &in_gaps = forms().back();
  Repeated repeated(layer_norm({30, 41}), in_gaps, {3, 16, 30, 41});
  repeated.call(context);
  repeated.call(context);
  EXPECT_GT(repeated.allocations_of_a_call(context), 0) << repeated.place();
  ASSERT_EQ(kiln_context_set_workspace(context, nullptr, KILN_WORKSPACE_KEPT), KILN_STATUS_OK);
  repeated.call(context);
  repeated.call(context);
  EXPECT_EQ(repeated.allocations_of_a_call(context), 0) << repeated.place();
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
