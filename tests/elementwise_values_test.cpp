// Elementwise operators against the float64 oracle, and against MPFR where float64 cannot decide.
#include <cmath>

#include "oracle/oracle.h"
#include "oracle/ulp.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

// What a result must keep to, in ULP (docs/promises/accuracy.md).
double bound(const oracle::ElementwiseOracle &oracle, kiln_accuracy accuracy) {
  return accuracy == KILN_ACCURACY_EXACT ? oracle::exact_bound(oracle) : oracle::fast_bound(oracle);
}

// The error of `y` for the input `x`. float64 is off by less than 1e-6 ULP; what is nearer to the bound goes to MPFR.
double error_of(const oracle::ElementwiseOracle &oracle, float x, float y, double bound) {
  const double error = oracle::ulp_error(y, oracle.value(x));
  if (!(std::fabs(error - bound) < 1e-6)) return error;
  mpfr_t input, result;
  mpfr_init2(input, 24);
  mpfr_init2(result, 160);
  mpfr_set_flt(input, x, MPFR_RNDN);
  oracle.exact(result, input);
  const double exact = oracle::ulp_error(y, result);
  mpfr_clear(input);
  mpfr_clear(result);
  return exact;
}

// Fast variants may give anything down to zero for what is subnormal.
bool flushed(float y, double r) {
  return std::fabs(r) < 0x1p-126 && std::fabs(y) <= 0x1p-126f && std::signbit(y) == std::signbit(r);
}

class ElementwiseValues : public ElementwiseTest {
 protected:
  void expect_accurate(const std::vector<float> &inputs) {
    const oracle::ElementwiseOracle &oracle = oracle::elementwise_oracle(op().name);
    for (kiln_accuracy accuracy : op().accuracies) {
      Context context;
      context.isa(isa().name).accuracy(accuracy);
      const std::vector<float> results = run_dense(op(), context, inputs);
      const double limit = bound(oracle, accuracy);
      double worst = -1;
      size_t at = 0;
      for (size_t i = 0; i < inputs.size(); ++i) {
        const double value = oracle.value(inputs[i]);
        if (accuracy == KILN_ACCURACY_FAST && flushed(results[i], value)) continue;
        double error = error_of(oracle, inputs[i], results[i], limit);
        if (accuracy == KILN_ACCURACY_FAST && std::isfinite(value))
          error *= oracle::ulp(value) / oracle::ulp(oracle::fast_magnitude(oracle, inputs[i], value));
        if (error > worst) worst = error, at = i;
      }
      ASSERT_GE(worst, 0) << "nothing was compared";
      EXPECT_LE(worst, limit) << op().name << ' ' << name_of(accuracy) << " on " << isa().name << ", index " << at
                              << ", input " << show(inputs[at]) << ": got " << show(results[at]) << ", expected "
                              << show(static_cast<float>(oracle.value(inputs[at])));
    }
  }
};
KILN_EACH_OPERATOR_AND_ISA(ElementwiseValues);

TEST_P(ElementwiseValues, AtThresholds) { expect_accurate(threshold_values()); }

TEST_P(ElementwiseValues, OverAllPatternsSampled) { expect_accurate(every_pattern(9973 * thinning())); }

TEST_P(ElementwiseValues, OfUsualInputs) {
  expect_accurate(mixed_values(100000 / static_cast<int64_t>(thinning()), 1));
}

TEST_P(ElementwiseValues, WhereResultsAreSubnormal) {
  std::vector<float> inputs;
  for (int64_t i = 0; i < 60000; i += static_cast<int64_t>(thinning()))
    inputs.push_back(-86.0f - static_cast<float>(i) * 4e-4f);
  for (uint32_t pattern = 0; pattern < 0x00800000; pattern += 1009 * thinning()) {
    inputs.push_back(from_bits(pattern));
    inputs.push_back(from_bits(0x80000000u | pattern));
  }
  expect_accurate(inputs);
}

// One set of bits for all instruction sets, over a wider sample than the layouts' tests have.
TEST_P(ElementwiseValues, HaveTheBitsOfTheBaseline) {
  std::vector<float> inputs = every_pattern(12289 * thinning());
  const std::vector<float> thresholds = threshold_values();
  inputs.insert(inputs.end(), thresholds.begin(), thresholds.end());
  for (kiln_accuracy accuracy : op().accuracies) {
    Context context;
    context.isa(isa().name).accuracy(accuracy);
    EXPECT_TRUE(same_bits(reference_bits(op(), accuracy, inputs), run_dense(op(), context, inputs), inputs))
        << op().name << ' ' << name_of(accuracy) << " on " << isa().name;
  }
}

}  // namespace
}  // namespace kiln::test
