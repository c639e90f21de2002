// Tensors whose elements lie farther apart than an index of 32 bits reaches, in sparse memory: right results, or an
// error that leaves the output, and nothing beside the tensors is touched.
#include <csignal>

#include "support/child.h"
#include "support/every_operator.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/sparse_memory.h"

namespace kiln::test {
namespace {

const int64_t kSpans[] = {(int64_t{1} << 31) - 1, (int64_t{1} << 31) + 1, int64_t{1} << 32, int64_t{1} << 35};

// `shape` with its dimensions `far` spread so that each spans that many elements, the others dense within.
Layout spread(const Extents &shape, const std::vector<int> &far, int64_t span, int64_t sign) {
  Layout layout = dense(shape);
  for (int d : far)
    if (shape[d] > 1) layout.strides[d] = sign * ((span + shape[d] - 2) / (shape[d] - 1));
  return layout;
}

// Which of the two is spread; and whether they are one.
enum class Where { input, output, both, in_place };
constexpr Where kEverywhere[] = {Where::input, Where::output, Where::both, Where::in_place};
const char *name_of(Where where) {
  const char *const names[] = {"the input", "the output", "both", "in place"};
  return names[static_cast<int>(where)];
}

// What a child returns; other statuses are signals.
enum Outcome { kRight = 0, kNoMemory = 1, kWrong = 2, kFailedButWrote = 3, kWroteInput = 4 };

class Spans : public EveryOperatorTest {
 protected:
  static Outcome outcome_of(const kiln_context *context, const Operation &operation, const Layout &layout, Where where,
                            const std::vector<float> &inputs, const Results &expected) {
    const Layout plain = dense(layout.shape);
    const Layout &from = where == Where::output ? plain : layout, &to = where == Where::input ? plain : layout;
    SparseMemory input(from), apart(to);
    SparseMemory &output = where == Where::in_place ? input : apart;
    if (!input || !apart) return kNoMemory;
    input.set(inputs);
    const std::vector<float> before = output.get();
    Parameters parameters(operation, layout.shape);
    const DLTensor in = tensor_on(input.data(), from), out = tensor_on(output.data(), to);
    if (call(context, operation, parameters.with(in, out)) != KILN_STATUS_OK)
      return same_bits(before, output.get()) ? kRight : kFailedButWrote;
    if (where != Where::in_place && !same_bits(inputs, input.get())) return kWroteInput;
    return same_bits(expected, {output.get(), parameters.values("running_mean"), parameters.values("running_var")})
               ? kRight
               : kWrong;
  }

  // Every sample of the operator in each of the layouts.
  void expect_right(const std::vector<Layout> &layouts, const std::vector<int> &numbers_of_threads = {1, 3}) {
    Told told;
    const int status = run_in_child([&] {
      for (const Layout &layout : layouts) {
        const std::vector<float> inputs = normal_values(layout.count(), 801, 1, 2);
        for (const Operation &operation : samples_of(op(), layout.shape)) {
          const Results expected = reference_bits(operation, layout.shape, inputs);
          for (int threads : numbers_of_threads)
            for (Where where : kEverywhere) {
              told.tell(show(operation) + ", " + show(layout) + ", " + name_of(where) + ", " + std::to_string(threads) +
                        " threads");
              Context context;
              context.isa(isa().name).threads(threads);
              const Outcome outcome = outcome_of(context, operation, layout, where, inputs, expected);
              if (outcome != kRight) return static_cast<int>(outcome);
            }
        }
      }
      return static_cast<int>(kRight);
    });
    if (status == kNoMemory) GTEST_SKIP() << "the system gives no such addresses: " << told.text();
    EXPECT_EQ(status, kRight) << "-" << SIGSEGV << " is an access beside the tensors, 2 another result, 3 a failure "
                              << "that wrote, 4 a written input; on " << isa().name << ": " << told.text();
  }
};
KILN_OPERATORS_AND_ISAS(Spans, all_operators());

// Each dimension by itself, forwards and backwards.
TEST_P(Spans, OfOneDimension) {
  std::vector<Layout> layouts;
  for (const Extents &shape : {Extents{2, 4, 3}, Extents{2, 4, 2, 3}})
    for (int d = 0; d < static_cast<int>(shape.size()); ++d)
      for (int64_t span : kSpans)
        for (int64_t sign : {1, -1}) layouts.push_back(spread(shape, {d}, span, sign));
  expect_right(layouts);
}

// None of the dimensions alone is beyond 32 bits, all together are.
TEST_P(Spans, OfDimensionsTogether) {
  std::vector<Layout> layouts;
  const Extents shape = {3, 4, 2, 3};
  for (const std::vector<int> &far : {std::vector<int>{0, 1}, {1, 2}, {2, 3}, {0, 3}, {0, 1, 2, 3}})
    for (int64_t sign : {1, -1}) {
      Layout layout = dense(shape);
      // With the dense strides besides, no two elements share memory.
      for (int d : far) layout.strides[d] = sign * ((int64_t{3} << 29) / (shape[d] - 1) + 64 * layout.strides[d]);
      layouts.push_back(layout);
    }
  expect_right(layouts);
}

// Rows of more than one segment.
TEST_P(Spans, OfLongRows) { expect_right({spread({1, 1, 4100}, {2}, kSpans[1], -1)}, {1}); }

// Many channels that lie far apart, each of few values: blocks of channels are beyond 32 bits, one is not.
TEST_P(Spans, OfManyChannels) {
  expect_right({{{2, 64, 4}, {16, 40000000, 1}},
                {{1, 64, 16}, {0, int64_t{1} << 26, 1}},
                {{2, 64, 4}, {16, -40000000, 1}},
                {{64, 2, 4}, {40000000, 16, 1}}});
}

// Parameters and statistics whose values lie far apart.
TEST_P(Spans, OfParameters) {
  const Extents shape = {2, 4, 3};
  const std::vector<float> inputs = normal_values(24, 802);
  for (const Operation &operation : samples_of(op(), shape)) {
    const Results expected = reference_bits(operation, shape, inputs);
    for (const std::string &far : operation.parameters())
      for (int64_t span : kSpans) {
        if (operation.values(far).empty()) continue;
        Context context;
        context.isa(isa().name);
        Array from(dense(shape), inputs), to(dense(shape));
        Parameters parameters(operation, shape);
        const Layout layout = spread(operation.shape_of(far, shape), {0}, span, 1);
        SparseMemory memory(layout);
        if (!memory) GTEST_SKIP() << "the system gives no such addresses";
        memory.set(operation.values(far));
        const DLTensor in = from.tensor(), out = to.tensor(), parameter = tensor_on(memory.data(), layout);
        Tensors tensors = parameters.with(in, out);
        tensors[far] = &parameter;
        ASSERT_TRUE(succeeded(call(context, operation, tensors))) << show(operation) << ", " << far;
        Results results{to.get(), parameters.values("running_mean"), parameters.values("running_var")};
        if (far == "running_mean") results.running_mean = memory.get();
        if (far == "running_var") results.running_var = memory.get();
        ASSERT_TRUE(same_bits(expected, results)) << show(operation) << ", " << far << " spans " << span;
      }
  }
}

}  // namespace
}  // namespace kiln::test
