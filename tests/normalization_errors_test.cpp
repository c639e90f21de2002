// Bad arguments that only some normalizations have: the status, what the message tells, and that output and running
// statistics stay as they were. And what looks bad but is none.
#include <cmath>
#include <limits>

#include "support/faults.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/spoilable_call.h"

namespace kiln::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

class NormalizationErrors : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string &op() const { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Each, NormalizationErrors, ::testing::ValuesIn(normalizations()),
                         [](const auto &info) { return info.param; });

// Each argument that is a number: what the table does not allow is refused, whatever the input; all else is served.
TEST_P(NormalizationErrors, RealArguments) {
  for (const descriptor::Argument &argument : Operation(op()).row().arguments) {
    if (argument.type != descriptor::Type::real) continue;
    const std::string &name = argument.name;
    SCOPED_TRACE(name);
    const bool negative = argument.allowed != descriptor::Allowed::at_least_zero;
    const bool nan = argument.allowed == descriptor::Allowed::any;
    for (const Extents &shape : {Extents{2, 4, 3}, Extents{0, 4, 3}}) {
      const auto with = [&](double value) {
        return [&, value](SpoilableCall &c) { c.arguments[name] = value, c.reshape(shape); };
      };
      for (double value : {-1e-5, -0x1p-1074, -kInfinity})
        negative ? expect_success(op(), with(value)) : expect_invalid(op(), {name + ":", "expected", "-"}, with(value));
      for (double value : {kNan, -kNan})
        nan ? expect_success(op(), with(value)) : expect_invalid(op(), {name + ":", "expected", "nan"}, with(value));
      for (double value : {1.5, 1e300, 1e-300, kInfinity}) expect_success(op(), with(value));
    }
  }
}

// Of the operators that have them.
class StatisticsErrors : public NormalizationErrors {};
INSTANTIATE_TEST_SUITE_P(Each, StatisticsErrors, ::testing::ValuesIn(operators_with_statistics()),
                         [](const auto &info) { return info.param; });

TEST_P(StatisticsErrors, OneOfTheTwo) {
  for (const char *missing : {"running_mean", "running_var"})
    for (bool batch : {false, true})
      expect_invalid(op(), {"running_mean", "running_var", "NULL"},
                     [&](SpoilableCall &c) { c.omit(missing), c.arguments.of_batch(batch); });
}

TEST_P(StatisticsErrors, NoneOfTheTwo) {
  const auto none = [](SpoilableCall &c) { c.omit("running_mean"), c.omit("running_var"); };
  expect_success(op(), none);
  expect_invalid(op(), {"running_mean:", "expected", "NULL"},
                 [&](SpoilableCall &c) { none(c), c.arguments.of_batch(false); });
}

TEST_P(StatisticsErrors, NoneOfMomentum) {
  for (double momentum : {0.0, 1.0, 1.5, -0.5, 1e300, kInfinity})
    expect_success(op(), [&](SpoilableCall &c) { c.arguments["momentum"] = momentum; });
}

TEST_P(StatisticsErrors, TooFewValues) {
  const std::vector<Extents> shapes = op() == "batch_norm" ? std::vector<Extents>{{1, 4, 1}, {1, 4}, {1, 4, 1, 1, 1}}
                                                           : std::vector<Extents>{{2, 4, 1}, {2, 4}, {9, 4, 1, 1}};
  for (const Extents &shape : shapes) {
    expect_invalid(op(), {"input:", "expected", show(shape)}, [&](SpoilableCall &c) { c.reshape(shape); });
    expect_success(op(), [&](SpoilableCall &c) { c.reshape(shape), c.arguments.of_batch(false); });
  }
}

TEST(BatchNormErrors, EpsOfZero) {
  expect_invalid("batch_norm", {"eps:", "expected", "0"}, [](SpoilableCall &c) { c.arguments["eps"] = 0; });
  expect_success("batch_norm", [](SpoilableCall &c) { c.arguments["eps"] = 0, c.arguments.of_batch(false); });
  expect_success("instance_norm", [](SpoilableCall &c) { c.arguments["eps"] = 0; });
}

