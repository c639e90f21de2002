// More than 2^31 elements. Addresses are all distinct; most pages of the output are one small file mapped again and
// again, so that little memory is touched. What is written there is overwritten; the windows that are checked (the
// beginning, each multiple of 2^28 elements, the end) have memory of their own.
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "support/expectations.h"
#include "support/array.h"
#include "support/child.h"
#include "support/element_type.h"
#include "support/inputs.h"
#include "support/operation.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

constexpr int64_t kFill = int64_t{1} << 26;    // bytes of the file behind the windows
constexpr int64_t kWindow = int64_t{1} << 20;  // bytes of a window
constexpr int64_t kFloat = sizeof(float);

class HugeMemory {
 public:
  // Windows lie around each multiple of `every` elements, and at the end.
  HugeMemory(int64_t elements, int64_t every) : elements_(elements), bytes_((elements * kFloat / kFill + 1) * kFill) {
    memory_ = map(nullptr, bytes_, PROT_NONE, MAP_NORESERVE | MAP_ANONYMOUS, -1);
    const int file = memfd_create("kiln-large-test", 0);
    EXPECT_EQ(ftruncate(file, kFill), 0);
    for (int64_t at = 0; at < bytes_; at += kFill) map(memory_ + at, kFill, PROT_READ | PROT_WRITE, MAP_FIXED, file);
    close(file);
    for (int64_t at = 0; at < elements; at += every) add_window(at);
    add_window(elements);
  }
  ~HugeMemory() { munmap(memory_, bytes_); }
  HugeMemory(const HugeMemory &) = delete;
  HugeMemory &operator=(const HugeMemory &) = delete;

  float *data() { return reinterpret_cast<float *>(memory_); }

  // Calls visit(first, last) for each window's elements, in order, within the tensor.
  template <class Visit>
  void for_each_window(Visit visit) const {
    for (int64_t begin : windows_) visit(begin / kFloat, std::min((begin + kWindow) / kFloat, elements_));
  }

 private:
  // Private memory replaces the shared pages from half a window before the element.
  void add_window(int64_t element) {
    const int64_t middle = element * kFloat / kWindow * kWindow;
    for (int64_t at : {middle - kWindow, middle}) {
      if (at < 0 || at >= elements_ * kFloat || std::count(windows_.begin(), windows_.end(), at)) continue;
      map(memory_ + at, kWindow, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_ANONYMOUS, -1);
      windows_.push_back(at);
    }
  }
  static char *map(char *at, int64_t bytes, int protection, int flags, int file) {
    void *mapped = mmap(at, bytes, protection, flags | (file >= 0 ? MAP_SHARED : MAP_PRIVATE), file, 0);
    EXPECT_NE(mapped, MAP_FAILED) << bytes << " bytes of addresses could not be had";
    return static_cast<char *>(mapped);
  }

  int64_t elements_, bytes_;
  char *memory_;
  std::vector<int64_t> windows_;
};

// A value for element number i that no neighbour within a window shares.
float value_at(int64_t i) { return static_cast<float>(i % 1000003) * 1.6e-5f - 8; }

void fill(HugeMemory &memory) {
  memory.for_each_window([&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) memory.data()[i] = value_at(i);
  });
}

constexpr int64_t kBeyond = (int64_t{1} << 31) + (int64_t{1} << 22) + 3;
constexpr int64_t kEvery = int64_t{1} << 28;

void expect_windows(HugeMemory &memory, const ElementwiseOperator &op, const char *how) {
  int64_t checked = 0;
  memory.for_each_window([&](int64_t first, int64_t last) {
    std::vector<float> inputs;
    for (int64_t i = first; i < last; ++i) inputs.push_back(value_at(i));
    ASSERT_TRUE(same_bits(reference_bits(op, KILN_ACCURACY_EXACT, inputs),
                          {memory.data() + first, memory.data() + last}, inputs))
        << op.name << ", " << how << ", elements from " << first;
    checked += last - first;
  });
  EXPECT_GT(checked, 9 * kWindow / kFloat);
}

