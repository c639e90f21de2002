// kiln_context: threads, the app's own parallel_for, instruction set, accuracy.
#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

#include "support/array.h"
#include "support/expectations.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

// Enough for several pieces of work.
constexpr int64_t kMany = 300007;

TEST(ContextThreads, AreWhatWasSet) {
  Context context;
  EXPECT_GE(kiln_context_num_threads(context), 1);
  EXPECT_EQ(kiln_context_num_threads(context), kiln_context_num_threads(nullptr));
  for (int threads : {1, 2, 3, 8, 255}) {
    context.threads(threads);
    EXPECT_EQ(kiln_context_num_threads(context), threads);
  }
  context.threads(0);
  EXPECT_EQ(kiln_context_num_threads(context), kiln_context_num_threads(nullptr));
}

// No call uses more than 255, whatever is asked for.
TEST(ContextThreads, AreAtMost255) {
  Context context;
  for (int threads : {256, 1000, std::numeric_limits<int>::max()}) {
    context.threads(threads);
    EXPECT_EQ(kiln_context_num_threads(context), 255) << threads;
  }
}

TEST(ContextThreads, NegativeIsRefused) {
  Context context;
  context.threads(3);
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"num_threads", "expected", "-1"},
                          kiln_context_set_num_threads(context, -1)));
  EXPECT_EQ(kiln_context_num_threads(context), 3);
}

// What the app's parallel_for saw.
struct Pool {
  std::mutex mutex;
  std::multiset<int64_t> indices;
  std::vector<int64_t> counts;
  enum { kInOrder, kBackwards, kThreads } how = kInOrder;

  void take(int64_t i) {
    const std::lock_guard<std::mutex> lock(mutex);
    indices.insert(i);
  }
  static void run(void *data, int64_t count, kiln_parallel_body body, void *body_data) {
    Pool &pool = *static_cast<Pool *>(data);
    {
      const std::lock_guard<std::mutex> lock(pool.mutex);
      pool.counts.push_back(count);
    }
    const auto one = [&](int64_t i) {
      pool.take(i);
      body(body_data, i);
    };
    if (pool.how == kInOrder)
      for (int64_t i = 0; i < count; ++i) one(i);
    if (pool.how == kBackwards)
      for (int64_t i = count; i-- > 0;) one(i);
    if (pool.how == kThreads) {
      std::vector<std::thread> threads;
      for (int64_t i = 0; i < count; ++i) threads.emplace_back(one, i);
      for (std::thread &thread : threads) thread.join();
    }
  }
};

class ContextParallelFor : public OperatorTest {};
KILN_EACH_OPERATOR(ContextParallelFor);

// It is given the work, in whatever order and on whatever threads it runs it, and the bits stay the same.
TEST_P(ContextParallelFor, RunsTheWork) {
  const std::vector<float> inputs = mixed_values(kMany, 101);
  const std::vector<float> expected = reference_bits(op(), KILN_ACCURACY_EXACT, inputs);
  for (auto how : {Pool::kInOrder, Pool::kBackwards, Pool::kThreads}) {
    Pool pool;
    pool.how = how;
    Context context;
    context.threads(4).parallel_for(Pool::run, &pool);
    EXPECT_TRUE(same_bits(expected, run_dense(op(), context, inputs), inputs)) << op().name;
    ASSERT_EQ(pool.counts.size(), 1u);
    ASSERT_GT(pool.counts[0], 1) << "there was only one piece for 4 threads";
    for (int64_t i = 0; i < pool.counts[0]; ++i) EXPECT_EQ(pool.indices.count(i), 1u) << "piece " << i;
  }
}

TEST_P(ContextParallelFor, NullGoesBackToKilnsPool) {
  const std::vector<float> inputs = mixed_values(kMany, 102);
  Pool pool;
  Context context;
  context.threads(4).parallel_for(Pool::run, &pool).parallel_for(nullptr, nullptr);
  EXPECT_TRUE(same_bits(reference_bits(op(), KILN_ACCURACY_EXACT, inputs), run_dense(op(), context, inputs), inputs));
  EXPECT_TRUE(pool.counts.empty());
}

// The pool may call Kiln itself, with the same context.
TEST_P(ContextParallelFor, MayNest) {
  struct Nested {
    const ElementwiseOperator *op;
    kiln_context *context;
    std::atomic<int> depth{0}, failures{0};
    static void run(void *data, int64_t count, kiln_parallel_body body, void *body_data) {
      Nested &self = *static_cast<Nested *>(data);
      if (self.depth++ == 0) {
        std::vector<float> more(kMany, 0.5f);
        const Layout layout = dense({kMany});
        DLTensor both = tensor_on(more.data(), layout);
        if (self.op->run(self.context, &both, &both) != KILN_STATUS_OK) ++self.failures;
      }
      for (int64_t i = 0; i < count; ++i) body(body_data, i);
    }
  };
  Context context;
  Nested nested{&op(), context};
  context.threads(3).parallel_for(Nested::run, &nested);
  const std::vector<float> inputs = mixed_values(kMany, 103);
  EXPECT_TRUE(same_bits(reference_bits(op(), KILN_ACCURACY_EXACT, inputs), run_dense(op(), context, inputs), inputs));
  EXPECT_EQ(nested.failures, 0);
  EXPECT_EQ(nested.depth, 2);
}

