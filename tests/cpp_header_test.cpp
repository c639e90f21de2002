// kiln.hpp: views, default arguments as in PyTorch, exceptions.
#include <kiln/kiln.hpp>
#include <tuple>
#include <type_traits>
#include <utility>

#include "support/expectations.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

using Function = void (*)(const ConstView &, const View &, const kiln::Context *);
struct Named {
  const char *name;
  Function run;
};
const Named kFunctions[] = {
#define KILN_ELEMENTWISE(name) {#name, static_cast<Function>(kiln::name)},
#include <elementwise.inc>
};

TEST(CppHeader, HasEachElementwiseOperator) {
  const std::vector<float> inputs = mixed_values(1000, 131);
  ASSERT_EQ(std::size(kFunctions), elementwise_operators().size());
  for (size_t i = 0; i < std::size(kFunctions); ++i) {
    std::vector<float> outputs(inputs.size());
    kFunctions[i].run(view(inputs), view(outputs), nullptr);
    EXPECT_STREQ(kFunctions[i].name, elementwise_operators()[i].name);
    EXPECT_TRUE(same_bits(reference_bits(elementwise_operators()[i], KILN_ACCURACY_EXACT, inputs), outputs, inputs))
        << kFunctions[i].name;
  }
}

// A view made here in each way, in place, and with a context.
TEST(CppHeader, Views) {
  std::vector<float> x = {-2, 0, 2, 7, 7, 7}, y(6, 7.0f);
  const std::vector<float> &constant = x;
  const ElementwiseOperator &op = any_elementwise_operator();
  const auto expect = [&](const std::vector<float> &inputs, const std::vector<float> &outputs) {
    EXPECT_TRUE(same_bits(reference_bits(op, KILN_ACCURACY_EXACT, inputs), outputs, inputs));
  };
  kFunctions[0].run(view(constant), view(y), nullptr);
  expect(x, y);
  kFunctions[0].run(view(constant.data(), {2, 3}), view(y.data(), {2, 3}), nullptr);
  expect(x, y);
  kFunctions[0].run(ConstView(constant.data(), {3, 2}, {1, 3}), View(y.data(), {3, 2}), nullptr);
  expect({x[0], x[3], x[1], x[4], x[2], x[5]}, y);
  kFunctions[0].run(view(x.data(), {}), view(y.data(), {}), nullptr);
  expect({x[0]}, {y[0]});
  std::vector<float> both = x;
  const View in_place = view(both);
  kFunctions[0].run(in_place, in_place, nullptr);
  expect(x, both);
  kiln::Context context;
  context.num_threads(2).accuracy(KILN_ACCURACY_EXACT).isa(baseline().name.c_str()).parallel_for(nullptr, nullptr);
  EXPECT_EQ(kiln_context_num_threads(context.get()), 2);
  EXPECT_EQ(kiln_context_isa(context.get()), baseline().name);
  kFunctions[0].run(view(constant), view(y), &context);
  expect(x, y);
}

TEST(CppHeader, ContextAsThirdArgument) {
  kiln::Context context;
  std::vector<float> x = {-2, 0, 2}, y(3), z(3);
  kiln::sigmoid(view(x), view(y));
  kiln::sigmoid(view(x), view(z), context);
  EXPECT_TRUE(same_bits(y, z));
}

TEST(CppHeader, TensorsPointIntoTheView) {
  std::vector<float> x(6);
  const View dense_view(x.data(), {2, 3}), strided(x.data(), {2, 3}, {1, 2});
  EXPECT_EQ(dense_view.tensor().data, x.data());
  EXPECT_EQ(dense_view.tensor().ndim, 2);
  EXPECT_EQ(dense_view.tensor().strides, nullptr);
  EXPECT_EQ(dense_view.tensor().byte_offset, 0u);
  EXPECT_EQ(dense_view.tensor().shape[1], 3);
  EXPECT_EQ(strided.tensor().strides[1], 2);
  EXPECT_TRUE(strided.writable());
  EXPECT_FALSE(ConstView(x.data(), {6}).writable());
}