class Large : public OperatorTest {};
INSTANTIATE_TEST_SUITE_P(First, Large, ::testing::Values(&any_elementwise_operator()),
                         [](const auto &info) { return info.param->name; });

TEST_P(Large, DenseInPlace) {
  HugeMemory memory(kBeyond, kEvery);
  for (int threads : {1, 2}) {
    fill(memory);
    Context context;
    context.threads(threads);
    const Layout layout = dense({kBeyond});
    DLTensor both = tensor_on(memory.data(), layout);
    ASSERT_TRUE(succeeded(op().run(context, &both, &both)));
    expect_windows(memory, op(), threads == 1 ? "1 thread" : "2 threads");
  }
}

// The input is one row, broadcast: two dimensions, neither beyond 2^31, that cannot be joined.
TEST_P(Large, BroadcastRow) {
  const int64_t width = 100003, rows = kBeyond / width + 1;
  std::vector<float> row(width);
  for (int64_t i = 0; i < width; ++i) row[i] = value_at(i);
  const std::vector<float> expected = reference_bits(op(), KILN_ACCURACY_EXACT, row);
  HugeMemory memory(rows * width, kEvery);
  const Layout from = broadcast(dense({rows, width}), 0), to = dense({rows, width});
  const DLTensor input = tensor_on(row.data(), from);
  DLTensor output = tensor_on(memory.data(), to);
  ASSERT_TRUE(succeeded(op().run(nullptr, &input, &output)));
  memory.for_each_window([&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      ASSERT_EQ(bits_of(memory.data()[i]), bits_of(expected[i % width])) << op().name << ", element " << i;
  });
}

// One dimension of more than 2^31 elements backwards, from one element: any stride there is beyond 32 bits.
TEST_P(Large, ReversedFromAScalar) {
  HugeMemory memory(kBeyond, kEvery);
  const float value = 0.75f;
  const Layout from{{kBeyond}, {0}}, to{{kBeyond}, {-1}};
  const DLTensor input = tensor_on(const_cast<float *>(&value), from);
  DLTensor output = tensor_on(memory.data() + kBeyond - 1, to);
  ASSERT_TRUE(succeeded(op().run(nullptr, &input, &output)));
  const uint32_t expected = bits_of(reference_bits(op(), KILN_ACCURACY_EXACT, {value})[0]);
  memory.for_each_window([&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i)
      ASSERT_EQ(bits_of(memory.data()[i]), expected) << op().name << ", element " << i;
  });
}

// Few elements, far apart: strides beyond 2^31 elements, and a dimension beyond that of a smaller stride.
TEST_P(Large, FarApart) {
  HugeMemory memory(kBeyond, kEvery);
  fill(memory);
  const Layout layout{{8, 1000}, {kEvery, 3}}, two{{2, 1000}, {(int64_t{1} << 31) + 5, 1}};
  for (const Layout &both : {layout, two}) {
    std::vector<float> inputs;
    for (int64_t offset : both.offsets()) inputs.push_back(memory.data()[offset]);
    DLTensor tensor = tensor_on(memory.data(), both);
    ASSERT_TRUE(succeeded(op().run(nullptr, &tensor, &tensor)));
    std::vector<float> outputs;
    for (int64_t offset : both.offsets()) outputs.push_back(memory.data()[offset]);
    EXPECT_TRUE(same_bits(reference_bits(op(), KILN_ACCURACY_EXACT, inputs), outputs, inputs))
        << op().name << ", " << show(both);
  }
}

