// The kernels that plans are made of, and calls of them. stages.def names them; the generators define what each
// computes. Buffers list their dimensions innermost first.
#pragma once

#include "buffer.h"
#include "device/device.h"

namespace kiln {

#define KILN_STAGE(name, family, forms, on_devices, of_16_bits) extern const KernelList name##_kernels;
#include "../stages.def"

// A kernel, chosen once per call of an operator. On a device a call returns when the work is enqueued.
class Stage {
 public:
  Stage() = default;
  // What a kernel gets as user_context: the context on the CPU, the call on a device.
  Stage(const Kernel *kernel, const kiln_context *context) : kernel_(kernel), user_context_(context) {}
  Stage(const Kernel *kernel, DeviceCall *device, Image *image)
      : kernel_(kernel), user_context_(device), device_(device), image_(image) {}

  int64_t grain() const { return kernel_->grain; }
  // Of the tensors that the kernel reads and writes, for which all others are of float32 and float64.
  Element element() const { return kernel_->element; }

  // Calls the kernel: buffers and scalars in the generator's order. Scalars have the generator's types.
  template <class... Arguments>
  kiln_status operator()(Arguments &&...arguments) const {
    if (!(fits(arguments) && ...)) return refuse();
    return call(pass(arguments)...);
  }

 private:
  template <int dimensions>
  static bool fits(const Buffer<dimensions> &buffer) {
    return buffer.fits();
  }
  template <class Scalar>
  static bool fits(const Scalar &) {
    return true;
  }
  template <int dimensions>
  halide_buffer_t *pass(Buffer<dimensions> &buffer) const {
    if (device_) buffer.move_to_device();
    return &buffer.raw;
  }
  template <class Scalar>
  static Scalar pass(const Scalar &scalar) {
    return scalar;
  }
  template <class... Passed>
  kiln_status call(Passed... passed) const {
    using Function = int (*)(const void *user_context, Passed...);
    if (device_) device_->image = image_;
    const int result = reinterpret_cast<Function>(kernel_->function)(user_context_, passed...);
    return check_kernel(*kernel_, result, device_ ? device_->status : KILN_STATUS_OK);
  }
  kiln_status refuse() const;

  const Kernel *kernel_ = nullptr;
  const void *user_context_ = nullptr;
  DeviceCall *device_ = nullptr;
  Image *image_ = nullptr;
};

// Memory that kernels on the CPU take for themselves while they run: serves this thread's from memory that the plan has
// allocated, for the life of the object, so that no kernel fails for want of memory when others have written. What does
// not fit comes from the heap; where there are no bytes, all of it does.
class KernelMemory {
 public:
  KernelMemory(char *memory, int64_t bytes);
  ~KernelMemory();
  KernelMemory(const KernelMemory &) = delete;
  KernelMemory &operator=(const KernelMemory &) = delete;

  // NULL where it does not fit.
  void *take(size_t bytes);
  // False where the memory is the heap's. All of it is free again once all that was taken is given back.
  bool give_back(const void *memory);

 private:
  char *const begin_, *const end_;
  char *next_;
  int taken_ = 0;
};

}  // namespace kiln
