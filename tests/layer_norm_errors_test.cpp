// Bad arguments of layer_norm: the status, what the message tells, and that the output stays as it was.
#include <cmath>
#include <functional>
#include <limits>

#include "support/faults.h"
#include "support/inputs.h"
#include "support/layer_norm.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

// The arguments of a call over both dimensions of (3, 4), all right until a test spoils one.
struct Call {
  Array from{dense({3, 4}), normal_values(12, 71)}, weight{dense({3, 4}), normal_values(12, 72)};
  Array bias{dense({3, 4}), normal_values(12, 73)}, to{dense({3, 4}), std::vector<float>(12, 7.0f)};
  DLTensor input_tensor = from.tensor(), weight_tensor = weight.tensor(), bias_tensor = bias.tensor();
  DLTensor output_tensor = to.tensor();
  const DLTensor *input = &input_tensor, *weights = &weight_tensor, *biases = &bias_tensor;
  DLTensor *output = &output_tensor;
  Extents normalized_shape = {3, 4};
  int normalized_ndim = 2;
  double eps = 1e-5;

  DLTensor &tensor(const std::string &name) {
    return name == "input"    ? input_tensor
           : name == "weight" ? weight_tensor
           : name == "bias"   ? bias_tensor
                              : output_tensor;
  }
  kiln_status run() {
    return kiln_layer_norm(nullptr, input, normalized_shape.empty() ? nullptr : normalized_shape.data(),
                           normalized_ndim, weights, biases, eps, output);
  }
};

void expect_failure(kiln_status status, const std::vector<std::string> &texts,
                    const std::function<void(Call &)> &spoil) {
  Call call;
  spoil(call);
  std::vector<std::vector<uint32_t>> before, after;
  for (const Array *array : {&call.from, &call.weight, &call.bias, &call.to}) before.push_back(array->snapshot());
  EXPECT_TRUE(failed_with(status, texts, call.run()));
  for (const Array *array : {&call.from, &call.weight, &call.bias, &call.to}) after.push_back(array->snapshot());
  EXPECT_EQ(before, after) << "memory was written";
}

TEST(LayerNormErrors, NoneInTheCallThatOthersSpoil) {
  Call call;
  EXPECT_TRUE(succeeded(call.run()));
}

TEST(LayerNormErrors, EveryFaultOfEveryTensor) {
  for (const char *name : {"input", "weight", "bias", "output"})
    for (const Fault &fault : tensor_faults()) {
      SCOPED_TRACE(std::string(name) + ", " + fault.name);
      expect_failure(fault.status, texts_of(fault, name, "(3, 4)"), [&](Call &c) { fault.spoil(c.tensor(name)); });
    }
}

TEST(LayerNormErrors, NullTensors) {
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"input:", "expected a tensor", "NULL"},
                 [](Call &c) { c.input = nullptr; });
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"output:", "expected a tensor", "NULL"},
                 [](Call &c) { c.output = nullptr; });
}

TEST(LayerNormErrors, NormalizedShape) {
  struct Row {
    Extents shape;
    int ndim;
    std::vector<std::string> texts;
  };
  for (const Row &row : std::vector<Row>{{{}, 0, {"expected", "0"}},
                                         {{3, 4}, 0, {"expected", "0"}},
                                         {{3, 4}, -2, {"expected", "-2"}},
                                         {{}, 2, {"expected", "NULL"}},
                                         {{3}, 1, {"(3, 4)", "(3,)"}},
                                         {{5}, 1, {"(3, 4)", "(5,)"}},
                                         {{-1}, 1, {"(3, 4)", "(-1,)"}},
                                         {{0}, 1, {"(3, 4)", "(0,)"}},
                                         {{4, 3}, 2, {"(3, 4)", "(4, 3)"}},
                                         {{2, 4}, 2, {"(3, 4)", "(2, 4)"}},
                                         {{12}, 1, {"(3, 4)", "(12,)"}},
                                         {{1, 3, 4}, 3, {"(3, 4)", "(1, 3, 4)"}},
                                         {Extents(80, 1), 80, {"(3, 4)"}}}) {
    SCOPED_TRACE(show(row.shape) + ", " + std::to_string(row.ndim));
    std::vector<std::string> texts = row.texts;
    texts.push_back("normalized_shape:");
    expect_failure(KILN_STATUS_INVALID_ARGUMENT, texts, [&](Call &c) {
      c.normalized_shape = row.shape, c.normalized_ndim = row.ndim, c.weights = c.biases = nullptr;
    });
  }
}

// 0-d input has no tail.
TEST(LayerNormErrors, ZeroDimensionalInput) {
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"normalized_shape:", "()"}, [](Call &c) {
    c.input_tensor.ndim = c.output_tensor.ndim = 0, c.weights = c.biases = nullptr, c.normalized_shape = {1},
    c.normalized_ndim = 1;
  });
}

TEST(LayerNormErrors, ParameterOfAnotherShape) {
  struct Row {
    int ndim;
    int64_t shape[3];
    const char *came;
  };
  static Row rows[] = {{1, {4}, "(4,)"},
                       {1, {12}, "(12,)"},
                       {2, {4, 3}, "(4, 3)"},
                       {2, {1, 4}, "(1, 4)"},
                       {3, {1, 3, 4}, "(1, 3, 4)"},
                       {2, {3, 1}, "(3, 1)"},
                       {2, {0, 4}, "(0, 4)"},
                       {0, {}, "()"}};
  for (const char *name : {"weight", "bias"})
    for (Row &row : rows)
      expect_failure(KILN_STATUS_INVALID_ARGUMENT, {std::string(name) + ":", "(3, 4)", row.came}, [&](Call &c) {
        DLTensor &tensor = c.tensor(name);
        tensor.ndim = row.ndim, tensor.shape = row.shape, tensor.strides = nullptr;
      });
}

TEST(LayerNormErrors, OutputOfAnotherShape) {
  static int64_t shape[] = {4, 3, 1};
  for (int ndim : {1, 2, 3})
    expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"output:", "(3, 4)", "(4,"}, [&](Call &c) {
      c.output_tensor.ndim = ndim, c.output_tensor.shape = shape, c.output_tensor.strides = nullptr;
    });
}

TEST(LayerNormErrors, Eps) {
  for (double eps : {-1e-5, -0x1p-1074, -std::numeric_limits<double>::infinity()})
    expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"eps:", "expected", "-"}, [&](Call &c) { c.eps = eps; });
  for (double sign : {1.0, -1.0})
    expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"eps:", "expected", "nan"},
                   [&](Call &c) { c.eps = std::copysign(std::numeric_limits<double>::quiet_NaN(), sign); });
}

// Bad arguments are errors for an empty input too.
TEST(LayerNormErrors, OnEmptyInput) {
  static int64_t shape[] = {0, 4};
  const auto empty = [](Call &c) {
    for (DLTensor *t : {&c.input_tensor, &c.output_tensor}) t->shape = shape, t->strides = nullptr;
    c.weights = c.biases = nullptr, c.normalized_shape = {4}, c.normalized_ndim = 1;
  };
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"eps:"}, [&](Call &c) { empty(c), c.eps = -1; });
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"normalized_shape:"},
                 [&](Call &c) { empty(c), c.normalized_shape = {5}; });
  expect_failure(KILN_STATUS_INVALID_ARGUMENT, {"weight:"}, [&](Call &c) { empty(c), c.weights = &c.weight_tensor; });
}

}  // namespace
}  // namespace kiln::test
