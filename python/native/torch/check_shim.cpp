
// Compiles where shim.h declares what PyTorch's own headers declare: a function of C has one type.
#define TORCH_TARGET_VERSION 0x020A000000000000  // 2.10
#include <torch/csrc/stable/c/shim.h>

#include "shim.h"

static_assert(kiln::torch::kAbiVersion == TORCH_TARGET_VERSION, "one version of the ABI");
