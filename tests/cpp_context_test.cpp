// kiln.hpp's Context: the app's own function as parallel_for, and what that throws.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <kiln/kiln.hpp>
#include <memory>
#include <new>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using kiln::ParallelBody;
using kiln::view;

// A call that is shared out: more than one stage, each in several pieces.
class CppContext : public testing::Test {
 protected:
  CppContext() {
    std::iota(x_.begin(), x_.end(), -1000.0f);
    kiln::instance_norm(view(x_, kShape), view(expected_, kShape));
  }
  void call(const kiln::Context &context) {
    std::fill(y_.begin(), y_.end(), 0.0f);
    kiln::InstanceNormOptions options;
    options.context = &context;
    kiln::instance_norm(view(x_, kShape), view(y_, kShape), options);
  }

  const kiln::Shape kShape = {8, 8, 2048};
  std::vector<float> x_ = std::vector<float>(8 * 8 * 2048), expected_ = x_, y_ = x_;
};

TEST_F(CppContext, ALambdaSharesOut) {
  std::atomic<int> calls{0}, pieces{0};
  kiln::Context context;
  context.num_threads(4).parallel_for([&](int64_t count, const ParallelBody &body) {
    ++calls;
    std::vector<std::thread> threads;
    for (int64_t i = 0; i < count; ++i) {
      threads.emplace_back([&pieces, body, i] {
        ++pieces;
        body(i);
      });
    }
    for (std::thread &thread : threads) thread.join();
  });
  call(context);
  EXPECT_EQ(y_, expected_);
  EXPECT_GE(calls, 1);
  EXPECT_GT(pieces, calls);
}

TEST_F(CppContext, KeepsWhatTheFunctionOwnsUntilItGoes) {
  std::weak_ptr<int> alive;
  {
    auto calls = std::make_shared<int>(0);
    alive = calls;
    auto unique = std::make_unique<int>(7);  // a function that can only be moved
    kiln::Context first;
    first.num_threads(2).parallel_for([calls = std::move(calls), unique = std::move(unique)](int64_t count, auto body) {
      *calls += *unique;
      for (int64_t i = 0; i < count; ++i) body(i);
    });
    kiln::Context context = std::move(first);
    call(context);
    EXPECT_EQ(y_, expected_);
    ASSERT_FALSE(alive.expired());
    EXPECT_GE(*alive.lock(), 7);
    context.parallel_for(nullptr);
    EXPECT_TRUE(alive.expired());
    call(context);
    EXPECT_EQ(y_, expected_);
    context.parallel_for([kept = std::make_shared<int>(1), &alive](int64_t, auto) { alive = kept; });
    call(context);
    EXPECT_EQ(y_, expected_) << "pieces that nobody ran are run all the same";
    EXPECT_FALSE(alive.expired());
  }
  EXPECT_TRUE(alive.expired());
}

struct Thrown {
  int value;
};

// Before the first piece, after some, after all.
TEST_F(CppContext, WhatTheFunctionThrowsComesOutOfTheCall) {
  for (int64_t after : {0, 1, 3, 1000}) {
    int calls = 0;
    kiln::Context context;
    context.num_threads(4).parallel_for([&](int64_t count, auto body) {
      ++calls;
      for (int64_t i = 0; i < std::min(count, after); ++i) body(i);
      throw Thrown{calls};
    });
    try {
      call(context);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Thrown &thrown) {
      EXPECT_EQ(thrown.value, 1) << "the first is thrown";
    }
    EXPECT_EQ(y_, expected_) << after;
    call(kiln::Context());
  }
}

TEST_F(CppContext, ThroughFunctionsOfKilnHNothingIsThrown) {
  kiln::Context context;
  context.num_threads(4).parallel_for([](int64_t, auto) { throw std::runtime_error("no threads"); });
  const kiln::View x = view(x_), y = view(y_);
  std::vector<float> expected(x_.size());
  kiln::silu(x, view(expected));
  const DLTensor in = x.tensor();
  DLTensor out = y.tensor();
  EXPECT_EQ(kiln_silu(context.get(), &in, &out), KILN_STATUS_OK);
  EXPECT_EQ(y_, expected);
  EXPECT_THROW(kiln::silu(x, y, context), std::runtime_error);
}

// A call within the function of another: each has its own exception.
TEST_F(CppContext, CallsWithinCallsThrowTheirOwn) {
  kiln::Context inner, outer;
  inner.num_threads(4).parallel_for([](int64_t, auto) { throw Thrown{1}; });
  int caught = 0;
  outer.num_threads(4).parallel_for([&](int64_t count, auto body) {
    std::vector<float> z(x_.size());
    try {
      kiln::silu(view(x_), view(z), inner);
    } catch (const Thrown &thrown) {
      caught += thrown.value;
    }
    for (int64_t i = 0; i < count; ++i) body(i);
  });
  call(outer);
  EXPECT_EQ(y_, expected_);
  EXPECT_GE(caught, 1);
}

TEST_F(CppContext, OneContextServesManyThreadsThatThrow) {
  kiln::Context context;
  context.num_threads(4).parallel_for([](int64_t count, auto body) {
    for (int64_t i = 0; i + 1 < count; ++i) body(i);
    throw std::this_thread::get_id();
  });
  std::atomic<int> own{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      std::vector<float> y(x_.size());
      for (int i = 0; i < 20; ++i) {
        try {
          kiln::silu(view(std::as_const(x_)), view(y), context);
        } catch (std::thread::id id) {
          own += id == std::this_thread::get_id();
        }
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(own, 80);
}

TEST_F(CppContext, AWorkspaceOfThePeakServesTheSameCall) {
  kiln::Context context, with_workspace;
  call(context.num_threads(1));
  const size_t peak = std::max<size_t>(context.workspace_peak(), KILN_WORKSPACE_MIN);
  std::vector<double> memory(peak / sizeof(double) + 1);
  call(with_workspace.num_threads(1).workspace(memory.data(), peak));
  EXPECT_EQ(y_, expected_);
  EXPECT_THROW(with_workspace.workspace(memory.data(), KILN_WORKSPACE_MIN - 1), kiln::Error);
}

// A moved-from context has none in C.
TEST_F(CppContext, SettersThatFailThrowTheSameException) {
  kiln::Context context, other = std::move(context);
  EXPECT_THROW(context.num_threads(1), kiln::Error);
  EXPECT_THROW(context.parallel_for([](int64_t, auto) {}), kiln::Error);
  EXPECT_THROW(other.isa("pdp11"), kiln::Error);
  EXPECT_NO_THROW(call(other));
}

}  // namespace
