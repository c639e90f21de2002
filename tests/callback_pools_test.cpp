// The app's own pool (kiln_context_set_parallel_for), whatever it does with the pieces of work that it is given: every
// operator gives the same bits.
#include <atomic>
#include <thread>

#include "support/expectations.h"
#include "support/operators.h"
#include "support/ready_call.h"

namespace kiln::test {
namespace {

struct Work {
  int64_t count;
  kiln_parallel_body body;
  void *data;
  void run(int64_t i) const { body(data, i); }
};

void backwards(const Work &work) {
  for (int64_t i = work.count; i-- > 0;) work.run(i);
}

// Every piece on a thread of its own, begun when the one before it is done.
void one_at_a_time(const Work &work) {
  for (int64_t i = work.count; i-- > 0;) std::thread([&] { work.run(i); }).join();
}

// Twice as many threads as pieces, which all begin at once.
void by_a_crowd(const Work &work) {
  std::atomic<int64_t> waiting{2 * work.count}, next{0};
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < 2 * work.count; ++t)
    threads.emplace_back([&] {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      for (int64_t i; (i = next++) < work.count;) work.run(i);
    });
  for (std::thread &thread : threads) thread.join();
}

struct Pool {
  void (*way)(const Work &);
  int64_t most = 0;  // pieces of one call

  static void parallel_for(void *data, int64_t count, kiln_parallel_body body, void *body_data) {
    Pool &pool = *static_cast<Pool *>(data);
    pool.most = std::max(pool.most, count);
    pool.way({count, body, body_data});
  }
};

class CallbackPools : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Each, CallbackPools, ::testing::ValuesIn(all_operators()),
                         [](const auto &info) { return info.param; });

TEST_P(CallbackPools, ChangeNoBit) {
  Pool pool{};
  Context context;
  context.threads(4).parallel_for(Pool::parallel_for, &pool);
  for (const auto &call : ready_calls(GetParam(), kSharedOut))
    for (const auto &[way, name] :
         {std::pair{backwards, "backwards"}, {one_at_a_time, "one at a time"}, {by_a_crowd, "by a crowd"}}) {
      pool.way = way;
      EXPECT_TRUE(call->right(context)) << call->name() << ", " << name << ": " << kiln_last_error();
    }
  EXPECT_GT(pool.most, 2) << "hardly a call was shared out";
}

}  // namespace
}  // namespace kiln::test
