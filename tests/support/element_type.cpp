#include "support/element_type.h"

#include <cstdio>

#include "support/random.h"

namespace kiln::test {
namespace {

constexpr uint16_t kCanary = 0x7d5a;  // a NaN of both types, which no kernel stores

}  // namespace

const std::vector<ElementType> &element_types_of_16_bits() {
  static const std::vector<ElementType> types = [] {
    std::vector<ElementType> all;
    for (const descriptor::Element &row : descriptor::elements())
      if (row.bytes() == sizeof(uint16_t)) all.push_back({oracle::narrow_type(row.name), row.dlpack});
    return all;
  }();
  return types;
}

Words::Words(const ElementType &type, Layout layout, int misalignment)
    : type_(type), layout_(std::move(layout)), offsets_(layout_.offsets()) {
  constexpr int64_t kAround = 64;
  memory_.assign(static_cast<size_t>(layout_.high() - layout_.low() + 1 + 3 * kAround), kCanary);
  const int64_t address = static_cast<int64_t>(reinterpret_cast<uintptr_t>(memory_.data()) / sizeof(uint16_t));
  origin_ = kAround + (32 - (address + kAround) % 32) % 32 + misalignment - layout_.low();
}

Words::Words(const ElementType &type, Layout layout, const std::vector<uint16_t> &words, int misalignment)
    : Words(type, std::move(layout), misalignment) {
  for (size_t i = 0; i < words.size(); ++i) memory_[origin_ + offsets_[i]] = words[i];
}

DLTensor Words::tensor() {
  return {memory_.data() + origin_,
          {kDLCPU, 0},
          static_cast<int32_t>(layout_.shape.size()),
          type_.dlpack,
          layout_.shape.data(),
          layout_.strides.data(),
          0};
}

std::vector<uint16_t> Words::get() const {
  std::vector<uint16_t> words;
  for (int64_t offset : offsets_) words.push_back(memory_[origin_ + offset]);
  return words;
}

bool Words::surroundings_untouched() const {
  std::vector<bool> element(memory_.size());
  for (int64_t offset : offsets_) element[origin_ + offset] = true;
  for (size_t i = 0; i < memory_.size(); ++i)
    if (!element[i] && memory_[i] != kCanary) return false;
  return true;
}

std::string text_of(uint16_t word) {
  char text[8];
  std::snprintf(text, sizeof text, "0x%04x", word);
  return text;
}

::testing::AssertionResult same_words(const std::vector<uint16_t> &expected, const std::vector<uint16_t> &actual,
                                      const std::vector<uint16_t> &inputs) {
  if (expected.size() != actual.size())
    return ::testing::AssertionFailure() << "expected " << expected.size() << " words, got " << actual.size();
  for (size_t i = 0; i < expected.size(); ++i)
    if (expected[i] != actual[i])
      return ::testing::AssertionFailure() << "index " << i << ", input " << text_of(inputs[i]) << ": expected "
                                           << text_of(expected[i]) << ", got " << text_of(actual[i]);
  return ::testing::AssertionSuccess();
}

std::vector<uint16_t> every_word(uint64_t step) {
  std::vector<uint16_t> words;
  for (uint64_t word = 0; word < 65536; word += step) words.push_back(static_cast<uint16_t>(word));
  return words;
}

std::vector<uint16_t> words_of_all_kinds(int64_t count, uint64_t seed) {
  Random random(seed);
  std::vector<uint16_t> words;
  for (int64_t i = 0; i < count; ++i) words.push_back(static_cast<uint16_t>(random.integer(0, 65535)));
  return words;
}

std::vector<uint16_t> run_dense(const ElementwiseOperator &op, const kiln_context *context, const ElementType &type,
                                const std::vector<uint16_t> &words) {
  const Layout layout = dense({static_cast<int64_t>(words.size())});
  Words from(type, layout, words), to(type, layout);
  DLTensor input = from.tensor(), output = to.tensor();
  EXPECT_TRUE(succeeded(op.run(context, &input, &output)));
  return to.get();
}

}  // namespace kiln::test
