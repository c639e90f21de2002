// Arguments as the oracle's functions take them.
#pragma once

#include <vector>

#include "oracle/oracle.h"
#include "support/operation.h"

namespace kiln::test {

// NULL where there are none.
inline const float *data(const std::vector<float> &values) { return values.empty() ? nullptr : values.data(); }

// (N, C, *) with the spatial dimensions as one.
inline oracle::Volume volume(const Extents &shape) {
  return {shape.at(0), shape.at(1), dense({shape.begin() + 2, shape.end()}).count()};
}

}  // namespace kiln::test