TEST(ContextLayerNorm, UsesParallelFor) {
  const std::vector<float> inputs = normal_values(700 * 500, 104);
  const Operation arguments = layer_norm({500}, normal_values(500, 105), normal_values(500, 106));
  Pool pool;
  pool.how = Pool::kThreads;
  Context context;
  context.threads(4).parallel_for(Pool::run, &pool);
  EXPECT_TRUE(
      same_bits(reference_bits(arguments, {700, 500}, inputs), run_dense(context, arguments, {700, 500}, inputs)));
  ASSERT_EQ(pool.counts.size(), 1u);
  EXPECT_GT(pool.counts[0], 1);
  EXPECT_EQ(static_cast<int64_t>(pool.indices.size()), pool.counts[0]);
}

TEST(ContextIsa, BestByDefaultAndForced) {
  Context context;
  const auto best = std::find_if(isas().begin(), isas().end(), [](const Isa &isa) { return isa.runs_here; });
  ASSERT_NE(best, isas().end());
  if (!std::getenv("KILN_ISA")) {
    EXPECT_EQ(kiln_context_isa(context), best->name);
  }
  for (const Isa &isa : isas()) {
    if (!isa.runs_here) continue;
    context.isa(isa.name);
    EXPECT_EQ(kiln_context_isa(context), isa.name);
  }
  EXPECT_TRUE(succeeded(kiln_context_set_isa(context, nullptr)));
  EXPECT_STREQ(kiln_context_isa(context), kiln_context_isa(nullptr));
}

TEST(ContextIsa, UnknownIsRefused) {
  Context context;
  context.isa(baseline().name);
  for (const char *name : {"avx", "AVX2", "sse4", "", "avx2 ", "x86_64_avx2"})
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT,
                            {"isa", "expected", baseline().name, std::string("\"") + name + '"'},
                            kiln_context_set_isa(context, name)));
  EXPECT_EQ(kiln_context_isa(context), baseline().name) << "a refused setting changed the context";
}

// Emulated CPUs of the qemu.* entries lack some; so may this one.
TEST(ContextIsa, TooNewForThisCpuIsRefused) {
  Context context;
  int tried = 0;
  for (const Isa &isa : isas()) {
    if (isa.runs_here) continue;
    ++tried;
    EXPECT_TRUE(failed_with(KILN_STATUS_UNSUPPORTED_CPU, {"isa", "expected", isa.name},
                            kiln_context_set_isa(context, isa.name.c_str())));
    EXPECT_STREQ(kiln_context_isa(context), kiln_context_isa(nullptr));
  }
  if (tried == 0) GTEST_SKIP() << "this CPU has every instruction set that is built in";
}

TEST(ContextAccuracy, OtherNumbersAreRefused) {
  Context context;
  for (int number : {-1, 2, 100})
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"accuracy", "expected", std::to_string(number)},
                            kiln_context_set_accuracy(context, static_cast<kiln_accuracy>(number))));
}

// Where there is no fast variant, fast means exact.
class ContextAccuracyOf : public ::testing::TestWithParam<std::string> {};
std::vector<std::string> operators_without_fast_variant() {
  std::vector<std::string> names;
  for (const std::string &op : operators_and_gradients())
    if (!descriptor::operator_named(op).has_accuracy("fast")) names.push_back(op);
  return names;
}
INSTANTIATE_TEST_SUITE_P(Each, ContextAccuracyOf, ::testing::ValuesIn(operators_without_fast_variant()),
                         [](const auto &info) { return info.param; });

TEST_P(ContextAccuracyOf, FallsBackToExact) {
  const Extents shape = {2, 4, 3, 50};
  const std::vector<float> inputs = mixed_values(1200, 107);
  Context context;
  context.accuracy(KILN_ACCURACY_FAST);
  for (const Operation &n : samples_of(GetParam(), shape))
    EXPECT_TRUE(same_bits(reference_bits(n, shape, inputs), run_dense(context, n, shape, inputs), inputs)) << show(n);
}

TEST(ContextArguments, Null) {
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context", "NULL"}, kiln_context_create(nullptr)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context", "NULL"}, kiln_context_set_num_threads(nullptr, 1)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context", "NULL"}, kiln_context_set_streaming(nullptr, 0)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context", "NULL"},
                          kiln_context_set_parallel_for(nullptr, nullptr, nullptr)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context", "NULL"},
                          kiln_context_set_accuracy(nullptr, KILN_ACCURACY_EXACT)));
  EXPECT_TRUE(
      failed_with(KILN_STATUS_INVALID_ARGUMENT, {"context", "NULL"}, kiln_context_set_isa(nullptr, "baseline")));
  kiln_context_destroy(nullptr);
}

}  // namespace
}  // namespace kiln::test
