// kiln_<op>_with_statistics and gradients that are given what it wrote: the operator's own results, statistics near the
// oracle's, and no other bit in any gradient. And gradients of empty tensors.
#include <cmath>

#include "oracle/gradient_terms.h"
#include "oracle/ulp.h"
#include "support/gradient_test.h"
#include "support/inputs.h"

namespace kiln::test {
namespace {

const Extents kPlanes = {3, 8, 5, 7}, kRows = {70, 6, 17}, kLong = {2, 4, 4099};

class StatisticsOfGradient : public GradientTest {
 protected:
  // check(sample) for usual inputs; where they are not large, for means of 1e6 deviations, tiny and constant ones too.
  template <class Check>
  void for_each(const std::vector<Extents> &shapes, const Check &check) const {
    for (const Extents &shape : shapes)
      for (const GradientSample &usual : gradient_samples(op(), shape, 671))
        for (int kind = 0; kind < (thinning() > 1 ? 2 : 4); ++kind) {
          GradientSample sample = usual;
          for (float &x : sample.input) x = kind == 0 ? x : kind == 1 ? 1e6f + x : kind == 2 ? 1e-20f * x : 3.3f;
          if (kind == 2) sample.operation.with("eps", 1e-60);
          check(sample);
          if (dense(shape).count() > 50000) break;
        }
  }
  // The operator whose gradient it is.
  Operation forward_of(const Operation &gradient) const {
    Operation n(gradient.row().forward);
    for (const descriptor::Argument &argument : gradient.row().arguments) n[argument.name] = gradient[argument.name];
    for (const std::string &name : gradient.tensors(descriptor::Role::parameter))
      n.values(name) = gradient.values(name);
    return n;
  }
};
KILN_OPERATORS_AND_ISAS(StatisticsOfGradient, gradients_with_statistics());

TEST_P(StatisticsOfGradient, ChangeNoBit) {
  for_each({kPlanes, kRows, kLong}, [&](const GradientSample &sample) {
    const GradientBits expected = reference_gradients(sample);
    GradientForm form;
    expect_bits(expected, sample, form, true);
    form.name = "channels-last", form.step = 2;
    form.grad_output = form.input = form.grad_input = channels_last;
    expect_bits(expected, sample, form, true);
    for (const char *over : {"grad_output", "input"}) {
      form.over = over, form.name = std::string("channels-last, over ") + over;
      expect_bits(expected, sample, form, true);
    }
  });
}

// Each result alone and on any threads.
TEST_P(StatisticsOfGradient, ChangeNoBitOfOneResult) {
  for_each({{5, 16, 30, 41}}, [&](const GradientSample &sample) {
    const GradientBits expected = reference_gradients(sample);
    for (int threads : {1, 3})
      for (const std::string wanted : {"grad_input", "grad_weight", "grad_bias"}) {
        if (!sample.operation.has(wanted)) continue;
        GradientForm form;
        form.name = wanted + " alone, " + std::to_string(threads) + " threads";
        for (const char *name : {"grad_input", "grad_weight", "grad_bias"})
          if (name != wanted) form.without.insert(name);
        context_.threads(threads);
        expect_bits(expected, sample, form, true);
      }
  });
}

TEST_P(StatisticsOfGradient, AreWrittenBesideTheOperatorsResult) {
  for_each({kPlanes, kRows, kLong}, [&](const GradientSample &sample) {
    const auto written = statistics_of(context_, sample.operation, sample.shape, sample.input);
    const Results results = reference_bits(forward_of(sample.operation), sample.shape, sample.input);
    EXPECT_TRUE(same_bits(results.output, written.at("output"))) << place(sample);
    Context reference;
    reference.isa(baseline().name).threads(1);
    const auto expected = statistics_of(reference, sample.operation, sample.shape, sample.input);
    ASSERT_EQ(expected.size(), written.size());
    for (const auto &[name, values] : expected)
      EXPECT_TRUE(same_bits(values, written.at(name))) << name << ", " << place(sample);
  });
}

// Values that are far below eps: what the operator finds, with running statistics to update or without, is what the
// gradient finds again.
TEST_P(StatisticsOfGradient, OfTinyValuesAreTheSame) {
  if (!Operation(op()).has("running_mean")) return;
  const Extents shape = {3, 4, 33};
  for (float scale : {1e-13f, 1e-18f, 1e-23f})
    for (GradientSample &sample : gradient_samples(op(), shape, 331)) {
      if (by_running_statistics(sample.operation)) continue;
      for (float &x : sample.input) x *= scale;
      const GradientBits expected = run_gradient(context_, sample);
      Operation n(sample.operation.row().forward + "_with_statistics"), plain(sample.operation.row().forward);
      for (const descriptor::Argument &argument : sample.operation.row().arguments)
        plain[argument.name] = n[argument.name] = sample.operation[argument.name];
      for (bool updates : {false, true}) {
        Array input(dense(shape), sample.input), output(dense(shape)), apart(dense(shape));
        Array mean(dense(n.shape_of("mean", shape))), rstd(dense(n.shape_of("rstd", shape)));
        Array running_mean(dense({4}), {1, 2, 3, 4}), running_var(dense({4}), {1, 2, 3, 4});
        DLTensor from = input.tensor(), to = output.tensor(), other = apart.tensor(), m = mean.tensor(),
                 r = rstd.tensor(), rm = running_mean.tensor(), rv = running_var.tensor();
        Tensors passed = {{"input", &from}, {"output", &to}, {"mean", &m}, {"rstd", &r}};
        Tensors of_plain = {{"input", &from}, {"output", &other}};
        if (updates) passed["running_mean"] = &rm, passed["running_var"] = &rv;
        ASSERT_TRUE(succeeded(call(context_, n, passed)));
        ASSERT_TRUE(succeeded(call(context_, plain, of_plain)));
        EXPECT_TRUE(same_bits(output.get(), apart.get())) << "with running statistics and without, " << place(sample);
        GradientCall again(sample);
        again.give({{"mean", mean.get()}, {"rstd", rstd.get()}});
        ASSERT_TRUE(succeeded(again.run(context_)));
        EXPECT_TRUE(same_bits(expected, again.results()))
            << place(sample) << ", scale " << scale << (updates ? ", updated" : "");
      }
    }
}

// The root's reciprocal to 2 ULP, the mean to 1 ULP and 1e-7 of the deviation, as far as both are numbers of float32.
TEST_P(StatisticsOfGradient, AreTheOracles) {
  if (!Operation(op()).has("mean")) return;
  for_each({kPlanes, kRows}, [&](const GradientSample &sample) {
    const Operation &n = sample.operation;
    const Extents &shape = sample.shape;
    const oracle::Volume volume = {shape[0], shape[1], dense({shape.begin() + 2, shape.end()}).count()};
    const int64_t length = n.has("normalized_shape") ? dense(n.extents()).count() : 0;
    const oracle::Sharing sharing = length > 0 ? oracle::sharing_of_rows(dense(shape).count() / length, length)
                                    : n.has("num_groups") ? oracle::sharing_of_groups(volume, n["num_groups"].integer)
                                    : n.has("use_input_stats") ? oracle::sharing_of_groups(volume, shape[1])
                                                               : oracle::sharing_of_channels(volume);
    if (by_running_statistics(n)) return;
    const auto written = statistics_of(context_, n, shape, sample.input);
    const std::vector<oracle::Standard> expected = oracle::standards(sample.input.data(), sharing, n["eps"].real);
    ASSERT_EQ(expected.size(), written.at("rstd").size());
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_LE(oracle::ulp_error(written.at("rstd")[i], expected[i].rstd), 2)
          << "rstd at " << i << ", " << place(sample);
      EXPECT_NEAR(written.at("mean")[i], expected[i].mean, oracle::ulp(expected[i].mean) + 1e-7 / expected[i].rstd)
          << "mean at " << i << ", " << place(sample);
    }
  });
}

class EmptyGradient : public GradientTest {};
KILN_OPERATORS_AND_ISAS(EmptyGradient, normalization_gradients());

// No sample: parameters have gradients of 0, and there is no grad_input.
TEST_P(EmptyGradient, OfNoSamples) {
  for (const Extents &shape : {Extents{3, 8, 5}, Extents{3, 4, 2, 5}})
    for (GradientSample sample : gradient_samples(op(), shape, 681)) {
      sample.shape[0] = 0;
      sample.grad_output.clear(), sample.input.clear();
      GradientCall call(sample);
      ASSERT_TRUE(succeeded(call.run(context_))) << place(sample);
      for (const auto &[name, bits] : call.results()) {
        const int64_t count = name == "grad_input" ? 0 : dense(sample.operation.shape_of(name, sample.shape)).count();
        EXPECT_EQ(bits, std::vector<uint32_t>(count, 0)) << name << ", " << place(sample);
      }
    }
}

// Rows of no values: parameters of none.
TEST_P(EmptyGradient, OfRowsOfNoValues) {
  if (!Operation(op()).has("normalized_shape")) return;
  Operation n(op());
  n["normalized_shape"] = Extents{0};
  GradientCall call({n, {3, 0}, {}, {}});
  ASSERT_TRUE(succeeded(call.run(context_)));
  for (const auto &[name, bits] : call.results()) EXPECT_TRUE(bits.empty()) << name;
}

}  // namespace
}  // namespace kiln::test
