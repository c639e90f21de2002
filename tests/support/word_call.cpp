#include "support/word_call.h"

#include <deque>

#include "support/bits.h"
#include "support/inputs.h"

namespace kiln::test {

std::vector<uint16_t> nearest_words(const ElementType &type, const std::vector<float> &values) {
  std::vector<uint16_t> words;
  for (float value : values) words.push_back(type.nearest(value));
  return words;
}

std::vector<uint16_t> some_words(const ElementType &type, int64_t count, uint64_t seed) {
  return seed % 5 == 0 ? words_of_all_kinds(count, seed) : nearest_words(type, normal_values(count, seed, 1, 2));
}

WordCall::WordCall(const Operation &operation, const ElementType &type, bool narrow)
    : type_(type), narrow_(narrow), operation_(operation) {
  if (!narrow) return;
  for (const std::string &name : operation_.parameters())
    for (float &value : operation_.values(name)) value = static_cast<float>(type.value_of(type.nearest(value)));
}

std::string WordCall::text() const {
  return show(operation_) + ", " + type_.name + (narrow_ ? " parameters too" : ", float32 parameters");
}

Words WordCall::parameter(const std::string &name, const Extents &shape, int64_t step) const {
  return Words(type_, stepped(operation_.shape_of(name, shape), step), nearest_words(type_, operation_.values(name)));
}

kiln_status WordCall::run(const kiln_context *context, Words &input, Words &output, int64_t step,
                          WordResults *results) const {
  const DLTensor from = input.tensor(), to = output.tensor();
  const Extents shape(from.shape, from.shape + from.ndim);
  Parameters floats(operation_, shape, step);
  Tensors tensors = floats.with(from, to);
  std::map<std::string, Words> words;
  std::deque<DLTensor> views;
  for (const std::string &name : operation_.parameters()) {
    if (!narrow_ || operation_.values(name).empty()) continue;
    views.push_back(words.emplace(name, parameter(name, shape, step)).first->second.tensor());
    tensors[name] = &views.back();
  }
  const kiln_status status = call(context, operation_, tensors);
  results->output = output.get();
  results->statistics.clear();
  for (const std::string &name : operation_.tensors(descriptor::Role::statistics))
    if (words.count(name))
      for (uint16_t word : words.at(name).get()) results->statistics.push_back(word);
    else
      for (float value : floats.values(name)) results->statistics.push_back(bits_of(value));
  return status;
}

uint32_t WordCall::word_of_statistic(float value) const { return narrow_ ? type_.nearest(value) : bits_of(value); }

WordResults WordCall::expected(const Extents &shape, const std::vector<uint16_t> &inputs) const {
  std::vector<float> values;
  for (uint16_t word : inputs) values.push_back(static_cast<float>(type_.value_of(word)));
  const Results results = reference_bits(operation_, shape, values);
  WordResults expected;
  for (float value : results.output) expected.output.push_back(type_.nearest(value));
  for (const std::vector<float> &all : {results.running_mean, results.running_var})
    for (float value : all) expected.statistics.push_back(word_of_statistic(value));
  return expected;
}

::testing::AssertionResult same_words(const WordResults &expected, const WordResults &actual) {
  const auto compare = [](const char *what, const auto &wanted, const auto &got) -> ::testing::AssertionResult {
    if (wanted.size() != got.size())
      return ::testing::AssertionFailure() << what << ": expected " << wanted.size() << " words, got " << got.size();
    for (size_t i = 0; i < wanted.size(); ++i)
      if (wanted[i] != got[i])
        return ::testing::AssertionFailure() << what << " " << i << ": expected word " << std::hex << "0x" << wanted[i]
                                             << ", got 0x" << got[i];
    return ::testing::AssertionSuccess();
  };
  if (auto same = compare("output", expected.output, actual.output); !same) return same;
  return compare("statistic", expected.statistics, actual.statistics);
}

}  // namespace kiln::test
