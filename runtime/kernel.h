// Kernels: what identifies one, and the ordered list that selection walks. The build writes one list an operator, from
// operators.def, targets.def and schedules/.
#pragma once

#include <HalideRuntime.h>

#include "context.h"

namespace kiln {

// Layout forms: what a kernel takes its tensors as. docs/layout-forms.md defines them.
enum class Form : uint8_t { dense, strided, rows };
const char *name_of(Form form);

struct Kernel {
  const char *op;
  const char *direction;
  const char *dtype;
  Form form;
  kiln_accuracy accuracy;
  Target target;
  // Cast to the form's signature: see PointwiseKernel and its kin.
  void (*function)();
  // Elements that are worth a task of their own: from the schedule, so that a tuner can set it.
  int64_t grain;
};

// The kernels of one operator, best target first.
struct KernelList {
  const Kernel *first;
  const Kernel *last;
  const Kernel *begin() const { return first; }
  const Kernel *end() const { return last; }
};

// The kernel for these settings. Where an operator has no fast variant, the exact one.
kiln_status choose_kernel(const KernelList &kernels, const kiln_context &context, Form form, const Kernel **kernel);

// A kernel's result to a status; the text came through halide_error (halide_hooks.cpp).
kiln_status check_kernel(const Kernel &kernel, int result);

// A float32 buffer for a kernel. Halide's extents and strides are 32-bit: callers split what is larger.
template <int dimensions>
struct Buffer {
  halide_dimension_t dim[dimensions];
  halide_buffer_t raw;

  // extents and strides in elements, innermost first
  Buffer(float *data, const int32_t (&extents)[dimensions], const int32_t (&strides)[dimensions]) : raw() {
    for (int d = 0; d < dimensions; ++d) {
      dim[d].min = 0;
      dim[d].extent = extents[d];
      dim[d].stride = strides[d];
      dim[d].flags = 0;
    }
    raw.host = reinterpret_cast<uint8_t *>(data);
    raw.type.code = halide_type_float;
    raw.type.bits = 32;
    raw.type.lanes = 1;
    raw.dimensions = dimensions;
    raw.dim = dim;
  }
  halide_buffer_t *get() { return &raw; }
};

}  // namespace kiln
