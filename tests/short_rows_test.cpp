// Rows of 2 to 300 values: so many of them that the rare large error is seen.
#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/near.h"
#include "support/operators.h"
#include "support/rows.h"

namespace kiln::test {
namespace {

std::vector<std::string> operators_with_rows() {
  std::vector<std::string> names;
  for (const descriptor::Operator &op : descriptor::operators())
    if (op.family == "channel_norm" || op.family == "row_norm") names.push_back(op.name);
  return names;
}

class ShortRows : public EveryOperatorTest {
 protected:
  // The first shape of the rows of a length: that which takes them as they are.
  ::testing::AssertionResult near(int64_t length, int64_t values, double mean) {
    Context context;
    context.isa(isa().name);
    const int64_t rows = values / length;
    const Sample sample =
        samples_of_rows(op(), normal_values(rows * length, 821 + length, mean, 1), length, 1e-5).front();
    return near_oracle(sample.operation, oracle_of(sample.operation, sample.shape, sample.inputs),
                       run_dense(context, sample.operation, sample.shape, sample.inputs), 5e-7);
  }
};
KILN_OPERATORS_AND_ISAS(ShortRows, operators_with_rows());

TEST_P(ShortRows, OfFewValues) {
  const int64_t values = 200000 / static_cast<int64_t>(thinning());
  for (int64_t length = 2; length <= 16; ++length)
    for (double mean : {0.0, 1.0}) EXPECT_TRUE(near(length, values, mean)) << "rows of " << length << ", mean " << mean;
}

TEST_P(ShortRows, OfEveryLength) {
  const int64_t values = 30000 / static_cast<int64_t>(thinning());
  for (int64_t length = 17; length <= 300; ++length) EXPECT_TRUE(near(length, values, 0)) << "rows of " << length;
}

}  // namespace
}  // namespace kiln::test
