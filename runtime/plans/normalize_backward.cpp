// kiln_normalize_backward.
#include <math.h>
#include <operators.h>

#include "gradient.h"

namespace kiln {
namespace {

NormOfGradient norm_of_gradient(double p) {
  if (p == 2)
    return {&norm_two_kernels, &norm_two_statistics_kernels, &gradient_sums_kernels, &gradient_apply_kernels, p, 0};
  if (p == 1)
    return {&norm_one_kernels, &norm_one_statistics_kernels, &gradient_sums_kernels, &gradient_sign_kernels, p, 0};
  const KernelList *const general = &norm_general_kernels, *const statistics = &norm_general_statistics_kernels;
  if (p == INFINITY)
    return {&norm_max_kernels, &norm_max_statistics_kernels, &gradient_peaks_kernels, &gradient_peak_kernels, p, 0};
  if (p == -INFINITY) return {general, statistics, &gradient_peaks_kernels, &gradient_peak_kernels, p, 2};
  return {general, statistics, &gradient_sums_kernels, &gradient_power_kernels, p, p == 0 ? 1 : 0};
}

}  // namespace

kiln_status plan_normalize_backward(Call &call) {
  namespace at = op::normalize_backward;
  const NormOfGradient norm = norm_of_gradient(call.real(at::p));
  const bool peaks = norm.sums == &gradient_peaks_kernels;
  return run_gradient(call, {{kNoTensor, kNoTensor, kNoTensor, kNoTensor, kNoTensor, kNoTensor, kNoTensor},
                             Sets::slices,
                             1,
                             call.dims(at::dim),
                             peaks ? Means::norm_of_peaks : Means::norm,
                             &norm,
                             call.real(at::eps)});
}

}  // namespace kiln
