// 64-bit digests of results, to compare bits between machines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/expectations.h"
#include "support/operators.h"
#include "support/rows.h"

namespace kiln::test {

// FNV-1a over the bytes, the lowest first.
class Digest {
 public:
  void add(const std::vector<float> &values);
  void add(const Results &results);
  void add(const std::vector<uint16_t> &words);
  // What has nothing in it is no digest: that ends the process.
  uint64_t value() const;

 private:
  uint64_t state_ = 0xcbf29ce484222325;
  int64_t count_ = 0;
};

// 16 lower-case hexadecimal digits.
std::string hex(uint64_t value);

// Calls of an operator with arguments of each kind on fixed pseudo-random tensors. Of normalizations: ordinary values,
// a large mean, all sizes with NaN and infinities among them. Of elementwise operators: every length up to 200 and one
// of 4099 of values of all kinds. An operator without samples ends the process.
const std::vector<Sample> &digest_samples(const std::string &op);

// Over the samples' results, with tensors contiguous or in another layout that the operator has kernels for
// (channels-last; of elementwise operators lines with gaps), output and input apart or one.
uint64_t digest_of(const kiln_context *context, const std::string &op, bool other_layout = false,
                   bool in_place = false);

}  // namespace kiln::test
