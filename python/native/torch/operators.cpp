
// Defines torch.ops.kiln when the library is loaded: schemas, and the functions for CPU and CUDA tensors. Gradients,
// shapes and batch rules are Python's: python/kiln/torch.
#include <string.h>

#include "place.h"
#include "stack.h"
#include "tensor.h"

namespace kiln::torch {
namespace {

using Function = void (*)(StableIValue *stack, uint64_t num_args, uint64_t num_outputs);
struct Registered {
  const char *name, *schema;
  Function function;
};

#include <torch/operators.inc>

// The registrations last as long as the process: a library of operators cannot be unloaded.
void define() {
  TorchLibraryHandle library = nullptr;
  ensure(aoti_torch_library_init_def("kiln", __FILE__, __LINE__, &library), "library_init_def");
  for (const Registered &op : operators) ensure(aoti_torch_library_def(library, op.schema), op.schema);
}
void implement(const char *key) {
  TorchLibraryHandle library = nullptr;
  ensure(aoti_torch_library_init_impl("kiln", key, __FILE__, __LINE__, &library), "library_init_impl");
  for (const Registered &op : operators)
    ensure(torch_library_impl(library, op.name, op.function, kAbiVersion), op.name);
}

struct AtLoad {
  AtLoad() {
    define();
    implement("CPU");
    implement("CUDA");
  }
} at_load;

}  // namespace
}  // namespace kiln::torch

#define KILN_TORCH_EXPORT extern "C" __attribute__((visibility("default")))

// "exact" or "fast", of all calls from now on; 0 where it is neither.
KILN_TORCH_EXPORT int kiln_torch_set_accuracy(const char *accuracy) {
  const bool fast = strcmp(accuracy, "fast") == 0;
  if (!fast && strcmp(accuracy, "exact") != 0) return 0;
  kiln::torch::set_accuracy(fast ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT);
  return 1;
}

KILN_TORCH_EXPORT const char *kiln_torch_accuracy() {
  return kiln::torch::get_accuracy() == KILN_ACCURACY_FAST ? "fast" : "exact";
}

KILN_TORCH_EXPORT void kiln_torch_set_stream_of_device(kiln::torch::StreamOfDevice function) {
  kiln::torch::set_stream_of_device(function);
}
