// When a call wakes workers that sleep (docs/using/threads.md): where what is left of it takes long enough, or calls
// that follow one another do. The clock is the test's, and the kernel counts how often workers slept.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "support/expectations.h"
#include "support/false_clock.h"
#include "support/operators.h"
#include "support/ready_call.h"

namespace kiln::test {
namespace {

constexpr int kThreads = 8;
constexpr int64_t kMicrosecond = 1000, kMillisecond = 1000 * kMicrosecond;

std::set<int> threads_of_process() {
  std::set<int> found;
  for (const auto &entry : std::filesystem::directory_iterator("/proc/self/task"))
    found.insert(std::stoi(entry.path().filename()));
  return found;
}

// No workers: they were there when the program began. An emulator and a sanitizer have threads of their own.
const std::set<int> others = threads_of_process();

// How often each worker has gone to sleep, and whether all are asleep.
struct Sleeps {
  std::map<int, int64_t> of_thread;
  bool all = true;

  Sleeps() {
    for (int thread : threads_of_process()) {
      if (others.count(thread) > 0) continue;
      std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/status");
      for (std::string line; std::getline(file, line);) {
        if (line.rfind("State:", 0) == 0) all = all && line.find('S', 6) != std::string::npos;
        if (line.rfind("voluntary_ctxt_switches:", 0) == 0) of_thread[thread] = std::stoll(line.substr(24));
      }
    }
  }
};

// Once every worker sleeps, and has done so for far longer than it watches for calls.
Sleeps when_all_sleep() {
  for (Sleeps before;;) {
    usleep(20'000);
    Sleeps now;
    if (before.all && now.all && before.of_thread == now.of_thread) return now;
    before = now;
  }
}

// Workers that have been woken since.
int woken_since(const Sleeps &before) {
  const Sleeps now = when_all_sleep();
  int woken = 0;
  for (const auto &[thread, sleeps] : now.of_thread) woken += sleeps != before.of_thread.at(thread);
  return woken;
}

class Waking : public ::testing::Test {
 protected:
  Waking() : values_(int64_t{1} << 22, 0.5f) {
    context_.threads(kThreads);
    call(values_.size());  // starts the workers
  }
  void call(int64_t count) {
    int64_t shape[] = {count};
    DLTensor both{values_.data(), {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, shape, nullptr, 0};
    ASSERT_EQ(kiln_hardsigmoid(context_, &both, &both), KILN_STATUS_OK) << kiln_last_error();
  }

  static constexpr int64_t kTwoTasks = 40'000;
  Context context_;
  std::vector<float> values_;
};

TEST_F(Waking, AShortCallIsTheCallersAlone) {
  const Sleeps before = when_all_sleep();
  ASSERT_EQ(before.of_thread.size(), kThreads - 1u);
  {
    FalseClock clock(0);
    for (size_t count = kTwoTasks; count <= values_.size(); count *= 2) call(count);
  }
  EXPECT_EQ(woken_since(before), 0);
}

TEST_F(Waking, ALongCallTakesAllThreads) {
  const Sleeps before = when_all_sleep();
  {
    FalseClock clock(kMillisecond);
    call(values_.size());
  }
  EXPECT_EQ(woken_since(before), kThreads - 1);
}

TEST_F(Waking, ACallWakesNoMoreWorkersThanItHasTasks) {
  const Sleeps before = when_all_sleep();
  {
    FalseClock clock(10 * kMillisecond);
    call(kTwoTasks);
  }
  EXPECT_LE(woken_since(before), 1);
}

TEST_F(Waking, ShortCallsOneAfterAnotherWakeAWorker) {
  const Sleeps before = when_all_sleep();
  {
    FalseClock clock(5 * kMicrosecond);
    for (int i = 0; i < 2000; ++i) call(kTwoTasks);
  }
  EXPECT_GE(woken_since(before), 1);
}

TEST_F(Waking, ShortCallsFarApartWakeNone) {
  const Sleeps before = when_all_sleep();
  {
    FalseClock clock(5 * kMicrosecond);
    for (int i = 0; i < 2000; ++i) {
      call(kTwoTasks);
      clock.pass(kMillisecond);
    }
  }
  EXPECT_EQ(woken_since(before), 0);
}

class WakingByOperators : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Each, WakingByOperators, ::testing::ValuesIn(all_operators()),
                         [](const auto &info) { return info.param; });

// Whatever passes a call is made of.
TEST_P(WakingByOperators, AShortCallIsTheCallersAlone) {
  Context context;
  context.threads(kThreads);
  const ReadyCalls calls = some_ready_calls(GetParam(), kSharedOut);
  for (const auto &call : calls) ASSERT_TRUE(call->right(context)) << call->name() << ": " << kiln_last_error();
  const Sleeps before = when_all_sleep();
  EXPECT_GT(before.of_thread.size(), 0u) << "no call was shared out";
  {
    FalseClock clock(0);
    for (const auto &call : calls) EXPECT_TRUE(call->right(context)) << call->name() << ": " << kiln_last_error();
  }
  EXPECT_EQ(woken_since(before), 0);
}

}  // namespace
}  // namespace kiln::test
