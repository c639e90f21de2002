// Outputs that are written past the caches: which calls do, by the kernels that they call, and that no bit depends on
// it.
#include <functional>

#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/ready_call.h"

extern "C" {
int64_t kiln_tests_streamed_calls = 0;
}
// Each kernel that streams counts its calls on the way to it, whatever its arguments are.
#define KILN_COUNTING(symbol)                             \
  asm(".text\n.globl __wrap_" #symbol "\n__wrap_" #symbol \
      ":\n"                                               \
      "  lock incq kiln_tests_streamed_calls(%rip)\n"     \
      "  jmp __real_" #symbol "\n");
#include <streamed_kernels.inc>

namespace kiln::test {
namespace {

int64_t streamed_by(const std::function<kiln_status()> &call) {
  const int64_t before = kiln_tests_streamed_calls;
  EXPECT_TRUE(succeeded(call()));
  return kiln_tests_streamed_calls - before;
}

using StreamingEveryOperatorTest = EveryOperatorTest;
KILN_OPERATORS_AND_ISAS(StreamingEveryOperatorTest, operators_and_gradients());

TEST_P(StreamingEveryOperatorTest, GivesTheSameBits) {
  for (int threads : {1, 3}) {
    Context context;
    context.isa(isa().name).threads(threads).streaming(0);
    for (const Extents &shape :
         {Extents{3, 32, 8, 8}, Extents{2, 48, 16, 33}, Extents{2, 5, 40, 112}, Extents{3, 4, 16, 16}})
      for (const Operation &operation : samples_of(op(), shape)) {
        const Reference reference(operation, shape);
        for (const Form &form : some_forms())
          EXPECT_TRUE(ReadyCall(operation, form, shape, reference).right(context)) << threads << " threads";
      }
  }
}

struct Case {
  std::string op;
  Extents shape;
  bool channels_last;
};

class StreamingTest : public IsaTest {
 protected:
  void SetUp() override {
    IsaTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name).threads(2);
  }
  bool has_kernels() const { return isa().name != "baseline"; }
  // Calls of kernels that stream, from an array to another whose first element lies `misalignment` elements behind a
  // line of a cache; where that is negative, in place.
  int64_t calls(const Case &c, int misalignment) {
    Operation operation(c.op);
    operation.with("normalized_shape", Extents{c.shape.back()}).with("num_groups", 4);
    operation.of_batch(c.op != "batch_norm");
    for (const std::string &name : operation.parameters())
      operation.values(name) = normal_values(dense(operation.shape_of(name, c.shape)).count(), 951, 1, 0.1f);
    const Layout layout = c.channels_last ? channels_last(c.shape) : dense(c.shape);
    Array x(layout, normal_values(layout.count(), 952, 1, 2)), y(layout, misalignment < 0 ? 0 : misalignment);
    return streamed_by([&] { return run(context_, operation, x, misalignment < 0 ? x : y, nullptr); });
  }
  static std::vector<Case> cases() {
    return {{"hardsigmoid", {3, 1000}, false},      {"batch_norm", {2, 32, 16, 16}, false},
            {"batch_norm", {2, 32, 8, 8}, false},   {"batch_norm", {2, 64, 9, 9}, true},
            {"group_norm", {2, 32, 16, 16}, false}, {"instance_norm", {2, 32, 16, 16}, false},
            {"layer_norm", {5, 512}, false},        {"rms_norm", {5, 512}, false},
            {"layer_norm", {5, 256}, false},        {"rms_norm", {5, 256}, false},
            {"normalize", {5, 512}, false}};
  }

  Context context_;
};
KILN_EACH_ISA(StreamingTest);

TEST_P(StreamingTest, IsDoneFromTheBytesOnThatTheContextSays) {
  for (const Case &c : cases()) {
    const size_t bytes = static_cast<size_t>(dense(c.shape).count()) * sizeof(float);
    context_.streaming(bytes);
    EXPECT_EQ(calls(c, 0) > 0, has_kernels()) << c.op;
    context_.streaming(bytes + 1);
    EXPECT_EQ(calls(c, 0), 0) << c.op;
    context_.streaming(SIZE_MAX);
    EXPECT_EQ(calls(c, 0), 0) << c.op;
  }
}

TEST_P(StreamingTest, IsNotDoneInPlace) {
  context_.streaming(0);
  for (const Case &c : cases()) EXPECT_EQ(calls(c, -1), 0) << c.op;
}

// A vector's first line is written as usual where it is a part of one; lines of several rows would all be.
TEST_P(StreamingTest, AsksForWholeLines) {
  context_.streaming(0);
  for (const Case &c : cases()) EXPECT_EQ(calls(c, 1) > 0, has_kernels() && c.op == "hardsigmoid") << c.op;
  for (const Case &c : {Case{"layer_norm", {5, 515}, false}, Case{"batch_norm", {2, 32, 7, 7}, false}})
    EXPECT_EQ(calls(c, 0), 0) << c.op;
}

TEST_P(StreamingTest, IsNotDoneForSmallOutputsByDefault) {
  for (const Case &c : cases()) EXPECT_EQ(calls(c, 0), 0) << c.op;
}

// 128 MiB are more than half of any last cache but the largest servers', whose tests see none of it.
TEST_P(StreamingTest, IsDoneForLargeOutputsByDefault) {
  const int64_t calls_made = calls({"hardsigmoid", {int64_t{1} << 25}, false}, 0);
  if (has_kernels() && calls_made == 0) GTEST_SKIP() << "this CPU's last cache holds 256 MiB, or it tells of none";
  EXPECT_EQ(calls_made > 0, has_kernels());
}

}  // namespace
}  // namespace kiln::test
