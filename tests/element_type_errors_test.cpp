// What is refused of elementwise operators' element types of 16 bits.
#include "support/element_type.h"

namespace kiln::test {
namespace {

class ElementTypeErrors : public OperatorTest {};
KILN_EACH_OPERATOR(ElementTypeErrors);

// Types that mix are refused, and the output is as it was.
TEST_P(ElementTypeErrors, TypesThatMix) {
  const ElementType &half = element_types_of_16_bits()[0], &brain = element_types_of_16_bits()[1];
  Words from(half, dense({5}), {1, 2, 3, 4, 5}), to(brain, dense({5}), {6, 7, 8, 9, 10});
  DLTensor input = from.tensor(), output = to.tensor();
  EXPECT_TRUE(failed_with(KILN_STATUS_UNSUPPORTED, {"output", "element type float16, that of input", "got bfloat16"},
                          op().run(nullptr, &input, &output)));
  output.dtype = {kDLFloat, 32, 1};
  EXPECT_TRUE(
      failed_with(KILN_STATUS_UNSUPPORTED, {"output", "float16", "got float32"}, op().run(nullptr, &input, &output)));
  EXPECT_EQ(to.get(), (std::vector<uint16_t>{6, 7, 8, 9, 10}));
}

TEST_P(ElementTypeErrors, OddAddresses) {
  const ElementType &half = element_types_of_16_bits()[0];
  Words from(half, dense({5}));
  DLTensor input = from.tensor();
  input.byte_offset = 1;
  EXPECT_TRUE(
      failed_with(KILN_STATUS_INVALID_ARGUMENT, {"input", "aligned to 2 bytes"}, op().run(nullptr, &input, &input)));
}

}  // namespace
}  // namespace kiln::test
