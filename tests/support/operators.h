// What the library has: operators, instruction sets, contexts, and fixtures that run a test for each.
#pragma once

#include <descriptors.h>
#include <gtest/gtest.h>
#include <kiln/kiln.h>

#include <ostream>
#include <string>
#include <vector>

#include "support/compare.h"

namespace kiln::test {

struct ElementwiseOperator {
  const char *name;
  const descriptor::Operator *row;
  std::vector<kiln_accuracy> accuracies;

  // Of a gradient: by a grad_output of ones in the input's layout, on the CPU.
  kiln_status run(const kiln_context *context, const DLTensor *input, DLTensor *output) const;
};
// In the table's order.
const std::vector<ElementwiseOperator> &elementwise_operators();
// Their gradients.
const std::vector<ElementwiseOperator> &elementwise_gradients();
// One of both; a name that the table does not have ends the process.
const ElementwiseOperator &elementwise_operator(const std::string &name);
// Where one will do, whichever it is.
inline const ElementwiseOperator &any_elementwise_operator() { return elementwise_operators().front(); }

struct Isa {
  std::string name;
  bool runs_here;
};
// The CPU's instruction sets that have kernels, best first.
const std::vector<Isa> &isas();
// The one that every CPU of this architecture runs: what the others are held to.
const Isa &baseline();

const char *name_of(kiln_accuracy accuracy);

// Owns a kiln_context.
class Context {
 public:
  Context() { EXPECT_TRUE(succeeded(kiln_context_create(&context_))); }
  ~Context() { kiln_context_destroy(context_); }
  Context(const Context &) = delete;
  Context &operator=(const Context &) = delete;

  Context &isa(const std::string &name) { return expect(kiln_context_set_isa(context_, name.c_str())); }
  Context &threads(int count) { return expect(kiln_context_set_num_threads(context_, count)); }
  Context &accuracy(kiln_accuracy accuracy) { return expect(kiln_context_set_accuracy(context_, accuracy)); }
  Context &streaming(size_t bytes) { return expect(kiln_context_set_streaming(context_, bytes)); }
  Context &parallel_for(kiln_parallel_for f, void *data) {
    return expect(kiln_context_set_parallel_for(context_, f, data));
  }
  operator kiln_context *() const { return context_; }

 private:
  Context &expect(kiln_status status) {
    EXPECT_TRUE(succeeded(status));
    return *this;
  }
  kiln_context *context_ = nullptr;
};

// The operator on a dense vector.
std::vector<float> run_dense(const ElementwiseOperator &op, const kiln_context *context,
                             const std::vector<float> &inputs);
// The same by the baseline kernel on one thread: the bits that every other way must give.
std::vector<float> reference_bits(const ElementwiseOperator &op, kiln_accuracy accuracy,
                                  const std::vector<float> &inputs);

struct OperatorOnIsa {
  const ElementwiseOperator *op;
  const Isa *isa;
};
std::vector<OperatorOnIsa> each_operator_and_isa();
std::vector<OperatorOnIsa> gradients_and_isas();
std::vector<const Isa *> each_isa();

// Names end in "_on_<isa>", by which CTest runs and skips each instruction set apart.
inline std::string suffix(const Isa &isa) { return "_on_" + isa.name; }
inline void PrintTo(const OperatorOnIsa &p, std::ostream *out) { *out << p.op->name << suffix(*p.isa); }

// Tests of an elementwise operator or a gradient, on an instruction set.
class ElementwiseTest : public ::testing::TestWithParam<OperatorOnIsa> {
 protected:
  void SetUp() override {
    if (!isa().runs_here) GTEST_SKIP() << "this CPU has no " << isa().name;
  }
  const ElementwiseOperator &op() const { return *GetParam().op; }
  const Isa &isa() const { return *GetParam().isa; }
};
#define KILN_EACH_OPERATOR_AND_ISA(suite)                                                           \
  INSTANTIATE_TEST_SUITE_P(Each, suite, ::testing::ValuesIn(::kiln::test::each_operator_and_isa()), \
                           [](const ::testing::TestParamInfo<::kiln::test::OperatorOnIsa> &info) {  \
                             return info.param.op->name + ::kiln::test::suffix(*info.param.isa);    \
                           })

// Tests of anything else, on an instruction set.
class IsaTest : public ::testing::TestWithParam<const Isa *> {
 protected:
  void SetUp() override {
    if (!isa().runs_here) GTEST_SKIP() << "this CPU has no " << isa().name;
  }
  const Isa &isa() const { return *GetParam(); }
};
#define KILN_EACH_ISA(suite)                                                                     \
  INSTANTIATE_TEST_SUITE_P(Each, suite, ::testing::ValuesIn(::kiln::test::each_isa()),           \
                           [](const ::testing::TestParamInfo<const ::kiln::test::Isa *> &info) { \
                             return "all" + ::kiln::test::suffix(*info.param);                   \
                           })

// Tests of an elementwise operator for which instruction sets do not matter.
class OperatorTest : public ::testing::TestWithParam<const ElementwiseOperator *> {
 protected:
  const ElementwiseOperator &op() const { return *GetParam(); }
};
std::vector<const ElementwiseOperator *> each_operator();
std::vector<const ElementwiseOperator *> each_gradient();
#define KILN_EACH_OPERATOR(suite)                                                                                \
  INSTANTIATE_TEST_SUITE_P(Each, suite, ::testing::ValuesIn(::kiln::test::each_operator()),                      \
                           [](const ::testing::TestParamInfo<const ::kiln::test::ElementwiseOperator *> &info) { \
                             return info.param->name;                                                            \
                           })

}  // namespace kiln::test