// Rows whose values are adjacent neither in the input nor in the output pass through working memory. Where it cannot be
// had the call says so. It is far more than a heap has left of what it gave before.
TEST(LargeLayerNorm, WorkingMemoryThatCannotBeHad) {
  const int64_t length = int64_t{1} << 22;
  HugeMemory memory(2 * length, length);
  fill(memory);
  const float value = 0.75f;
  const Layout from = broadcast(dense({1, length}), 1), to{{1, length}, {2 * length, 2}};
  const int status = run_in_child([&] {
    const rlimit limit{1 << 20, 1 << 20};  // no more than there is
    if (setrlimit(RLIMIT_AS, &limit) != 0) return 2;
    const DLTensor input = tensor_on(const_cast<float *>(&value), from);
    DLTensor output = tensor_on(memory.data(), to);
    if (call(nullptr, layer_norm({length}), {{"input", &input}, {"output", &output}}) != KILN_STATUS_OUT_OF_MEMORY)
      return 3;
    if (std::string(kiln_last_error()).find("memory") == std::string::npos) return 4;
    int written = 0;
    memory.for_each_window([&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) written |= bits_of(memory.data()[i]) != bits_of(value_at(i));
    });
    return written ? 5 : 0;
  });
  EXPECT_EQ(status, 0) << "3 is another status, 4 another message, 5 the output was written";
}

TEST(LargeLayerNorm, DenseInPlace) {
  const int64_t length = 1 << 14, rows = kBeyond / length + 1;
  HugeMemory memory(rows * length, kEvery);
  fill(memory);
  const Layout layout = dense({rows, length});
  DLTensor both = tensor_on(memory.data(), layout);
  const Operation arguments = layer_norm({length});
  ASSERT_TRUE(succeeded(call(nullptr, arguments, {{"input", &both}, {"output", &both}})));
  int64_t checked = 0;
  memory.for_each_window([&](int64_t first, int64_t last) {
    for (int64_t row = (first + length - 1) / length; (row + 1) * length <= last; row += 5, ++checked) {
      std::vector<float> inputs(length);
      for (int64_t i = 0; i < length; ++i) inputs[i] = value_at(row * length + i);
      ASSERT_TRUE(same_bits(reference_bits(arguments, {1, length}, inputs).output,
                            {memory.data() + row * length, memory.data() + (row + 1) * length}, inputs))
          << "layer_norm, row " << row;
    }
  });
  EXPECT_GT(checked, 20);
}

// Types of 16 bits, in place: samples that are all alike, through kernels of the type and through tiles of float32, which
// local_response_norm always takes.
class LargeOf16Bits : public ::testing::TestWithParam<std::string> {};

TEST_P(LargeOf16Bits, SamplesInPlace) {
  constexpr int64_t kRow = 1024, kRows = kBeyond / kRow + 1, kPair = kFloat / sizeof(uint16_t);
  const ElementType &type = element_types_of_16_bits()[0];
  Operation operation(GetParam());
  operation.with("normalized_shape", Extents{32, 32}).with("size", 5);
  std::vector<uint16_t> row(kRow);
  for (int64_t i = 0; i < kRow; ++i) row[i] = type.nearest(value_at(31 * i));
  const auto run = [&](DLTensor both) {
    ASSERT_TRUE(succeeded(call(nullptr, operation, {{"input", &both}, {"output", &both}})));
  };
  Words one(type, dense({1, 32, 32}), row);
  run(one.tensor());
  const std::vector<uint16_t> expected = one.get();

  HugeMemory memory(kRows * kRow / kPair, kEvery / kPair);
  uint16_t *const words = reinterpret_cast<uint16_t *>(memory.data());
  const auto for_each_word = [&](auto visit) {
    memory.for_each_window([&](int64_t first, int64_t last) {
      for (int64_t i = first * kPair; i < last * kPair; ++i) visit(words[i], i % kRow);
    });
  };
  for_each_word([&](uint16_t &word, int64_t i) { word = row[i]; });
  const Layout layout = dense({kRows, 32, 32});
  DLTensor both = tensor_on(memory.data(), layout);
  both.dtype = type.dlpack;
  run(both);
  int64_t wrong = 0;
  for_each_word([&](uint16_t word, int64_t i) { wrong += word != expected[i]; });
  EXPECT_EQ(wrong, 0);
}
INSTANTIATE_TEST_SUITE_P(Each, LargeOf16Bits, ::testing::Values("tanh", "layer_norm", "local_response_norm"),
                         [](const auto &info) { return info.param; });

}  // namespace
}  // namespace kiln::test
