// The stages of normalizations: lists of kernels, and calls of them. stages.def names them; the generators define what
// each computes. Buffers list their dimensions innermost first.
#pragma once

#include "device/device.h"
#include "kernel.h"

namespace kiln {

#define KILN_STAGE(name, family, forms, on_devices) extern const KernelList name##_kernels;
#include "../stages.def"

// Values in one segment: what one partial result of a reduction covers.
constexpr int64_t kSegment = 4096;
// Values of a plane in one kernel call, at most, for the stages that keep their segments' results on the stack.
constexpr int64_t kLongestPlane = int64_t{1} << 20;

inline int64_t segments_in(int64_t values) { return (values + kSegment - 1) / kSegment; }

// The extent that tells shape classes of channel forms apart.
inline int64_t class_extent(Form form, int64_t positions, int64_t channels) {
  return form == Form::contiguous ? positions : channels;
}

// A kernel of a stage, chosen once per call of an operator. On a device, buffers are those that Buffer::on() made, and
// a call returns when the work is enqueued.
class Stage {
 public:
  kiln_status choose(const KernelList &kernels, const kiln_context &context, Form form, int64_t extent) {
    user_context_ = &context;
    return choose_kernel(kernels, context, form, extent, &kernel_);
  }
  kiln_status choose(const KernelList &kernels, DeviceCall *call, Form form) {
    user_context_ = device_ = call;
    return choose_device_kernel(kernels, *call, form, &kernel_);
  }
  int64_t grain() const { return kernel_->grain; }

  // Calls the kernel: buffers by get(), scalars as they are, in the generator's order.
  template <class... Arguments>
  kiln_status operator()(Arguments... arguments) const {
    using Function = int (*)(const void *user_context, Arguments...);
    const int result = reinterpret_cast<Function>(kernel_->function)(user_context_, arguments...);
    return check_kernel(*kernel_, result, device_ ? device_->status : KILN_STATUS_OK);
  }

 private:
  const void *user_context_ = nullptr;
  DeviceCall *device_ = nullptr;
  const Kernel *kernel_ = nullptr;
};

}  // namespace kiln
