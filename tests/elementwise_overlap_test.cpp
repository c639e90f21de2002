// Which memory output and inputs may share: decided for random views by counting, and compared with what the call says.
#include <algorithm>
#include <set>

#include "support/array.h"
#include "support/inputs.h"
#include "support/operators.h"
#include "support/random.h"

namespace kiln::test {
namespace {

// A view of one small memory.
struct Placed {
  Layout layout;
  int64_t offset;

  std::vector<int64_t> elements() const {
    std::vector<int64_t> all = layout.offsets();
    for (int64_t &element : all) element += offset;
    return all;
  }
};
std::string show(const Placed &view) {
  return kiln::test::show(view.layout) + " from element " + std::to_string(view.offset);
}

bool distinct(const Placed &view) {
  const std::vector<int64_t> all = view.elements();
  return std::set<int64_t>(all.begin(), all.end()).size() == all.size();
}

bool disjoint(const Placed &a, const Placed &b) {
  const std::vector<int64_t> of_a = a.elements(), of_b = b.elements();
  const std::set<int64_t> set(of_a.begin(), of_a.end());
  return std::none_of(of_b.begin(), of_b.end(), [&](int64_t element) { return set.count(element) != 0; });
}

constexpr int64_t kMemory = 160;

// Small strides on purpose, so that views interleave, overlap and share elements often. All lies within kMemory.
Placed random_view(Random &random, const Extents &shape) {
  for (;;) {
    Placed view{{shape, Extents(shape.size())}, random.integer(0, kMemory - 1)};
    for (int64_t &stride : view.layout.strides) stride = random.integer(-3, 14);
    if (random.chance(3)) view.layout.strides = random_layout(random, shape, false).strides;
    if (view.offset + view.layout.low() >= 0 && view.offset + view.layout.high() < kMemory) return view;
  }
}

class ElementwiseOverlap : public OperatorTest {};
KILN_EACH_OPERATOR(ElementwiseOverlap);

TEST_P(ElementwiseOverlap, IsRefusedJustWhereThereIsOne) {
  Random random(81);
  const std::vector<float> values = normal_values(kMemory, 82);
  int accepted = 0, in_place = 0, overlapping = 0, self_overlapping = 0;
  for (int round = 0; round < 4000; ++round) {
    Extents shape(random.integer(0, 3));
    for (int64_t &extent : shape) extent = random.integer(1, 4);
    const Placed from = random_view(random, shape), to = random.chance(10) ? from : random_view(random, shape);
    SCOPED_TRACE("round " + std::to_string(round) + ", input " + show(from) + ", output " + show(to));
    std::vector<float> memory = values;
    const DLTensor input = tensor_on(memory.data() + from.offset, from.layout);
    DLTensor output = tensor_on(memory.data() + to.offset, to.layout);
    const kiln_status status = op().run(nullptr, &input, &output);
    const bool is_distinct = distinct(to), same = from.elements() == to.elements();
    if (is_distinct && (same || disjoint(from, to))) {
      ASSERT_TRUE(succeeded(status));
      ++(same ? in_place : accepted);
      std::vector<float> inputs, outputs;
      for (int64_t element : from.elements()) inputs.push_back(values[element]);
      for (int64_t element : to.elements()) outputs.push_back(memory[element]);
      ASSERT_TRUE(same_bits(reference_bits(op(), KILN_ACCURACY_EXACT, inputs), outputs, inputs));
    } else {
      ASSERT_TRUE(
          failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output:", "expected", is_distinct ? "input" : "share"}, status));
      ASSERT_TRUE(same_bits(values, memory)) << "memory was written";
      ++(is_distinct ? overlapping : self_overlapping);
    }
  }
  // The sample has much of each kind.
  for (int kind : {accepted, in_place, overlapping, self_overlapping}) EXPECT_GT(kind, 200);
}

// By one element, at either end; and behind each other, which is none.
TEST_P(ElementwiseOverlap, ByOneElement) {
  for (int64_t n : {1, 7, 8, 64, 1000})
    for (int64_t shift : {-n, 1 - n, int64_t{-1}, int64_t{1}, n - 1, n}) {
      if (shift == 0) continue;
      std::vector<float> memory = normal_values(3 * n, 83);
      const std::vector<float> before = memory;
      const Layout layout = dense({n});
      const DLTensor input = tensor_on(memory.data() + n, layout);
      DLTensor output = tensor_on(memory.data() + n + shift, layout);
      const kiln_status status = op().run(nullptr, &input, &output);
      if (shift == n || shift == -n) {
        EXPECT_TRUE(succeeded(status)) << n << " elements, shifted by " << shift;
        continue;
      }
      EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output:", "input"}, status))
          << n << ", shifted by " << shift;
      EXPECT_TRUE(same_bits(before, memory)) << "memory was written";
    }
}

// Even elements to odd ones, the halves of each line, the real part to the imaginary: near, but apart.
TEST_P(ElementwiseOverlap, InterleavedIsNone) {
  const Layout every_second = stepped({500}, 2), half_lines{{30, 8}, {16, 1}}, columns{{30, 16}, {32, 2}};
  for (const auto &[layout, shift] : {std::pair<Layout, int64_t>{every_second, 1}, {half_lines, 8}, {columns, 1}}) {
    std::vector<float> memory = normal_values(2000, 84);
    const std::vector<float> before = memory;
    const DLTensor input = tensor_on(memory.data(), layout);
    DLTensor output = tensor_on(memory.data() + shift, layout);
    EXPECT_TRUE(succeeded(op().run(nullptr, &input, &output))) << show(layout);
    for (int64_t offset : layout.offsets()) ASSERT_EQ(bits_of(before[offset]), bits_of(memory[offset])) << show(layout);
  }
}

// The transposed view of the same memory is not the same view.
TEST_P(ElementwiseOverlap, TransposedInPlaceIsRefused) {
  Array both(dense({6, 6}), normal_values(36, 85));
  const Layout transposed = permuted({6, 6}, {1, 0});
  const DLTensor input = tensor_on(both.data(), transposed);
  DLTensor output = both.tensor();
  const std::vector<uint32_t> before = both.snapshot();
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output:", "input"}, op().run(nullptr, &input, &output)));
  EXPECT_EQ(before, both.snapshot());
}

TEST_P(ElementwiseOverlap, OutputOfStride0IsRefused) {
  Array from(dense({5, 4}), normal_values(20, 86)), to(broadcast(dense({5, 4}), 0), std::vector<float>(20, 7.0f));
  const DLTensor input = from.tensor();
  DLTensor output = to.tensor();
  const std::vector<uint32_t> before = to.snapshot();
  EXPECT_TRUE(
      failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output:", "expected", "(5, 4)"}, op().run(nullptr, &input, &output)));
  EXPECT_EQ(before, to.snapshot());
}

// Of many dimensions with strides that no slicing makes: an answer comes, and if it is yes, nothing was written.
TEST_P(ElementwiseOverlap, HardQuestionsEnd) {
  Layout strange{Extents(20, 2), Extents(20)};
  Random random(87);
  for (int64_t &stride : strange.strides) stride = random.integer(1, 300);
  std::vector<float> memory(20 * 300, 0.5f);
  const std::vector<float> before = memory;
  const DLTensor input = tensor_on(memory.data(), strange);
  DLTensor output = tensor_on(memory.data(), strange);
  EXPECT_TRUE(failed_with(KILN_STATUS_INVALID_ARGUMENT, {"output:"}, op().run(nullptr, &input, &output)));
  EXPECT_TRUE(same_bits(before, memory));
}

}  // namespace
}  // namespace kiln::test
