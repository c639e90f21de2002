#include "support/digests.h"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "support/bits.h"
#include "support/inputs.h"

namespace kiln::test {

void Digest::add(const std::vector<float> &values) {
  count_ += static_cast<int64_t>(values.size());
  for (float value : values)
    for (int byte = 0; byte < 4; ++byte) state_ = (state_ ^ (bits_of(value) >> 8 * byte & 0xff)) * 0x100000001b3;
}

void Digest::add(const Results &results) {
  for (const std::vector<float> *values : {&results.output, &results.running_mean, &results.running_var}) add(*values);
}

void Digest::add(const std::vector<uint16_t> &words) {
  count_ += static_cast<int64_t>(words.size());
  for (uint16_t word : words)
    for (int byte = 0; byte < 2; ++byte) state_ = (state_ ^ (word >> 8 * byte & 0xff)) * 0x100000001b3;
}

uint64_t Digest::value() const {
  if (count_ > 0) return state_;
  std::fprintf(stderr, "a digest of nothing was asked for\n");
  std::abort();
}

std::string hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, value);
  return text;
}

namespace {

std::vector<Sample> elementwise_samples(const std::string &op) {
  std::vector<Sample> all;
  const auto add = [&](int64_t count) {
    for (const Operation &operation : samples_of(op, {3, count}))
      all.push_back({operation, {3, count}, mixed_values(3 * count, 704 + count)});
  };
  for (int64_t count = 1; count <= 200; ++count) add(count);
  add(4099);
  return all;
}

std::vector<Sample> normalization_samples_of(const std::string &op) {
  std::vector<Sample> all;
  for (const Extents &shape : {Extents{3, 32, 7, 7}, Extents{2, 4, 4097}, Extents{5, 24}, Extents{1, 12, 28, 29}})
    for (const Operation &operation : samples_of(op, shape)) {
      const int64_t count = dense(shape).count();
      for (const std::vector<float> &inputs :
           {normal_values(count, 701), normal_values(count, 702, 1e4, 0.5), mixed_values(count, 703)})
        all.push_back({operation, shape, inputs});
    }
  return all;
}

bool is_elementwise(const std::string &op) { return descriptor::operator_named(op).elementwise(); }

}  // namespace

const std::vector<Sample> &digest_samples(const std::string &op) {
  static std::map<std::string, std::vector<Sample>> all;
  std::vector<Sample> &samples = all[op];
  if (samples.empty()) samples = is_elementwise(op) ? elementwise_samples(op) : normalization_samples_of(op);
  if (samples.empty()) {
    std::fprintf(stderr, "tests/support/expectations.cpp has no samples of %s\n", op.c_str());
    std::abort();
  }
  return samples;
}

uint64_t digest_of(const kiln_context *context, const std::string &op, bool other_layout, bool in_place) {
  Digest digest;
  const bool elementwise = is_elementwise(op);
  for (const Sample &sample : digest_samples(op)) {
    const Layout layout = !other_layout ? dense(sample.shape)
                          : elementwise ? padded(sample.shape, 5)
                                        : channels_last(sample.shape);
    const int misalignment = elementwise ? static_cast<int>(sample.shape[1] % 16) : 0;
    Array from(layout, sample.inputs, misalignment), to(layout, elementwise ? 3 : 0);
    Results results;
    EXPECT_TRUE(succeeded(run(context, sample.operation, from, in_place ? from : to, &results)))
        << show(sample.operation);
    digest.add(results);
  }
  return digest.value();
}

}  // namespace kiln::test
