// Which memory the tensors of an operator may share: inputs with each other; the output with the input, exactly;
// and nothing else with what is written, updated running statistics among it.
#include <map>

#include "support/inputs.h"
#include "support/operators.h"
#include "support/spoilable_call.h"

namespace kiln::test {
namespace {

class Overlap : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string &op() const { return GetParam(); }
  std::vector<std::string> parameters() const {
    std::vector<std::string> names = SpoilableCall(op()).names();
    return {names.begin() + 2, names.end()};
  }
};
INSTANTIATE_TEST_SUITE_P(Each, Overlap, ::testing::ValuesIn(all_operators()),
                         [](const auto &info) { return info.param; });

// The output begins at element 24 of 72; the input at some other.
TEST_P(Overlap, OfOutputWithInput) {
  const Layout layout = dense({2, 4, 3});
  for (int64_t at : {0, 1, 12, 23, 24, 25, 47, 48}) {
    Array memory(dense({72}), normal_values(72, 301));
    const std::vector<uint32_t> before = memory.snapshot();
    SpoilableCall call(op());
    call.tensor("input") = tensor_on(memory.data() + at, layout);
    call.tensor("output") = tensor_on(memory.data() + 24, layout);
    const kiln_status status = call.run();
    if (at == 0 || at == 24 || at == 48) {
      EXPECT_TRUE(succeeded(status)) << op() << ", input at " << at;
    } else {
      EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output:", "input"}, status)) << op() << " at " << at;
      EXPECT_EQ(before, memory.snapshot()) << op() << ": memory was written";
    }
  }
}

TEST_P(Overlap, OfTransposedInput) {
  const Layout transposed = permuted({4, 4, 4}, {2, 1, 0});
  expect_invalid(op(), {"output:", "input"}, [&](SpoilableCall &c) {
    c.reshape({4, 4, 4});
    c.alias("input", "output", 0, transposed);
  });
}

TEST_P(Overlap, OutputOfStride0) {
  for (int dimension : {0, 1, 2}) {
    const Layout layout = broadcast(dense({2, 4, 3}), dimension);
    expect_invalid(op(), {"output:", "expected", "(2, 4, 3)"},
                   [&](SpoilableCall &c) { c.alias("output", "output", 0, layout); });
  }
}

TEST_P(Overlap, OfOutputWithParameters) {
  for (const std::string &name : parameters())
    for (bool batch : {false, true})
      for (int64_t at : {0, 10, 20, 23})
        expect_invalid(op(), {"output", name}, [&](SpoilableCall &c) {
          c.arguments.of_batch(batch);
          const Layout layout = c.array(name).layout();
          c.reshape("output", {7, 4, 3});
          c.alias(name, "output", at, layout);
          c.alias("output", "output", 0, dense({2, 4, 3}));
        });
}

TEST_P(Overlap, OfInputsIsNone) {
  for (const std::string &name : parameters())
    for (const std::string &other : parameters())
      expect_success(op(), [&](SpoilableCall &c) {
        c.arguments.of_batch(false);
        c.alias(name, other, 0, c.array(name).layout());
      });
  for (const std::string &name : Operation(op()).tensors(descriptor::Role::parameter))
    expect_success(op(), [&](SpoilableCall &c) { c.alias(name, "input", 8, c.array(name).layout()); });
}

// Columns of one matrix: parameters, statistics and output lie between each other.
TEST_P(Overlap, InterleavedIsNone) {
  Array memory(dense({400}), std::vector<float>(400, 0.5f));
  SpoilableCall call(op());
  std::map<std::string, Layout> layouts;
  for (const std::string &name : call.names()) {
    layouts[name] = stepped(call.array(name).layout().shape, 7);
    call.tensor(name) = tensor_on(memory.data() + layouts.size() - 1, layouts[name]);
  }
  EXPECT_TRUE(succeeded(call.run())) << op();
  EXPECT_TRUE(memory.surroundings_untouched());
}

class StatisticsOverlap : public Overlap {};
INSTANTIATE_TEST_SUITE_P(Each, StatisticsOverlap, ::testing::ValuesIn(operators_with_statistics()),
                         [](const auto &info) { return info.param; });

// What is updated must be apart from all that is read, by a single element even.
TEST_P(StatisticsOverlap, OfUpdatedStatistics) {
  for (const char *name : {"running_mean", "running_var"})
    for (const std::string other : {"input", "weight", "bias", "running_mean", "running_var"}) {
      if (other == name) continue;
      for (int64_t at : {0, 3})
        expect_invalid(op(), {name, other}, [&](SpoilableCall &c) {
          if (other != "input") c.reshape(other, {8});
          c.alias(name, other, at, dense({4}));
          if (other != "input") c.alias(other, other, 0, dense({4}));
        });
    }
}

TEST_P(StatisticsOverlap, OfStatisticsThatAreOnlyReadIsNone) {
  for (const char *other : {"input", "weight", "running_var"})
    expect_success(op(), [&](SpoilableCall &c) {
      c.arguments.of_batch(false);
      c.alias("running_mean", other, 0, dense({4}));
    });
}

// All channels share one value: right where it is only read.
TEST_P(StatisticsOverlap, StatisticsOfStride0) {
  const Layout everywhere{{4}, {0}};
  for (const char *name : {"running_mean", "running_var"}) {
    const auto share = [&](SpoilableCall &c) { c.alias(name, name, 0, everywhere); };
    expect_invalid(op(), {std::string(name) + ":", "expected", "(4,)"}, share);
    expect_success(op(), [&](SpoilableCall &c) { share(c), c.arguments.of_batch(false); });
  }
}

}  // namespace
}  // namespace kiln::test
