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
  uint64_t value() const { return state_; }

 private:
  uint64_t state_ = 0xcbf29ce484222325;
};

// 16 lower-case hexadecimal digits.
std::string hex(uint64_t value);

// Every normalization with arguments of each kind on fixed pseudo-random tensors: ordinary values, a large mean, all
// sizes with NaN and infinities among them.
const std::vector<Sample> &digest_samples();

// Over all samples of an operator, with input and output contiguous or channels-last, apart or one.
uint64_t digest_of(const kiln_context *context, const std::string &op, bool channels_last, bool in_place = false);

// Over the lengths up to 200 and one of 4099 of fixed pseudo-random values, each dense or as lines with gaps, apart or
// one.
uint64_t digest_of(const kiln_context *context, const ElementwiseOperator &op, bool gaps, bool in_place);

}  // namespace kiln::test
