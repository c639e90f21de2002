// kiln_layer_norm_with_statistics.
#include <operators.h>

#include "rows_with_statistics.h"

namespace kiln {

kiln_status plan_layer_norm_with_statistics(Call &call) {
  namespace at = op::layer_norm_with_statistics;
  const Dims row = call.dims(at::normalized_shape);
  const double eps = call.real(at::eps);
  const GradientTensors tensors = {at::weight, at::mean, at::rstd, kNoTensor, kNoTensor, kNoTensor, kNoTensor};
  return run_rows_with_statistics(call, {tensors, Sets::rows, 1, row, Means::centred, nullptr, eps},
                                  {at::weight, at::bias, eps, row});
}

}  // namespace kiln
