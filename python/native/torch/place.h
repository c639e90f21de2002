/* SPDX-FileCopyrightText: the Kiln authors
 * SPDX-License-Identifier: MIT */

// Where and how a call is carried out: on the CPU by PyTorch's own threads, on a CUDA device on PyTorch's current stream.
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

}  // namespace kiln::torch
