// Threads that cannot be started, that are cancelled or end, that call while another ends the process or forks it: for
// every operator, in child processes that an alarm ends where they hang.
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "support/child.h"
#include "support/expectations.h"
#include "support/failing_threads.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/ready_call.h"

namespace kiln::test {
namespace {

constexpr int kWrong = 3, kNotMet = 4, kHung = 5, kRight = 42;
constexpr unsigned kPatience = 60;  // seconds

// GoogleTest is the parent's: children answer by their status.
::testing::AssertionResult ends_well(const std::function<int()> &body) {
  const int status = run_in_child([&] {
    alarm(kPatience);
    return body();
  });
  if (status == kRight) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "the child ended with " << status << "; " << kWrong << ": wrong bits, "
                                       << kNotMet << ": what was to be tried did not come about, " << kHung
                                       << ": its own child hung or crashed, " << -SIGALRM
                                       << ": it hung, < 0: another signal";
}

kiln_context *context_of(int threads) {
  kiln_context *context = nullptr;
  if (kiln_context_create(&context) != KILN_STATUS_OK || kiln_context_set_num_threads(context, threads)) _exit(kNotMet);
  return context;
}

// A thread that makes calls without end.
struct Caller {
  ReadyCalls calls;
  const kiln_context *contexts[2] = {nullptr, nullptr};
  std::atomic<int> made{0};
  pthread_t thread;

  explicit Caller(const std::string &op) : calls(some_ready_calls(op, kSharedOut)) {}
  void start(const kiln_context *context) {
    contexts[0] = context;
    if (pthread_create(&thread, nullptr, call_for_ever, this) != 0) _exit(kNotMet);
  }
  [[noreturn]] static void *call_for_ever(void *self) {
    Caller &caller = *static_cast<Caller *>(self);
    for (size_t i = 0;; ++i) {
      if (!caller.calls[i % caller.calls.size()]->right(caller.contexts[i % 2])) _exit(kWrong);
      ++caller.made;
      pthread_testcancel();
    }
  }
  void wait_for_calls(int more) const {
    for (const int enough = made + more; made < enough;) usleep(100);
  }
};

// They begin in a child; what they use is made before.
class Callers {
 public:
  explicit Callers(const std::string &op) : callers_{Caller(op), Caller(op), Caller(op)} {}
  void start(const kiln_context *context) {
    for (Caller &caller : callers_) caller.start(context);
  }
  void wait_for_calls(int more) const {
    for (const Caller &caller : callers_) caller.wait_for_calls(more);
  }

 private:
  Caller callers_[3];
};

class ThreadFaults : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string &op() const { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Each, ThreadFaults, ::testing::ValuesIn(some_of(all_operators(), 6)),
                         [](const auto &info) { return info.param; });

// Calls go on with the workers that are there; what could not be started is started by a later one.
TEST_P(ThreadFaults, AThreadCannotBeStarted) {
  const ReadyCalls calls = some_ready_calls(op(), kSharedOut);
  // Gives how many threads were asked for, less than 0 where a call was not right.
  const auto ask = [&](int n, bool alone) {
    kiln_context *const context = context_of(4);
    start_failing_threads(n, alone);
    for (int round = 0; round < 2; ++round)
      for (const auto &call : calls)
        if (!call->right(context)) return -1;
    return static_cast<int>(stop_failing_threads());
  };
  const int workers = run_in_child([&] { return ask(100, true); });
  ASSERT_GT(workers, 0) << "no call was shared out";
  ASSERT_LT(workers, 4);
  for (bool alone : {true, false})
    for (int n = 1; n <= workers; ++n)
      EXPECT_TRUE(ends_well([&] {
        const int asked = ask(n, alone);
        if (asked < 0) return kWrong;
        return (alone ? asked == workers + 1 : asked > n) ? kRight : kNotMet;
      })) << "thread "
          << n << (alone ? " alone" : " and those behind it");
}

TEST_P(ThreadFaults, TheCallerIsCancelled) {
  const ReadyCalls after = some_ready_calls(op(), kSharedOut);
  Caller caller(op());
  EXPECT_TRUE(ends_well([&] {
    kiln_context *const context = context_of(8);
    for (int round = 0; round < 25; ++round) {
      caller.start(context);
      caller.wait_for_calls(1);
      usleep(round * 40);
      void *result = nullptr;
      if (pthread_cancel(caller.thread) != 0 || pthread_join(caller.thread, &result) != 0) return kNotMet;
      if (result != PTHREAD_CANCELED) return kNotMet;
      if (!after[round % after.size()]->right(context)) return kWrong;
    }
    return kRight;
  }));
}

TEST_P(ThreadFaults, TheCallerEndsAtOnce) {
  EXPECT_TRUE(ends_well([&] {
    struct Once {
      ReadyCall *call;
      kiln_context *context;
      static void *run(void *self) {
        const Once &once = *static_cast<Once *>(self);
        pthread_exit(once.call->right(once.context) ? self : nullptr);
      }
    };
    const ReadyCalls calls = some_ready_calls(op(), kSharedOut);
    for (const auto &call : calls) {
      Once once{call.get(), context_of(4)};
      pthread_t thread;
      void *result = nullptr;
      if (pthread_create(&thread, nullptr, Once::run, &once) != 0 || pthread_join(thread, &result) != 0) return kNotMet;
      kiln_context_destroy(once.context);
      if (!result) return kWrong;
    }
    return kRight;
  }));
}

// exit() in the main thread, and in another.
TEST_P(ThreadFaults, TheProcessEndsDuringCalls) {
  Callers callers(op());
  for (bool by_another : {false, true})
    for (int round = 0; round < 2; ++round)
      EXPECT_TRUE(ends_well([&]() -> int {
        callers.start(context_of(4));
        callers.wait_for_calls(1);
        usleep(round * 1500);
        pthread_t thread;
        const auto leave = [](void *) -> void * { std::exit(kRight); };
        if (!by_another) std::exit(kRight);
        if (pthread_create(&thread, nullptr, leave, nullptr) == 0) pthread_join(thread, nullptr);
        return kNotMet;
      })) << (by_another ? "exit() in another thread, round " : "exit() in the main thread, round ")
          << round;
}

class ThreadFaultsOfForks : public ThreadFaults {};
INSTANTIATE_TEST_SUITE_P(Each, ThreadFaultsOfForks, ::testing::ValuesIn(some_of(all_operators(), 6, 3)),
                         [](const auto &info) { return info.param; });

// The child of a busy process calls with the contexts that were in use, and with one of its own.
TEST_P(ThreadFaultsOfForks, TheProcessForksDuringCalls) {
  const ReadyCalls calls = some_ready_calls(op(), kSharedOut);
  Callers callers(op());
  EXPECT_TRUE(ends_well([&] {
    kiln_context *const shared = context_of(4);
    callers.start(shared);
    for (int round = 0; round < 4; ++round) {
      callers.wait_for_calls(round % 2);
      const int status = run_in_child([&] {
        alarm(kPatience / 2);
        const kiln_context *const contexts[] = {shared, nullptr, context_of(3)};
        for (size_t i = 0; i < calls.size(); ++i)
          if (!calls[i]->right(contexts[(i + round) % 3])) return kWrong;
        return kRight;
      });
      if (status != kRight) return status < 0 ? kHung : status;
    }
    return kRight;
  }));
}

}  // namespace
}  // namespace kiln::test
