// What the gradients of layer_norm, rms_norm, batch_norm, group_norm and instance_norm have in common: h = g * weight
// and n = (x - mean) * rstd, their means over what is normalized together, and sums over what shares a parameter.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "oracle/gradients.h"
#include "oracle/moments.h"

namespace kiln::oracle {

// Of each element, in row-major order: the number of what it is normalized with, and of its parameter.
struct Sharing {
  int64_t groups = 0, parameters = 0;
  std::vector<int64_t> group, parameter;
};
Sharing sharing_of_rows(int64_t rows, int64_t length);
// Of (N, C, *): each channel of the batch, each sample's groups of channels.
Sharing sharing_of_channels(const Volume &volume);
Sharing sharing_of_groups(const Volume &volume, int64_t num_groups);

// What is normalized together, by what n is made of. The statistics that depend on the input: the root alone, or the
// mean too.
struct Standard {
  double mean, rstd;
};
enum class Depends { none, root, mean_and_root };

// By moments of the elements that share a group.
std::vector<Standard> standards(const float *x, const Sharing &sharing, double eps);
// By running statistics, for a group a channel.
std::vector<Standard> standards_given(const ChannelParameters &parameters, int64_t channels, double eps);

// grad_input = rstd * (h - mean(h) - n * mean(h * n)), without the terms of statistics that do not depend on the input;
// grad_weight = sum of g * n, grad_bias = sum of g. weight: NULL, or one value a parameter.
Gradients gradients(const float *grad_output, const float *x, const Sharing &sharing,
                    const std::vector<Standard> &standards, Depends depends, const float *weight);

}  // namespace kiln::oracle
