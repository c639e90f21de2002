#include "support/digests.h"

#include <cinttypes>
#include <cstdio>

#include "support/bits.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::test {

void Digest::add(const std::vector<float> &values) {
  for (float value : values)
    for (int byte = 0; byte < 4; ++byte) state_ = (state_ ^ (bits_of(value) >> 8 * byte & 0xff)) * 0x100000001b3;
}

void Digest::add(const Results &results) {
  for (const std::vector<float> *values : {&results.output, &results.running_mean, &results.running_var}) add(*values);
}

std::string hex(uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016" PRIx64, value);
  return text;
}

const std::vector<Sample> &digest_samples() {
  static const std::vector<Sample> samples = [] {
    std::vector<Sample> all;
    for (const Extents &shape : {Extents{3, 32, 7, 7}, Extents{2, 4, 4097}, Extents{5, 24}, Extents{1, 12, 28, 29}})
      for (const Normalization &n : normalizations_of(shape)) {
        const int64_t count = dense(shape).count();
        for (const std::vector<float> &inputs :
             {normal_values(count, 701), normal_values(count, 702, 1e4, 0.5), mixed_values(count, 703)})
          all.push_back({n, shape, inputs});
      }
    return all;
  }();
  return samples;
}

const std::vector<std::string> &normalization_names() {
  static const std::vector<std::string> names = {
#define KILN_NORMALIZATION(name, stages, formula) #name,
#include <kiln/operators.def>
  };
  return names;
}

uint64_t digest_of(const kiln_context *context, const std::string &op, bool last) {
  Digest digest;
  for (const Sample &sample : digest_samples()) {
    if (sample.normalization.op != op) continue;
    const Layout layout = last ? channels_last(sample.shape) : dense(sample.shape);
    Array from(layout, sample.inputs), to(layout);
    Results results;
    EXPECT_TRUE(succeeded(run(context, sample.normalization, from, to, &results))) << show(sample.normalization);
    digest.add(results);
  }
  return digest.value();
}

}  // namespace kiln::test
