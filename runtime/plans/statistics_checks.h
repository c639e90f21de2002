// What normalizations ask of their statistics and of the values that they measure, forward and backward alike.
#pragma once

#include "../entry.h"

namespace kiln {

// A running statistic, where the argument `when` is 0.
kiln_status expect_statistics(const Call &call, int place, const char *when);
// What the forward pass has measured: both or neither.
kiln_status expect_both(const Call &call, int mean, int rstd);
// Enough values to measure: of a batch, of groups, of planes.
kiln_status check_training(const Call &call, double eps);
kiln_status check_groups(const Tensor &input, int64_t num_groups);
kiln_status check_positions(const Tensor &input);

}  // namespace kiln
