// Kernels: what identifies one, and the ordered list that selection walks. The build writes one list an operator, from
// operators.def, targets.def and schedules/.
#pragma once

#include <HalideRuntime.h>

#include "context.h"
#include "device/memory.h"

namespace kiln {

// Layout forms: what a kernel takes its tensors as. docs/layout-forms.md defines them.
enum class Form : uint8_t { dense, strided, aligned, rows, contiguous, channels_last, combine };

struct Kernel {
  const char *op;  // or the stage
  const char *direction;
  const char *dtype;
  Form form;
  // "dense" for an elementwise operator's, "channel_apply.planes" for a stage's; of a shape class, "dense.up_to_256".
  const char *form_name;
  kiln_accuracy accuracy;
  Target target;
  // Cast to the form's signature: see PointwiseKernel and stages.h.
  void (*function)();
  // Elements that are worth a task of their own: from the schedule, so that a tuner can set it.
  int64_t grain;
  // The largest extent of its shape class: from the schedule. INT64_MAX where it takes every shape.
  int64_t up_to;
};

// The kernels of one operator, best target first; shape classes in ascending order, then the kernel of every shape.
struct KernelList {
  const Kernel *first;
  const Kernel *last;
  const Kernel *begin() const { return first; }
  const Kernel *end() const { return last; }
};

// The kernel for a target, an accuracy and an extent, by which shape classes are told apart (docs/schedules.md has
// which one it is). Where an operator has no fast variant, the exact one; NULL where it has none.
const Kernel *find_kernel(const KernelList &kernels, Target target, kiln_accuracy accuracy, Form form, int64_t extent);

// The same for these settings on the CPU.
kiln_status choose_kernel(const KernelList &kernels, const kiln_context &context, Form form, int64_t extent,
                          const Kernel **kernel);

// A kernel's result to a status; the text came through halide_error (halide_hooks.cpp), unless a call on a device has
// recorded a status of its own.
kiln_status check_kernel(const Kernel &kernel, int result, kiln_status recorded = KILN_STATUS_OK);

// A buffer for a kernel, float32 or float64. Halide's extents and strides are 32-bit: callers split what is larger.
template <int dimensions>
struct Buffer {
  halide_dimension_t dim[dimensions];
  halide_buffer_t raw;
  DeviceMemory memory;

  // Extents and strides in elements, innermost first. The stride of an extent of 1 is never used: it may be any
  // number, and the kernel sees 1.
  template <class T>
  Buffer(const T *data, const int64_t (&extents)[dimensions], const int64_t (&strides)[dimensions]) : raw() {
    for (int d = 0; d < dimensions; ++d) {
      dim[d].min = 0;
      dim[d].extent = static_cast<int32_t>(extents[d]);
      dim[d].stride = extents[d] > 1 ? static_cast<int32_t>(strides[d]) : 1;
      dim[d].flags = 0;
    }
    raw.host = reinterpret_cast<uint8_t *>(const_cast<T *>(data));
    raw.type.code = halide_type_float;
    raw.type.bits = 8 * sizeof(T);
    raw.type.lanes = 1;
    raw.dimensions = dimensions;
    raw.dim = dim;
  }
  Buffer(const Buffer &) = delete;  // raw points into dim
  Buffer &operator=(const Buffer &) = delete;
  halide_buffer_t *get() { return &raw; }

  // Makes it a buffer on a device: `data` was an address there, or a place in `object`. No element lies
  // before it.
  Buffer &on(void *object, bool written) {
    int64_t last = 0;
    for (const halide_dimension_t &d : dim) last += static_cast<int64_t>(d.extent - 1) * (d.stride > 0 ? d.stride : 0);
    memory = {object, reinterpret_cast<intptr_t>(raw.host), (last + 1) * raw.type.bits / 8, written};
    raw.host = nullptr;
    raw.device = reinterpret_cast<uintptr_t>(&memory);
    return *this;
  }
};

}  // namespace kiln
