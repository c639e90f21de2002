// Checks that several operators share. Each fails with a message that names the argument.
#pragma once

#include "scratch.h"
#include "status.h"
#include "tensor.h"

namespace kiln {

// Reads input and output: on one device, one shape, no element of the output twice, in place or apart.
kiln_status read_input_and_output(const DLTensor *input, const DLTensor *output, Tensor *in, Tensor *out);

// A parameter that may be absent: its values side by side, as they lie or copied.
class Parameter {
 public:
  // `given` NULL: `neutral` for each value. Otherwise it must have this shape ("the shape of `like`") and share no
  // memory with the output.
  kiln_status read(const char *name, const DLTensor *given, int ndim, const int64_t *shape, const char *like,
                   const Tensor &output, float neutral);
  bool present() const { return present_; }
  // As given; NULL where absent. On devices, data() and spread() are of no use: kernels read the tensor.
  const Tensor *tensor() const { return present_ ? &tensor_ : nullptr; }
  // Of present parameters; 0 apart, and one value for all, where absent.
  const float *data() const { return data_; }
  int32_t stride() const { return present_ ? 1 : 0; }
  // Writes an absent one's value out `count` times, for kernels that take it no other way.
  kiln_status spread(int64_t count);

 private:
  bool present_ = false;
  float neutral_ = 0;
  const float *data_ = nullptr;
  Tensor tensor_;
  Scratch copy_;
};

kiln_status check_eps(double eps);
kiln_status check_momentum(double momentum);
kiln_status expect_rank(const char *name, const Tensor &tensor, int least);

}  // namespace kiln