TEST(CppHeader, LayerNormDefaults) {
  const std::vector<float> inputs = normal_values(60, 132), weight = normal_values(5, 133),
                           bias = normal_values(5, 134);
  std::vector<float> outputs(60);
  layer_norm(view(inputs.data(), {12, 5}), {5}, view(outputs.data(), {12, 5}));
  EXPECT_TRUE(same_bits(reference_bits(test::layer_norm({5}), {12, 5}, inputs).output, outputs));
  layer_norm(view(inputs.data(), {3, 4, 5}), {4, 5}, view(outputs.data(), {3, 4, 5}));
  EXPECT_TRUE(same_bits(reference_bits(test::layer_norm({4, 5}), {3, 4, 5}, inputs).output, outputs));
  LayerNormOptions options;
  EXPECT_EQ(options.eps, 1e-5);
  options.weight = view(weight), options.bias = view(bias), options.eps = 0.25;
  kiln::Context context;
  options.context = &context;
  layer_norm(view(inputs.data(), {12, 5}), {5}, view(outputs.data(), {12, 5}), options);
  EXPECT_TRUE(same_bits(reference_bits(test::layer_norm({5}, weight, bias, 0.25), {12, 5}, inputs).output, outputs));
}

// Each normalization with PyTorch's defaults, and with every option: the C function's bits.
TEST(CppHeader, NormalizationDefaults) {
  const Extents shape = {3, 4, 5};
  const std::vector<float> inputs = normal_values(60, 135), mean = normal_values(4, 136), var = {1, 2, 3, 4};
  std::vector<float> outputs(60);
  const ConstView x = view(inputs.data(), shape);
  const View y = view(outputs, shape);
  const auto expect = [&](Operation n) {
    EXPECT_TRUE(same_bits(reference_bits(n, shape, inputs).output, outputs)) << show(n);
  };
  Operation batch("batch_norm"), instance("instance_norm"), normalized("normalize");
  batch.values("running_mean") = mean, batch.values("running_var") = var;
  BatchNormOptions given;
  given.running_mean = view(mean), given.running_var = view(var);
  batch_norm(x, y, given);
  expect(batch);
  group_norm(x, 1, y);
  Operation group("group_norm");
  group["num_groups"] = 1;
  expect(group);
  instance_norm(x, y);
  expect(instance);
  local_response_norm(x, 5, y);
  Operation response("local_response_norm");
  response["size"] = 5;
  expect(response);
  normalize(x, y);
  expect(normalized);
}

TEST(CppHeader, NormalizationOptions) {
  const Extents shape = {3, 4, 5};
  const std::vector<float> inputs = normal_values(60, 137), weight = normal_values(4, 138),
                           bias = normal_values(4, 139);
  std::vector<float> outputs(60), mean = normal_values(4, 140), var = {1, 2, 3, 4};
  const ConstView x = view(inputs, shape), w = view(weight), b = view(bias);
  const View y = view(outputs, shape), m = view(mean), v = view(var);
  Operation batch("batch_norm", weight, bias, mean, var), group("group_norm", weight, bias);
  batch.of_batch(true);
  batch["momentum"] = 0.5, batch["eps"] = 0.25, group["eps"] = 0.25, group["num_groups"] = 2;
  const Results expected = reference_bits(batch, shape, inputs);
  batch_norm(x, y, {m, v, w, b, true, 0.5, 0.25});
  EXPECT_TRUE(same_bits(expected, {outputs, mean, var}));
  group_norm(x, 2, y, {w, b, 0.25});
  EXPECT_TRUE(same_bits(reference_bits(group, shape, inputs).output, outputs));
  Operation instance("instance_norm", weight, bias, mean, var);
  instance.of_batch(false);
  instance["eps"] = 0.25;
  instance_norm(x, y, {m, v, w, b, false, 0.5, 0.25});
  EXPECT_TRUE(same_bits(reference_bits(instance, shape, inputs), {outputs, mean, var}));
  Operation response("local_response_norm"), normalized("normalize");
  response["size"] = 3, response["alpha"] = 0.5, response["beta"] = 0.6, response["k"] = 2;
  local_response_norm(x, 3, y, {0.5, 0.6, 2});
  EXPECT_TRUE(same_bits(reference_bits(response, shape, inputs).output, outputs));
  normalized["p"] = 3, normalized["dim"] = Extents{}, normalized["eps"] = 1;
  normalize(x, y, {3, {}, 1});
  EXPECT_TRUE(same_bits(reference_bits(normalized, shape, inputs).output, outputs));
}

