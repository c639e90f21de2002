// Gradients of normalizations beside the oracle: usual inputs and hard ones, examples by hand, PyTorch's results, and
// digests on record in tests/digests/gradients.json. With KILN_TESTS_WRITE_DIGESTS set, the baseline kernels write
// those, once their results are right: scripts/update_references.sh.
#include <algorithm>
#include <cmath>

#include "support/digest_file.h"
#include "support/digests.h"
#include "support/gradient_test.h"
#include "support/inputs.h"
#include "support/torch_gradients.h"
#include "torch_differences.h"

namespace kiln::test {
namespace {

class NormalizationGradient : public GradientTest {
 protected:
  // Values worked out elsewhere in the place of the oracle's, whose magnitudes stay.
  static void replace(std::vector<oracle::Normalized> &results, const std::vector<double> &values) {
    for (size_t i = 0; i < values.size(); ++i) results.at(i).value = values[i];
  }
  // Gives whether the results are those values, which are the operator's.
  template <class Example>
  ::testing::AssertionResult has_values(const Example &e) const {
    const GradientSample sample{gradient_of(e.operation), e.shape, e.grad_output, e.input};
    oracle::Gradients expected = gradients_of(sample);
    replace(expected.grad_input, e.grad_input);
    replace(expected.grad_weight, e.grad_weight);
    replace(expected.grad_bias, e.grad_bias);
    return near_gradients(expected, run_gradient(context_, sample));
  }
  std::string forward() const { return descriptor::operator_named(op()).forward; }
};
KILN_OPERATORS_AND_ISAS(NormalizationGradient, normalization_gradients());

TEST_P(NormalizationGradient, OfExamplesByHand) {
  int examples = 0;
  for (const GradientExample &e : gradient_examples())
    if (e.operation.is(forward())) {
      EXPECT_TRUE(has_values(e)) << show(e.operation) << " on " << isa().name;
      ++examples;
    }
  EXPECT_GT(examples, 0) << "add results by hand of " << op() << " to tests/support/gradient_examples.cpp";
}

TEST_P(NormalizationGradient, OfUsualInputs) {
  for (const Extents &shape : gradient_shapes(op()))
    for (const GradientSample &sample : gradient_samples(op(), shape, 601)) expect_near(sample);
}

TEST_P(NormalizationGradient, GivesTheResultsOfPyTorch) {
  const std::vector<TorchGradient> cases = torch_gradients(forward());
  ASSERT_FALSE(cases.empty()) << update_command(op());
  for (const TorchGradient &c : cases) {
    if (difference(op(), c.name)) continue;
    EXPECT_TRUE(has_values(c)) << "case " << c.name << " on " << isa().name;
  }
}

// Inputs and grad_outputs that are hard for sums and for the range of float32.
struct Hard {
  const char *name;
  float (*input)(float value, int64_t i);
  float (*grad_output)(float value, int64_t i);
  double eps;  // as small as the variance; 0: that of the sample
};
float as_it_is(float value, int64_t) { return value; }

const Hard kHard[] = {
    {"mean of 1e6 deviations", [](float x, int64_t) { return 1e6f + x; }, as_it_is, 0},
    {"mean of 1e4 deviations of 1e-3", [](float x, int64_t) { return 10 + 1e-3f * x; }, as_it_is, 0},
    {"inputs of 1e-20", [](float x, int64_t) { return 1e-20f * x; }, as_it_is, 1e-40},
    {"inputs of 1e20", [](float x, int64_t) { return 1e20f * x; }, as_it_is, 1e-40},
    {"inputs of 1e-30", [](float x, int64_t) { return 1e-30f * x; }, as_it_is, 1e-60},
    {"inputs of 1e30", [](float x, int64_t) { return 1e30f * x; }, as_it_is, 1e-60},
    {"inputs of 1e-35", [](float x, int64_t) { return 1e-35f * (x + std::copysign(0.01f, x)); }, as_it_is, 1e-70},
    {"inputs of 1e35", [](float x, int64_t) { return 1e35f * x; }, as_it_is, 1e-70},
    {"constant", [](float, int64_t) { return 3.3f; }, as_it_is, 0},
    {"outlier", [](float x, int64_t i) { return i == 19 ? 1e4f : 1e-2f * x; }, as_it_is, 0},
    {"grad_outputs of 1e-20", as_it_is, [](float g, int64_t) { return 1e-20f * g; }, 0},
    {"grad_outputs of 1e20", as_it_is, [](float g, int64_t) { return 1e20f * g; }, 0},
    {"both of 1e-20", [](float x, int64_t) { return 1e-20f * x; }, [](float g, int64_t) { return 1e-20f * g; }, 1e-40},
    {"constant grad_output", as_it_is, [](float, int64_t) { return 0.7f; }, 0},
    {"grad_output of a large mean", as_it_is, [](float g, int64_t) { return 1e6f + g; }, 0},
    {"outlier of grad_output", as_it_is, [](float g, int64_t i) { return i == 23 ? 1e5f : 1e-2f * g; }, 0},
};

TEST_P(NormalizationGradient, OfHardInputs) {
  Turns turns(5);
  for (const Extents &shape : {Extents{3, 8, 35}, Extents{2, 4, 769}, Extents{70, 4, 5}})
    for (const GradientSample &usual : gradient_samples(op(), shape, 611)) {
      for (size_t k = 0; k < std::size(kHard); ++k) {
        if (!turns.has(k)) continue;
        GradientSample sample = usual;
        for (size_t i = 0; i < sample.input.size(); ++i) {
          sample.input[i] = kHard[k].input(sample.input[i], static_cast<int64_t>(i));
          sample.grad_output[i] = kHard[k].grad_output(sample.grad_output[i], static_cast<int64_t>(i));
        }
        if (kHard[k].eps != 0) sample.operation.with("eps", kHard[k].eps);
        SCOPED_TRACE(kHard[k].name);
        expect_near(sample);
      }
      turns.next_round();
    }
}

// Factors of grad_input beyond float32, which a small grad_output brings back.
TEST_P(NormalizationGradient, OfWeightsThatMeetTinyDeviations) {
  for (GradientSample sample : gradient_samples(op(), {3, 8, 35}, 616)) {
    if (!sample.operation.has("weight")) continue;
    for (float &value : sample.input) value *= 1e-20f;
    for (float &value : sample.grad_output) value *= 1e-10f;
    for (float &value : sample.operation.values("weight")) value *= 1e20f;
    if (sample.operation.has("running_mean")) {
      for (float &value : sample.operation.values("running_mean")) value *= 1e-20f;
      for (float &value : sample.operation.values("running_var")) value *= 1e-37f;
    }
    sample.operation.with("eps", 1e-40);
    expect_near(sample);
  }
}

// One that is no number spoils what it is normalized with, and what its parameter's gradient sums.
TEST_P(NormalizationGradient, OfNan) {
  for (GradientSample sample : gradient_samples(op(), {3, 8, 35}, 621)) {
    sample.input[300] = from_bits(0xffc12345);
    expect_near(sample);
  }
}

std::vector<GradientSample> digest_samples_of(const std::string &op) {
  std::vector<GradientSample> all;
  for (const Extents &shape : {Extents{3, 32, 7, 7}, Extents{2, 4, 4097}, Extents{70, 4, 17}})
    for (const GradientSample &sample : gradient_samples(op, shape, 631)) {
      const int64_t count = dense(shape).count();
      all.push_back(sample);
      all.push_back({sample.operation, shape, sample.grad_output, normal_values(count, 632, 1e4, 0.5)});
      all.push_back({sample.operation, shape, mixed_values(count, 633), mixed_values(count, 634)});
    }
  return all;
}

bool all_finite(const std::vector<float> &values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

TEST_P(NormalizationGradient, DigestsAreTheRepositorys) {
  const DigestFile file("gradients.json");
  Digest digest;
  for (const GradientSample &sample : digest_samples_of(op())) {
    if (all_finite(sample.input) && all_finite(sample.grad_output)) expect_near(sample);
    for (const auto &[name, bits] : run_gradient(context_, sample)) {
      std::vector<float> values;
      for (uint32_t word : bits) values.push_back(from_bits(word));
      digest.add(values);
    }
  }
  DigestFile::Json found;
  found["exact"] = hex(digest.value());
  if (DigestFile::writes(isa()) && !HasFailure()) file.write(op(), found);
  const DigestFile::Json all = file.read();
  ASSERT_TRUE(all.contains(op())) << file.path() << " has no digests of " << op() << ": " << update_command(op());
  EXPECT_EQ(all.at(op()), found) << op() << " on " << isa().name;
}

}  // namespace
}  // namespace kiln::test
