#include "statistics_checks.h"

#include <inttypes.h>

#include "../status.h"

namespace kiln {

kiln_status expect_statistics(const Call &call, int place, const char *when) {
  if (call.present[place]) return KILN_STATUS_OK;
  return invalid("%s: expected running statistics, which %s = 0 needs, got NULL", call.row.tensors[place].name, when);
}

kiln_status check_training(const Call &call, double eps) {
  const int64_t channels = call.input().shape[1];
  if (channels > 0 && call.input().count / channels == 1)
    return invalid("input: expected more than 1 value per channel, which training needs, got shape %s",
                   ShapeText(call.input()).text);
  if (!(eps > 0)) return invalid("eps: expected more than 0 where training, got %g", eps);
  return KILN_STATUS_OK;
}

kiln_status check_groups(const Tensor &input, int64_t num_groups) {
  const int64_t samples = input.shape[0];
  if (samples == 0) return KILN_STATUS_OK;
  if (input.count == 0)
    return invalid("input: expected 1 or more values per group, got shape %s", ShapeText(input).text);
  if (samples == 1 && input.count / num_groups == 1)
    return invalid("input: expected more than 1 value per group where there is 1 sample, got shape %s in %" PRId64
                   " groups",
                   ShapeText(input).text, num_groups);
  return KILN_STATUS_OK;
}

kiln_status check_positions(const Tensor &input) {
  for (int d = 2; d < input.ndim; ++d)
    if (input.shape[d] != 1) return KILN_STATUS_OK;
  return invalid("input: expected more than 1 spatial value, which use_input_stats needs, got shape %s",
                 ShapeText(input).text);
}

kiln_status expect_both(const Call &call, int mean, int rstd) {
  if (call.present[mean] == call.present[rstd]) return KILN_STATUS_OK;
  const int missing = call.present[mean] ? rstd : mean;
  return invalid("%s: expected %s and %s or neither, got NULL for this one", call.row.tensors[missing].name,
                 call.row.tensors[mean].name, call.row.tensors[rstd].name);
}

}  // namespace kiln