TEST(GroupNormErrors, Groups) {
  for (int64_t groups : {int64_t{0}, int64_t{-2}, int64_t{3}, int64_t{8}, std::numeric_limits<int64_t>::max(),
                         std::numeric_limits<int64_t>::min()})
    for (int64_t samples : {2, 0})
      expect_invalid("group_norm", {"num_groups:", "expected", std::to_string(groups)}, [&](SpoilableCall &c) {
        c.arguments["num_groups"] = groups, c.reshape({samples, 4, 3});
      });
}

TEST(GroupNormErrors, TooFewValues) {
  for (const Extents &shape : {Extents{1, 4, 1}, Extents{1, 4}})
    expect_invalid("group_norm", {"input:", "expected", show(shape)},
                   [&](SpoilableCall &c) { c.arguments["num_groups"] = 4, c.reshape(shape); });
  expect_success("group_norm", [](SpoilableCall &c) { c.arguments["num_groups"] = 4, c.reshape({2, 4, 1}); });
}

// As PyTorch: no channels or an empty space are errors, an empty batch is none.
TEST(GroupNormErrors, Empty) {
  expect_invalid("group_norm", {"input:", "(2, 4, 0)"}, [](SpoilableCall &c) { c.reshape({2, 4, 0}); });
  expect_invalid("group_norm", {"input:", "(2, 0, 3)"}, [](SpoilableCall &c) {
    c.reshape({2, 0, 3}), c.reshape("weight", {0}), c.reshape("bias", {0});
  });
  expect_success("group_norm", [](SpoilableCall &c) { c.reshape({0, 4, 3}); });
}

class RowNormErrors : public NormalizationErrors {};
INSTANTIATE_TEST_SUITE_P(Each, RowNormErrors, ::testing::ValuesIn(operators_of_family("row_norm")),
                         [](const auto &info) { return info.param; });

TEST_P(RowNormErrors, NormalizedShape) {
  struct Row {
    Extents shape;
    std::vector<std::string> texts;
  };
  for (const Row &row : std::vector<Row>{{{}, {"expected", "0"}},
                                         {{4}, {"(2, 4, 3)", "(4,)"}},
                                         {{5}, {"(2, 4, 3)", "(5,)"}},
                                         {{-1}, {"(2, 4, 3)", "(-1,)"}},
                                         {{0}, {"(2, 4, 3)", "(0,)"}},
                                         {{3, 4}, {"(2, 4, 3)", "(3, 4)"}},
                                         {{2, 3}, {"(2, 4, 3)", "(2, 3)"}},
                                         {{12}, {"(2, 4, 3)", "(12,)"}},
                                         {{1, 2, 4, 3}, {"(2, 4, 3)", "(1, 2, 4, 3)"}},
                                         {Extents(80, 1), {"(2, 4, 3)"}}}) {
    SCOPED_TRACE(show(row.shape));
    std::vector<std::string> texts = row.texts;
    texts.insert(texts.begin(), "normalized_shape:");
    for (int64_t samples : {2, 0})
      if (samples > 0 || row.shape == Extents{5})
        expect_invalid(op(), samples > 0 ? texts : std::vector<std::string>{"normalized_shape:"},
                       [&](SpoilableCall &c) {
                         c.arguments["normalized_shape"] = row.shape, c.omit_parameters();
                         c.reshape({samples, 4, 3});
                       });
  }
  // 0-d input has no tail.
  expect_invalid(op(), {"normalized_shape:", "()"}, [](SpoilableCall &c) {
    c.reshape(Extents{}), c.omit_parameters(), c.arguments["normalized_shape"] = Extents{1};
  });
}

