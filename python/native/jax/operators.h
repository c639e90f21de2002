// An operator as XLA's FFI calls it. The build writes the rows from operators.toml: generated/python/jax/handlers.cpp.
#pragma once

#include <kiln/kiln.h>
#include <kinds.h>
#include <xla/ffi/api/c_api.h>

namespace kiln::jax {

using kinds::Type;
using kinds::Value;

constexpr int kMost = 12;  // tensors of an operator, and arguments

// What a call does with a tensor: XLA hands over what is read as an argument, and what is written as a result.
enum class Access : uint8_t { read, updated, written };

struct Argument {
  const char *name;  // that of XLA's attribute
  Type type;
  double otherwise;  // a real number's value where there is no attribute
};

struct Operator {
  const char *name;  // "layer_norm"
  const Access *tensors;
  int tensor_count;
  const Argument *arguments;
  int argument_count;
  int written_when;  // the place of the boolean argument that has tensors updated; -1 without any
  kiln_status (*call)(const kiln_context *context, DLTensor *const *tensors, const Value *values);
};

enum class Platform : uint8_t { cpu, cuda };

// What XLA calls, by a row.
XLA_FFI_Error *handle(const Operator &op, Platform platform, XLA_FFI_CallFrame *frame);

template <const Operator &op, Platform platform>
XLA_FFI_Error *handler(XLA_FFI_CallFrame *frame) {
  return handle(op, platform, frame);
}

struct Row {
  const Operator *op;
  XLA_FFI_Handler *cpu, *cuda;
};
extern const Row kRows[];
extern const int kRowCount;

}  // namespace kiln::jax
