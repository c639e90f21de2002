// What Python calls by ctypes: python/kiln/jax/_library.py.
#include <string.h>

#include "check.h"
#include "settings.h"

#define KILN_JAX_EXPORT extern "C" __attribute__((visibility("default")))

namespace kiln::jax {
namespace {

const Row *find(const char *name) {
  for (int i = 0; i < kRowCount; ++i)
    if (strcmp(kRows[i].op->name, name) == 0) return &kRows[i];
  return nullptr;
}

// The exception that a status is in Python.
enum Refusal { none, value_error, type_error, memory_error, runtime_error };
Refusal refusal_of(kiln_status status) {
  switch (status) {
    case KILN_STATUS_OK:
      return none;
    case KILN_STATUS_INVALID_ARGUMENT:
    case KILN_STATUS_UNSUPPORTED_CPU:
      return value_error;
    case KILN_STATUS_UNSUPPORTED:
      return type_error;
    case KILN_STATUS_OUT_OF_MEMORY:
      return memory_error;
    default:
      return runtime_error;
  }
}

}  // namespace
}  // namespace kiln::jax

using namespace kiln::jax;

// The version of XLA's FFI that the handlers are compiled for.
KILN_JAX_EXPORT int kiln_jax_ffi_major() { return XLA_FFI_API_MAJOR; }
KILN_JAX_EXPORT int kiln_jax_ffi_minor() { return XLA_FFI_API_MINOR; }

// The handler of an operator for "cpu" or "CUDA"; NULL where there is none.
KILN_JAX_EXPORT XLA_FFI_Handler *kiln_jax_handler(const char *op, const char *platform) {
  const Row *row = find(op);
  if (!row) return nullptr;
  return strcmp(platform, "cpu") == 0 ? row->cpu : strcmp(platform, "CUDA") == 0 ? row->cuda : nullptr;
}

// A Refusal: what a call with such tensors and values would be, where memory suffices.
KILN_JAX_EXPORT int kiln_jax_check(const char *op, const DLTensor *tensors, const Value *values) {
  return refusal_of(check(*find(op)->op, tensors, values));
}

// A Refusal: whether Kiln and this CPU have such settings. Calls with them find their context made.
KILN_JAX_EXPORT int kiln_jax_check_settings(int threads, int fast, const char *isa) {
  Settings settings;
  const kiln_context *context;
  settings.set(threads, fast != 0, isa, strlen(isa));
  return refusal_of(settings.context(nullptr, &context));
}

KILN_JAX_EXPORT const char *kiln_jax_last_error() { return kiln_last_error(); }
