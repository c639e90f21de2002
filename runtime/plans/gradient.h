// Gradients of normalizations. All have one shape: values that are normalized together, a set, are standardized by two
// numbers, and grad_input takes from grad_output what means over the set say. docs/promises/gradients.md derives it.
#pragma once

#include "reduction.h"

namespace kiln {

// The places of tensors in the operator's row, or kNoTensor.
struct GradientTensors {
  int weight, mean, rstd, running_mean, running_var, grad_weight, grad_bias;
};

// Which values make a set: those of a channel in all samples, of a group of channels in one, or of the dimensions of
// `reduced`, in rows that share parameters or without any.
enum class Sets { channels, groups, rows, slices };

// As gradient_means (generators/stages/gradient_combine.cpp) has them.
enum class Means : int32_t { centred, scaled, norm, norm_of_peaks, none };

// What the values of a set are divided by, where that is no deviation: a norm of them.
struct NormOfGradient {
  const KernelList *measuring, *statistics, *sums, *apply;
  double p;
  int32_t mode;  // of a general norm: generators/normalization/norms.h
};

struct GradientOf {
  GradientTensors tensors;
  Sets sets;
  int64_t groups;  // of a sample's channels; 1 where sets are none of groups
  Dims reduced;    // of rows and slices
  Means means;
  const NormOfGradient *norm;  // NULL: mean and variance
  double eps;
};

// rms_norm's (rms_norm_backward.cpp).
extern const NormOfGradient kRootMeanSquare;

// The whole plan. Statistics that are not given are measured, or with Means::none taken from the running ones.
kiln_status run_gradient(Call &call, const GradientOf &gradient);

}  // namespace kiln