// PyTorch's signatures, written down here apart from the table.
TEST(CppHeader, OptionsHavePyTorchsDefaults) {
  const BatchNormOptions batch;
  EXPECT_FALSE(batch.training);
  EXPECT_EQ(std::make_pair(batch.momentum, batch.eps), std::make_pair(0.1, 1e-5));
  const InstanceNormOptions instance;
  EXPECT_TRUE(instance.use_input_stats);
  EXPECT_EQ(std::make_pair(instance.momentum, instance.eps), std::make_pair(0.1, 1e-5));
  EXPECT_EQ(GroupNormOptions().eps, 1e-5);
  EXPECT_EQ(LayerNormOptions().eps, 1e-5);
  EXPECT_FALSE(RmsNormOptions().eps.has_value());
  const LocalResponseNormOptions response;
  EXPECT_EQ(std::make_tuple(response.alpha, response.beta, response.k), std::make_tuple(1e-4, 0.75, 1.0));
  const NormalizeOptions normalized;
  EXPECT_EQ(std::make_tuple(normalized.p, normalized.dim, normalized.eps), std::make_tuple(2.0, Shape{1}, 1e-12));
}

template <class Body>
void expect_error(kiln_status status, const std::string &text, Body body) {
  try {
    body();
    ADD_FAILURE() << "nothing was thrown where \"" << text << "\" was expected";
  } catch (const Error &error) {
    EXPECT_EQ(error.status(), status);
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
  }
}

TEST(CppHeader, ThrowsWhatTheCallSays) {
  std::vector<float> x(6), y(5);
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "output:", [&] { sigmoid(view(x), view(y)); });
  const std::string said = kiln_last_error();
  expect_error(KILN_STATUS_INVALID_ARGUMENT, said, [&] { sigmoid(view(x), view(y)); });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "input:", [&] { sigmoid(ConstView(nullptr, {5}), view(y)); });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "normalized_shape:", [&] { layer_norm(view(x), {7}, view(x)); });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "normalized_shape:", [&] { layer_norm(view(x), {}, view(x)); });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "running_mean:", [&] {
    batch_norm(view(x.data(), {2, 3}), view(x.data(), {2, 3}));
  });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "num_groups:", [&] {
    group_norm(view(x.data(), {2, 3}), 2, view(x.data(), {2, 3}));
  });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "isa", [&] { kiln::Context().isa("pdp11"); });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "num_threads", [&] { kiln::Context().num_threads(-3); });
  EXPECT_NO_THROW(check(KILN_STATUS_OK));
}

// Mistakes that the C functions could not see: the same exception. That an output is no view of const memory, compilers
// see.
TEST(CppHeader, ThrowsForConstStatisticsAndMissingStrides) {
  const std::vector<float> constant(3);
  std::vector<float> x(3), written(3);
  const View plane = view(x, {1, 3, 1});
  expect_error(KILN_STATUS_INVALID_ARGUMENT,
               "kiln::view: strides: expected one per dimension of shape (3, 1), got (1,)", [&] {
                 View(x.data(), {3, 1}, {1});
               });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "kiln_batch_norm: running_mean: expected memory that may be written", [&] {
    batch_norm(view(x, {3, 1}), view(x, {3, 1}), {view(constant), view(written), {}, {}, true});
  });
  expect_error(KILN_STATUS_INVALID_ARGUMENT, "kiln_instance_norm: running_var: expected memory that may be written",
               [&] {
                 instance_norm(plane, plane, {view(written), view(constant)});
               });
  EXPECT_NO_THROW(batch_norm(plane, plane, {view(constant), view(constant)}));
}

static_assert(std::is_base_of_v<std::runtime_error, Error>);
static_assert(!std::is_copy_constructible_v<kiln::Context>);
static_assert(std::is_move_constructible_v<kiln::Context>);

}  // namespace
}  // namespace kiln::test
