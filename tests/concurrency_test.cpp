// Calls from many threads at once.
#include <atomic>
#include <thread>

#include "support/expectations.h"
#include "support/array.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

// Runs body(thread) on that many threads, which all begin together.
template <class Body>
void on_threads(int count, Body body) {
  std::atomic<int> waiting{count};
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t)
    threads.emplace_back([&, t] {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      body(t);
    });
  for (std::thread &thread : threads) thread.join();
}

// Every operator from every thread, with the default context, a shared one and own ones, on Kiln's one pool.
TEST(Concurrency, CallsDoNotMeet) {
  const std::vector<float> inputs = mixed_values(150001, 111);
  const Operation arguments = layer_norm({311}, normal_values(311, 112));
  const std::vector<float> rows = normal_values(400 * 311, 113);
  const std::vector<float> expected_rows = reference_bits(arguments, {400, 311}, rows).output;
  std::vector<std::vector<float>> expected;
  for (const ElementwiseOperator &op : elementwise_operators())
    expected.push_back(reference_bits(op, KILN_ACCURACY_EXACT, inputs));
  Context shared;
  shared.threads(3);
  on_threads(8, [&](int t) {
    Context own;
    own.threads(1 + t % 4);
    const kiln_context *const contexts[] = {nullptr, shared, own};
    for (int round = 0; round < 6; ++round) {
      const kiln_context *context = contexts[(t + round) % 3];
      for (size_t k = 0; k < expected.size(); ++k) {
        const ElementwiseOperator &op = elementwise_operators()[(k + t) % expected.size()];
        EXPECT_TRUE(same_bits(expected[(k + t) % expected.size()], run_dense(op, context, inputs), inputs))
            << op.name << ", thread " << t << ", round " << round;
      }
      EXPECT_TRUE(same_bits(expected_rows, run_dense(context, arguments, {400, 311}, rows).output, rows))
          << "layer_norm, thread " << t << ", round " << round;
    }
  });
}

// One input, read by all; each has its own message.
TEST(Concurrency, MessagesAreTheThreadsOwn) {
  Array from(dense({3, 4}), normal_values(12, 114));
  on_threads(8, [&](int t) {
    const ElementwiseOperator &op = any_elementwise_operator();
    const Layout layout = dense({t + 20});
    std::vector<float> memory(t + 20, 7.0f);
    const DLTensor input = from.tensor();
    DLTensor output = tensor_on(memory.data(), layout);
    for (int round = 0; round < 2000; ++round)
      ASSERT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output:", "(3, 4)", show(layout.shape)},
                              op.run(nullptr, &input, &output)));
  });
}

// A thread that never failed has no message, whatever others did.
TEST(Concurrency, NoMessageBeforeAFailure) {
  ASSERT_NE(any_elementwise_operator().run(nullptr, nullptr, nullptr), KILN_STATUS_OK);
  on_threads(2, [](int) { EXPECT_STREQ(kiln_last_error(), ""); });
}

// Different rows of one output from different threads.
TEST(Concurrency, NeighboursInOneOutput) {
  const std::vector<float> inputs = mixed_values(64 * 1001, 115);
  for (const ElementwiseOperator &op : elementwise_operators()) {
    std::vector<float> outputs(inputs.size());
    on_threads(8, [&](int t) {
      const Layout row = dense({1001});
      for (int r = t; r < 64; r += 8) {
        const DLTensor input = tensor_on(const_cast<float *>(inputs.data()) + r * 1001, row);
        DLTensor output = tensor_on(outputs.data() + r * 1001, row);
        EXPECT_TRUE(succeeded(op.run(nullptr, &input, &output)));
      }
    });
    EXPECT_TRUE(same_bits(reference_bits(op, KILN_ACCURACY_EXACT, inputs), outputs, inputs)) << op.name;
  }
}

}  // namespace
}  // namespace kiln::test
