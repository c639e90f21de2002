// Normalizing by mean and variance of channels: statistics, coefficients, application. batch_norm, group_norm and
// instance_norm are this with other arguments.
#pragma once

#include "channel_layout.h"
#include "scratch.h"
#include "stages.h"

namespace kiln {

// What to do with the samples where each channel has one position: leave them, or take them as positions, so that a
// channel is one plane. The latter is for statistics over all samples, and for none.
enum class Samples { apart, as_positions };

// Input and output in one layout that kernels take: as they lie, or, where they lie otherwise, by way of dense memory.
class ChannelPair {
 public:
  kiln_status bring(const Tensor &input, const Tensor &output, Samples samples);
  // Copies what was computed in dense memory to the output.
  void finish() const;

  const ChannelLayout &input() const { return in_; }
  const ChannelLayout &output() const { return out_; }
  Form form() const { return form_; }

 private:
  ChannelLayout in_, out_;
  Form form_ = Form::contiguous;
  const Tensor *target_ = nullptr;
  Scratch staged_;
};

// The form that both layouts have, pixels where there is a choice and planes would be single values.
bool common_form(const ChannelLayout &a, const ChannelLayout &b, Form *form);

// The layouts of two tensors where kernels take them as they lie, and their form; false where they do not.
bool layouts_in_common(const Tensor &input, const Tensor &output, Samples samples, ChannelLayout *in,
                       ChannelLayout *out, Form *form);

// Which values share a mean and a variance.
enum class Sharing {
  per_channel,  // all samples of a channel
  per_group     // a group of channels of one sample
};

// One value per channel, or (stride 0) one for all.
struct ChannelParameter {
  const float *data;
  int64_t stride;
};

class ChannelStatistics {
 public:
  // Chooses kernels and allocates. `groups` divides the channels; 1 where sharing is per channel.
  kiln_status prepare(const kiln_context &context, const ChannelLayout &input, const ChannelLayout &output,
                      Sharing sharing, int64_t groups);

  // The variances are wanted for themselves (update): right however small, also where eps would hide them.
  void keep_variances() { keeps_variances_ = true; }
  // Mean and variance of everything; eps as in the formula.
  kiln_status measure(double eps);
  // Mean and variance that are given, one per channel.
  kiln_status use(const float *mean, const float *variance);
  kiln_status derive_coefficients(ChannelParameter weight, ChannelParameter bias, double eps);
  kiln_status apply();

  // The three together, group by group while its values are in a cache, where that gives every thread work; else one
  // after another. The bits are the same.
  kiln_status normalize(ChannelParameter weight, ChannelParameter bias, double eps);

  // New running statistics from what was measured; `count` values went into each. They may be the old ones.
  kiln_status update(const float *mean, const float *variance, double momentum, float *new_mean, float *new_variance);

  const float *coefficients() const { return coefficients_.data(); }

 private:
  struct Derive {
    ChannelParameter weight, bias;
    double eps;
  };
  struct Fused;
  kiln_status choose_kernels();
  kiln_status measure_block(const Block &block, double eps) const;
  kiln_status join(int64_t n, int64_t first_group, int64_t last_group) const;
  kiln_status derive(const Derive &with, int64_t n, int64_t n_extent, int64_t first_group, int64_t last_group) const;
  kiln_status apply_block(const Block &block) const;
  int64_t channels_in_group() const { return in_.c / groups_; }
  bool per_group() const { return sharing_ == Sharing::per_group; }

  const kiln_context *context_ = nullptr;
  ChannelLayout in_, out_;
  Form form_ = Form::contiguous;
  Sharing sharing_ = Sharing::per_channel;
  int64_t groups_ = 1, segments_ = 0;
  bool keeps_variances_ = false;
  Stage moments_, join_, given_, derive_, apply_, update_;
  ScratchOf<double> partial_;     // [n][segment][sum, centred squares][c]
  ScratchOf<double> statistics_;  // per group: [n][mean, variance][group]; per channel: [mean, variance][c]
  Scratch coefficients_;          // per group: [n][4][c]; per channel: [4][c]
};

}  // namespace kiln
