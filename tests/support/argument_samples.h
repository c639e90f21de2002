// Samples of the normalizations' arguments: calls with arguments of each kind for a tensor (N, C, *). None where that
// is an error. What they hold is part of the digests.
#pragma once

#include <vector>

#include "support/operation.h"

namespace kiln::test {

std::vector<Operation> batch_norm_samples(const Extents &shape);
std::vector<Operation> group_norm_samples(const Extents &shape);
std::vector<Operation> instance_norm_samples(const Extents &shape);
std::vector<Operation> layer_norm_samples(const Extents &shape);
std::vector<Operation> local_response_norm_samples(const Extents &shape);
std::vector<Operation> normalize_samples(const Extents &shape);

}  // namespace kiln::test
