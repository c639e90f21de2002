// running_mean and running_var of batch_norm and instance_norm.
#pragma once

#include "arguments.h"

namespace kiln {

class RunningStatistics {
 public:
  // Both or neither, of shape (channels,); where `written`, their memory is theirs alone.
  kiln_status read(const DLTensor *mean, const DLTensor *variance, int64_t channels, const Tensor &input,
                   const Tensor &output, bool written);
  // They must be there: `when` says why.
  kiln_status require(const char *when) const;
  // The parameters share no memory with what is written.
  kiln_status keep_apart(const char *name, const DLTensor *parameter) const;

  bool present() const { return mean_.present(); }
  // As given; NULL where absent.
  const Tensor *mean_tensor() const { return mean_.tensor(); }
  const Tensor *variance_tensor() const { return variance_.tensor(); }
  const float *mean() const { return mean_.data(); }
  const float *variance() const { return variance_.data(); }

  // Where to put the new ones until the call has succeeded; store() then writes them.
  kiln_status allocate();
  float *new_mean() { return next_.data(); }
  float *new_variance() { return next_.data() + channels_; }
  void store() const;

 private:
  Parameter mean_, variance_;
  Tensor mean_tensor_, variance_tensor_;
  int64_t channels_ = 0;
  bool written_ = false;
  Scratch next_;
};

// What batch_norm and instance_norm are given. `measures`: mean and variance are the input's, and running statistics
// are written; otherwise they are the running ones, which are read.
struct RunningArguments {
  Tensor input, output;
  Parameter weight, bias;
  RunningStatistics running;
  bool measures;
  double momentum, eps;

  // Checks all that the two have in common; `setting` is what asks for running statistics, in messages.
  kiln_status read(const DLTensor *input, DLTensor *running_mean, DLTensor *running_var, const DLTensor *weight,
                   const DLTensor *bias, const char *setting, const DLTensor *output);
};

}  // namespace kiln