TEST_P(RowNormErrors, NormalizedShapeNullOrOfNoDimensions) {
  Array both(dense({3, 4}), normal_values(12, 71));
  DLTensor tensor = both.tensor();
  const int64_t shape[] = {3, 4};
  const descriptor::Operator &row = Operation(op()).row();
  const auto run = [&](const int64_t *extents, int count) {
    std::vector<DLTensor *> tensors(row.tensors.size());
    tensors.front() = tensors.back() = &tensor;
    std::vector<descriptor::Value> values = descriptor::default_values(row);
    values[row.argument("normalized_shape")].integers = {extents, count};
    return row.call(nullptr, tensors.data(), values.data());
  };
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"normalized_shape:", "NULL"}, run(nullptr, 2)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"normalized_shape:", "-2"}, run(shape, -2)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"normalized_shape:", "0"}, run(shape, 0)));
  EXPECT_TRUE(same_bits(normal_values(12, 71), both.get()));
}

TEST(LocalResponseNormErrors, Size) {
  for (int64_t size : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min()})
    for (int64_t samples : {2, 0})
      expect_invalid("local_response_norm", {"size:", "expected", std::to_string(size)}, [&](SpoilableCall &c) {
        c.arguments["size"] = size, c.reshape({samples, 4, 3});
      });
  for (int64_t size : {int64_t{1}, int64_t{100}, (int64_t{1} << 31) - 1, std::numeric_limits<int64_t>::max()})
    expect_success("local_response_norm", [&](SpoilableCall &c) { c.arguments["size"] = size; });
}

TEST(LocalResponseNormErrors, NoneInAnyAlphaBetaAndK) {
  for (double value : {0.0, -1.0, 1e300, kInfinity, -kInfinity, kNan})
    for (const char *argument : {"alpha", "beta", "k"})
      expect_success("local_response_norm", [&](SpoilableCall &c) { c.arguments[argument] = value; });
}

TEST(NormalizeErrors, Dim) {
  for (const auto &[dim, came] :
       std::vector<std::pair<Extents, std::string>>{{{3}, "3"},
                                                    {{-4}, "-4"},
                                                    {{0, 3}, "3"},
                                                    {{std::numeric_limits<int64_t>::min()}, "-"},
                                                    {{1, 1}, "1"},
                                                    {{0, -3}, "0"},
                                                    {{0, 1, 2, 0}, "0"}})
    expect_invalid("normalize", {"dim:", "expected", came}, [&](SpoilableCall &c) { c.arguments["dim"] = dim; });
  for (const Extents &dim : {Extents{}, Extents{0}, Extents{-1}, Extents{2, 0}, Extents{-3, 1, 2}})
    expect_success("normalize", [&](SpoilableCall &c) { c.arguments["dim"] = dim; });
}

TEST(NormalizeErrors, DimOfFewDimensions) {
  for (const Extents &shape : {Extents{}, Extents{5}})
    expect_invalid("normalize", {"dim:", "expected", "1"}, [&](SpoilableCall &c) { c.reshape(shape); });
  for (const Extents &dim : {Extents{}, Extents{0}, Extents{-1}})
    for (const Extents &shape : {Extents{}, Extents{5}})
      expect_success("normalize", [&](SpoilableCall &c) { c.reshape(shape), c.arguments["dim"] = dim; });
}

TEST(NormalizeErrors, DimNullOrNegativeCount) {
  Array both(dense({3}), {1, 2, 3});
  DLTensor tensor = both.tensor();
  const int64_t dim = 0;
  const auto run = [&](const int64_t *dims, int count) {
    return kiln_normalize(nullptr, &tensor, 2, dims, count, 1e-12, &tensor);
  };
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"dim", "NULL"}, run(nullptr, 1)));
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"dim", "-1"}, run(&dim, -1)));
  EXPECT_TRUE(same_bits({1, 2, 3}, both.get()));
  EXPECT_TRUE(succeeded(run(nullptr, 0)));
}

TEST(NormalizeErrors, NoneOfP) {
  for (double p : {0.0, -0.0, 1e-300, -1e300, kInfinity, -kInfinity})
    for (const Extents &shape : {Extents{2, 4, 3}, Extents{2, 0, 3}, Extents{0, 4, 3}})
      expect_success("normalize", [&](SpoilableCall &c) { c.arguments["p"] = p, c.reshape(shape); });
}

}  // namespace
}  // namespace kiln::test
