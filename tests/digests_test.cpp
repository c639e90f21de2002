// Digests of every operator's results, the same on every instruction set, in each layout and in place, as the
// repository has them in tests/digests/samples.json. With KILN_TESTS_WRITE_DIGESTS set, the baseline kernels write
// those of the operators that run, once their results are the oracle's: scripts/update_references.sh.
#include "support/digests.h"

#include <cmath>
#include <limits>

#include "oracle/ulp.h"
#include "support/digest_file.h"
#include "support/every_operator.h"
#include "support/near.h"

namespace kiln::test {
namespace {

using Json = DigestFile::Json;

const DigestFile &file() {
  static const DigestFile file("samples.json");
  return file;
}

// At most 4 ULP; where the truth is subnormal, as far as 0.
::testing::AssertionResult near_fast(const std::vector<oracle::Normalized> &expected,
                                     const std::vector<float> &actual) {
  for (size_t i = 0; i < expected.size(); ++i) {
    const double value = expected[i].value;
    const bool flushed = std::fabs(value) < std::numeric_limits<float>::min() && actual[i] == 0;
    if (!flushed && !(oracle::ulp_error(actual[i], value) <= 4))
      return ::testing::AssertionFailure() << "index " << i << ": expected " << value << ", got " << show(actual[i]);
  }
  return ::testing::AssertionSuccess();
}

// The rounded product of grad_output and a float32 that is near the derivative, which may be anything down to 0 where
// it is subnormal.
::testing::AssertionResult near_fast_gradient(const oracle::ElementwiseOracle &derivative, const Sample &sample,
                                              const std::vector<float> &actual) {
  const std::vector<float> &grad_output = sample.inputs, input = sample.operation.values("input");
  for (size_t i = 0; i < actual.size(); ++i) {
    const double slope = derivative.value(input[i]), expected = oracle::gradient(derivative, grad_output[i], input[i]);
    const double size = oracle::fast_magnitude(derivative, input[i], slope);
    const double off = size < 0x1p-126 ? 0x1p-126 : oracle::fast_bound(derivative) * oracle::ulp(size);
    const bool vanishes = size < 0x1p-149 && std::isinf(grad_output[i]) && bits_of(actual[i]) == kNanBits;
    const bool near = std::isfinite(expected) && std::isfinite(actual[i]) &&
                      std::fabs(actual[i] - expected) <= std::fabs(grad_output[i]) * off + oracle::ulp(actual[i]) / 2;
    if (!vanishes && !near && !(oracle::ulp_error(actual[i], expected) <= 1))
      return ::testing::AssertionFailure() << "grad_output " << show(grad_output[i]) << ", input " << show(input[i])
                                           << ": expected " << expected << ", got " << show(actual[i]);
  }
  return ::testing::AssertionSuccess();
}

class Digests : public EveryOperatorTest {
 protected:
  std::vector<std::string> accuracies() const { return descriptor::operator_named(op()).accuracies; }
  void use(Context &context, const std::string &accuracy) const {
    context.isa(isa().name).accuracy(accuracy == "fast" ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT);
  }
  Json digests(bool other_layout, bool in_place) const {
    Json all;
    for (const std::string &accuracy : accuracies()) {
      Context context;
      use(context, accuracy);
      all[accuracy] = hex(digest_of(context, op(), other_layout, in_place));
    }
    return all;
  }
  void expect_right_results() const {
    for (const std::string &accuracy : accuracies()) {
      Context context;
      use(context, accuracy);
      for (const Sample &sample : digest_samples(op())) {
        const oracle::WithStatistics expected = oracle_of(sample.operation, sample.shape, sample.inputs);
        const Results results = run_dense(context, sample.operation, sample.shape, sample.inputs);
        const bool gradient = sample.operation.row().direction == "backward";
        ASSERT_TRUE(accuracy != "fast" ? near_oracle(sample.operation, expected, results, 1e-6)
                    : gradient ? near_fast_gradient(oracle::elementwise_oracle(op().c_str()), sample, results.output)
                               : near_fast(expected.output, results.output))
            << show(sample.operation) << ", " << accuracy << " on " << isa().name << ", shape " << show(sample.shape);
      }
    }
  }
};
KILN_OPERATORS_AND_ISAS(Digests, operators_and_gradients());

TEST_P(Digests, OfRightResultsAreTheRepositorys) {
  expect_right_results();
  if (HasFailure()) return;
  const Json found = digests(false, false);
  if (DigestFile::writes(isa())) file().write(op(), found);
  const Json all = file().read();
  ASSERT_TRUE(all.contains(op())) << file().path() << " has no digests of " << op() << ": " << update_command(op());
  EXPECT_EQ(all.at(op()), found) << op() << " on " << isa().name;
}

TEST_P(Digests, AreTheSameInEachLayoutAndInPlace) {
  const Json expected = digests(false, false);
  EXPECT_EQ(expected, digests(true, false)) << op() << " on " << isa().name << ", other layout";
  EXPECT_EQ(expected, digests(false, true)) << op() << " on " << isa().name << ", in place";
  EXPECT_EQ(expected, digests(true, true)) << op() << " on " << isa().name << ", other layout, in place";
}

}  // namespace
}  // namespace kiln::test
