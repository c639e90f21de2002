// fork, exit and dlclose, with Kiln's pool alive; the instruction set that the environment forces. docs/using/threads.md.
#include <dirent.h>
#include <dlfcn.h>

#include <atomic>
#include <sstream>
#include <thread>

#include "support/array.h"
#include "support/child.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

constexpr int64_t kMany = 300007;

int count_threads() {
  DIR *tasks = opendir("/proc/self/task");
  int count = 0;
  while (const dirent *entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

// The same, but for threads beyond `left` that have been joined: /proc has them until the kernel has taken them apart.
int count_threads_that_stay(int left) {
  for (int i = 0; i < 1000 && count_threads() > left; ++i) usleep(5000);
  return count_threads();
}

// Whether `threads` threads give these bits; without GoogleTest, for children.
bool gives(const ElementwiseOperator &op, int threads, const std::vector<float> &inputs,
           const std::vector<float> &expected) {
  kiln_context *context;
  if (kiln_context_create(&context) != KILN_STATUS_OK ||
      kiln_context_set_num_threads(context, threads) != KILN_STATUS_OK)
    return false;
  std::vector<float> outputs(inputs.size());
  const Layout layout = dense({static_cast<int64_t>(inputs.size())});
  const DLTensor input = tensor_on(const_cast<float *>(inputs.data()), layout);
  DLTensor output = tensor_on(outputs.data(), layout);
  const bool right = op.run(context, &input, &output) == KILN_STATUS_OK && same_bits(expected, outputs);
  kiln_context_destroy(context);
  return right;
}

class Fork : public ::testing::Test {
 protected:
  const ElementwiseOperator &op_ = any_elementwise_operator();
  const std::vector<float> inputs_ = mixed_values(kMany, 141);
  const std::vector<float> expected_ = reference_bits(op_, KILN_ACCURACY_EXACT, inputs_);
};

// The child has none of the parent's threads, and starts its own; the parent's go on.
TEST_F(Fork, ChildAndParentGoOn) {
  ASSERT_TRUE(gives(op_, 4, inputs_, expected_));
  for (int round = 0; round < 10; ++round) {
    const int status = run_in_child([&] {
      if (count_threads() != 1) return 2;
      if (!gives(op_, 4, inputs_, expected_)) return 3;
      return count_threads() > 1 ? 0 : 4;
    });
    EXPECT_EQ(status, 0) << "round " << round << ": 2 has threads of its parent's, 3 gave other bits, 4 started none";
    ASSERT_TRUE(gives(op_, 4, inputs_, expected_)) << "the parent, round " << round;
  }
}

TEST_F(Fork, OfAChild) {
  ASSERT_TRUE(gives(op_, 4, inputs_, expected_));
  EXPECT_EQ(run_in_child([&] {
              if (!gives(op_, 3, inputs_, expected_)) return 2;
              return run_in_child([&] { return gives(op_, 4, inputs_, expected_) ? 0 : 3; });
            }),
            0);
}

// Children that end by exit(), which runs Kiln's destructor, without and with a pool of their own.
TEST_F(Fork, ChildExits) {
  ASSERT_TRUE(gives(op_, 4, inputs_, expected_));
  EXPECT_EQ(run_in_child([&]() -> int { std::exit(42); }), 42);
  EXPECT_EQ(run_in_child([&]() -> int { std::exit(gives(op_, 4, inputs_, expected_) ? 42 : 3); }), 42);
}

// Forks while other threads are inside calls.
TEST_F(Fork, DuringCalls) {
  std::atomic<bool> done{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < 3; ++t)
    callers.emplace_back([&] {
      while (!done)
        if (!gives(op_, 3, inputs_, expected_)) ++failures;
    });
  for (int round = 0; round < 20; ++round)
    EXPECT_EQ(run_in_child([&] { return gives(op_, 4, inputs_, expected_) ? 0 : 3; }), 0) << "round " << round;
  done = true;
  for (std::thread &caller : callers) caller.join();
  EXPECT_EQ(failures, 0);
}

class Leaving : public ::testing::TestWithParam<const char *> {};
INSTANTIATE_TEST_SUITE_P(By, Leaving,
                         ::testing::Values("return", "exit", "_exit", "quick_exit", "exit-from-thread", "atexit",
                                           "after-destructor", "return-during-a-call"),
                         [](const auto &info) {
                           std::string name = info.param;
                           for (char &c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

TEST_P(Leaving, KeepsTheStatusAndSaysNothing) {
  for (int round = 0; round < 10; ++round) {
    const Finished finished = run_program({KILN_LEAVE_PROGRAM, GetParam()});
    ASSERT_EQ(finished.status, 42) << GetParam()
                                   << ": 1 wrong result, 2 no such way, 3 and up a late call failed, < 0 a signal";
    ASSERT_EQ(finished.output + finished.error, "") << GetParam();
  }
}

// Loads, uses and unloads; nothing stays, and it works again.
TEST(Unloading, LeavesNothing) {
  const int threads_before = count_threads();
  std::vector<float> memory(kMany);
  for (int round = 0; round < 20; ++round) {
    void *plugin = dlopen(KILN_PLUGIN, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(plugin, nullptr) << dlerror();
    const auto run = reinterpret_cast<int (*)(float *, int64_t, int)>(dlsym(plugin, "plugin_run"));
    const auto fail = reinterpret_cast<int (*)()>(dlsym(plugin, "plugin_fail"));
    ASSERT_TRUE(run && fail);
    std::fill(memory.begin(), memory.end(), 0.0f);
    ASSERT_EQ(run(memory.data(), kMany, 1 + round % 4), 0) << "round " << round;
    for (float element : memory) ASSERT_EQ(element, 0.5f) << "round " << round;
    ASSERT_EQ(fail(), 0) << "round " << round;
    ASSERT_EQ(dlclose(plugin), 0) << dlerror();
    ASSERT_EQ(dlopen(KILN_PLUGIN, RTLD_NOW | RTLD_NOLOAD), nullptr) << "round " << round << ": it is still mapped";
    ASSERT_EQ(count_threads_that_stay(threads_before), threads_before) << "round " << round << ": threads are left";
    // No handler for fork() is left behind either.
    ASSERT_EQ(run_in_child([] { return 0; }), 0) << "round " << round;
  }
}

// The plugin's Kiln is its own: it does not meet the one of this program.
TEST(Unloading, BesideAnotherKiln) {
  const ElementwiseOperator &op = any_elementwise_operator();
  const std::vector<float> inputs = mixed_values(kMany, 142),
                           expected = reference_bits(op, KILN_ACCURACY_EXACT, inputs);
  ASSERT_TRUE(gives(op, 4, inputs, expected));
  void *plugin = dlopen(KILN_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  ASSERT_NE(plugin, nullptr) << dlerror();
  const auto run = reinterpret_cast<int (*)(float *, int64_t, int)>(dlsym(plugin, "plugin_run"));
  std::vector<float> memory(kMany);
  ASSERT_EQ(run(memory.data(), kMany, 4), 0);
  ASSERT_EQ(dlclose(plugin), 0);
  EXPECT_TRUE(gives(op, 4, inputs, expected));
}

class IsaEnvironment : public ::testing::Test {
 protected:
  struct Line {
    std::string status, isa, message;
  };
  // The program's three lines: two with the default context, one with a context that forces the baseline.
  static std::vector<Line> run(const char *value) {
    const Finished finished = run_program({KILN_ISA_PROGRAM, baseline().name}, {{"KILN_ISA", value}});
    EXPECT_EQ(finished.status, 0) << finished.error;
    std::vector<Line> lines;
    std::istringstream text(finished.output);
    for (std::string line; std::getline(text, line);) {
      Line parts;
      std::istringstream words(line);
      words >> parts.status >> parts.isa;
      std::getline(words, parts.message);
      lines.push_back(parts);
    }
    EXPECT_EQ(lines.size(), 3u) << finished.output;
    lines.resize(3);
    EXPECT_EQ(lines[2].status, "KILN_STATUS_OK") << "the context goes before the environment: " << finished.output;
    EXPECT_EQ(lines[2].isa, baseline().name) << finished.output;
    return lines;
  }
  static std::string best() {
    for (const Isa &isa : isas())
      if (isa.runs_here) return isa.name;
    return "none";
  }
};

TEST_F(IsaEnvironment, UnsetOrEmptyIsTheBest) {
  for (const char *value : {static_cast<const char *>(nullptr), ""})
    for (int call : {0, 1}) {
      const Line line = run(value)[call];
      EXPECT_EQ(line.status, "KILN_STATUS_OK") << line.message;
      EXPECT_EQ(line.isa, best());
    }
}

TEST_F(IsaEnvironment, ForcesEach) {
  for (const Isa &isa : isas())
    for (int call : {0, 1}) {
      const Line line = run(isa.name.c_str())[call];
      if (isa.runs_here) {
        EXPECT_EQ(line.status, "KILN_STATUS_OK") << line.message;
        EXPECT_EQ(line.isa, isa.name);
      } else {
        EXPECT_EQ(line.status, "KILN_STATUS_UNSUPPORTED_CPU") << isa.name;
        EXPECT_EQ(line.isa, "none") << isa.name;
        for (const std::string &text : {std::string("KILN_ISA"), isa.name})
          EXPECT_NE(line.message.find(text), std::string::npos) << line.message;
      }
    }
}

TEST_F(IsaEnvironment, BogusIsAnErrorOfEveryCall) {
  for (const char *value : {"bogus", "AVX2", "avx2,baseline", " "})
    for (int call : {0, 1}) {
      const Line line = run(value)[call];
      EXPECT_EQ(line.status, "KILN_STATUS_INVALID_ARGUMENT") << '"' << value << '"';
      EXPECT_EQ(line.isa, "none");
      for (const std::string &text :
           {std::string("KILN_ISA"), std::string("expected"), "\"" + std::string(value) + "\""})
        EXPECT_NE(line.message.find(text), std::string::npos) << line.message;
    }
}

}  // namespace
}  // namespace kiln::test
