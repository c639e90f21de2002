#include "support/typed_array.h"

#include "support/word_call.h"

namespace kiln::test {

TypedArray::TypedArray(const ElementType *type, const Layout &layout, int misalignment) {
  if (type)
    words_ = std::make_unique<Words>(*type, layout, misalignment);
  else
    floats_ = std::make_unique<Array>(layout, misalignment);
}

TypedArray::TypedArray(const ElementType *type, const Layout &layout, const std::vector<float> &values,
                       int misalignment) {
  if (type)
    words_ = std::make_unique<Words>(*type, layout, nearest_words(*type, values), misalignment);
  else
    floats_ = std::make_unique<Array>(layout, values, misalignment);
}

std::vector<uint32_t> TypedArray::bits() const {
  std::vector<uint32_t> bits;
  if (words_)
    for (uint16_t word : words_->get()) bits.push_back(word);
  else
    for (float value : floats_->get()) bits.push_back(bits_of(value));
  return bits;
}

std::vector<uint32_t> TypedArray::snapshot() const {
  if (floats_) return floats_->snapshot();
  return {words_->memory().begin(), words_->memory().end()};
}

std::pair<char *, size_t> TypedArray::memory() const {
  const auto bytes_of = [](auto &all) {
    return std::pair{reinterpret_cast<char *>(all.data()), all.size() * sizeof all.front()};
  };
  return floats_ ? bytes_of(floats_->memory()) : bytes_of(words_->memory());
}

::testing::AssertionResult TypedArray::surroundings_untouched() const {
  if (floats_) return floats_->surroundings_untouched();
  if (words_->surroundings_untouched()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "memory beside the words was written, " << show(words_->layout());
}

}  // namespace kiln::test
