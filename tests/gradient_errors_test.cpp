// Bad calls of gradients: the error names the tensor, and grad_input stays as it was.
#include "support/array.h"
#include "support/compare.h"
#include "support/element_type.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

class GradientErrors : public ::testing::TestWithParam<const ElementwiseOperator *> {
 protected:
  const ElementwiseOperator &op() const { return *GetParam(); }
  // A call with three tensors of shape (3, 4), of which a body spoils some; grad_input stays as it is.
  template <class Spoil>
  void expect_refused(const std::vector<std::string> &texts, Spoil spoil) {
    Array g(dense({3, 4}), normal_values(12, 912)), x(dense({3, 4}), normal_values(12, 913)), result(dense({3, 4}));
    DLTensor tensors[] = {g.tensor(), x.tensor(), result.tensor()};
    DLTensor *passed[] = {&tensors[0], &tensors[1], &tensors[2]};
    const auto before = result.snapshot();
    spoil(passed);
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, texts, op().row->call(nullptr, passed, nullptr)));
    EXPECT_EQ(before, result.snapshot());
  }
};
INSTANTIATE_TEST_SUITE_P(Each, GradientErrors, ::testing::ValuesIn(each_gradient()),
                         [](const auto &info) { return info.param->name; });

TEST_P(GradientErrors, NameTheTensor) {
  const char *const names[] = {"grad_output", "input", "grad_input"};
  int64_t other[] = {4, 3};
  for (int i = 0; i < 3; ++i) {
    const std::string name = names[i];
    expect_refused({"kiln_" + std::string(op().name), name + ":", "NULL"}, [&](DLTensor **t) { t[i] = nullptr; });
    expect_refused({name + ":", "data"}, [&](DLTensor **t) { t[i]->data = nullptr; });
    // Of a first tensor of another shape the others are wrong.
    if (i > 0) expect_refused({name + ":", "grad_output", "(4, 3)"}, [&](DLTensor **t) { t[i]->shape = other; });
  }
}

TEST_P(GradientErrors, OverlapOfEitherInput) {
  Array memory(dense({30}), normal_values(30, 914));
  const Layout layout = dense({3, 4});
  const auto before = memory.snapshot();
  DLTensor from = tensor_on(memory.data(), layout), apart = tensor_on(memory.data() + 15, layout),
           shifted = tensor_on(memory.data() + 1, layout);
  for (bool first : {true, false}) {
    DLTensor *const tensors[] = {first ? &from : &apart, first ? &apart : &from, &shifted};
    EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"grad_input:", first ? "grad_output" : "input"},
                            op().row->call(nullptr, tensors, nullptr)));
  }
  EXPECT_EQ(before, memory.snapshot());
}

TEST_P(GradientErrors, TypesThatMix) {
  Array g(dense({4}), normal_values(4, 915)), result(dense({4}));
  Words x(element_types_of_16_bits().front(), dense({4}), words_of_all_kinds(4, 916));
  DLTensor grad_output = g.tensor(), input = x.tensor(), grad_input = result.tensor();
  DLTensor *const tensors[] = {&grad_output, &input, &grad_input};
  const kiln_status status = op().row->call(nullptr, tensors, nullptr);
  EXPECT_TRUE(failed_with(KILN_STATUS_UNSUPPORTED, {"input:", "float32", "float16"}, status));
}

}  // namespace
}  // namespace kiln::test
