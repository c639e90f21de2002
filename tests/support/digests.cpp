#include "support/digests.h"

#include <cinttypes>
#include <cstdio>

#include "support/bits.h"
#include "support/inputs.h"

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
      for (const Operation &n : normalization_samples(shape)) {
        const int64_t count = dense(shape).count();
        for (const std::vector<float> &inputs :
             {normal_values(count, 701), normal_values(count, 702, 1e4, 0.5), mixed_values(count, 703)})
          all.push_back({n, shape, inputs});
      }
    return all;
  }();
  return samples;
}

uint64_t digest_of(const kiln_context *context, const std::string &op, bool last, bool in_place) {
  Digest digest;
  for (const Sample &sample : digest_samples()) {
    if (!sample.operation.is(op)) continue;
    const Layout layout = last ? channels_last(sample.shape) : dense(sample.shape);
    Array from(layout, sample.inputs), to(layout);
    Results results;
    EXPECT_TRUE(succeeded(run(context, sample.operation, from, in_place ? from : to, &results)))
        << show(sample.operation);
    digest.add(results);
  }
  return digest.value();
}

uint64_t digest_of(const kiln_context *context, const ElementwiseOperator &op, bool gaps, bool in_place) {
  Digest digest;
  const auto add = [&](int64_t count) {
    const Layout layout = gaps ? padded({3, count}, 5) : dense({3, count});
    Array from(layout, mixed_values(3 * count, 704 + count), static_cast<int>(count % 16)), to(layout, 3);
    Array &result = in_place ? from : to;
    DLTensor input = from.tensor(), output = result.tensor();
    EXPECT_TRUE(succeeded(op.run(context, &input, &output))) << op.name << " of 3 x " << count;
    digest.add(result.get());
  };
  for (int64_t count = 1; count <= 200; ++count) add(count);
  add(4099);
  return digest.value();
}

}  // namespace kiln::test
