// How near results are to the oracle's.
#pragma once

#include <vector>

#include "oracle/narrow.h"
#include "oracle/oracle.h"
#include "support/operation.h"

namespace kiln::test {

// Output and running statistics are what the oracle has, but for the tolerance (of the magnitude; 1e-6 for the
// statistics) or the ULPs that the operator is allowed; and but for `rounded` of themselves, what the expected values
// are off. NaN has its one pattern; statistics that are only read have the bits that were given.
::testing::AssertionResult near_oracle(const Operation &operation, const oracle::WithStatistics &expected,
                                       const Results &actual, double tolerance, double rounded = 0);

// Each |result - value| <= tolerance * magnitude, and NaN and infinities where the oracle has them, NaN by its one
// pattern. A result of at most half a unit in the last place from the truth always passes.
::testing::AssertionResult near_oracle(const std::vector<oracle::Normalized> &expected,
                                       const std::vector<float> &actual, double tolerance);

// Each result to 8 ULP of itself, and where it cancelled against a mean, to 5e-7 of the results' root mean square: how
// near results without a weight must be whose size has nothing to do with 1.
::testing::AssertionResult near_relatively(const std::vector<oracle::Normalized> &expected,
                                           const std::vector<float> &actual);
// The same, or to the ULPs that the operator is allowed.
::testing::AssertionResult near_relatively(const Operation &operation, const oracle::WithStatistics &expected,
                                           const Results &actual);

// A gradient of 16 bits: the real product rounded once, but to either side where it lies within 2^-26 of a tie, or half
// of the least float32 (docs/promises/accuracy.md). A zero has its sign.
bool is_rounded_product(const oracle::NarrowType &type, double product, uint16_t word);

}  // namespace kiln::test
