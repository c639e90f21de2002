
// Where and how a call is carried out: on the CPU by PyTorch's own threads, on a CUDA device on PyTorch's current
// stream.
#pragma once

#include "tensor.h"

namespace kiln::torch {

class Place {
 public:
  explicit Place(const Tensor &input);
  Place(const Place &) = delete;
  Place &operator=(const Place &) = delete;
  ~Place();

  const kiln_context *context() const { return context_; }
  Device device() const { return device_; }

 private:
  Device device_;
  kiln_context *context_ = nullptr;
  DeviceGuardHandle guard_ = nullptr;
};

// Of calls from now on, in all threads.
void set_accuracy(kiln_accuracy accuracy);
kiln_accuracy get_accuracy();

// PyTorch's aoti_torch_get_current_cuda_stream. It is in libtorch_cuda.so, which a PyTorch for CPUs has not: whoever
// loads this library looks for it.
using StreamOfDevice = AOTITorchError (*)(int32_t device_index, void **ret_stream);
void set_stream_of_device(StreamOfDevice function);

}  // namespace kiln::torch
