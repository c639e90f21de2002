// XLA's call frame, read by an operator's row. xla/ffi/api/c_api.h, of jaxlib, says what it is made of.
#pragma once

#include "operators.h"
#include "settings.h"

namespace kiln::jax {

// Text of an error that is not Kiln's own.
struct Text {
  char text[256] = "";
  bool set(const char *format, ...) __attribute__((format(printf, 2, 3)));  // false, always
};

// What Kiln's C function takes. It does not move in memory.
struct Frame {
  DLTensor views[kMost];
  DLTensor *tensors[kMost];
  Value values[kMost];
  Settings settings;

  // False with a text where the frame is not one that kiln.jax has asked for. Updated tensors are those that XLA has
  // given the memory of the arguments to.
  bool read(const Operator &op, DLDevice device, const XLA_FFI_CallFrame &frame, Text *error);
};

// Whether the frame and XLA's table of functions have what is used of them here.
bool check_version(const XLA_FFI_CallFrame &frame, Text *error);

}  // namespace kiln::jax
