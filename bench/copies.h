// What every operator is held against: moving the tensor.
#pragma once

#include <cstddef>

namespace kiln::bench {

// A plain loop, which the compiler makes a loop of vectors.
void copy_loop(float *to, const float *from, size_t count);

// Stores that pass the caches by; the tensors are aligned to 64 bytes.
void copy_streaming(float *to, const float *from, size_t count);

}  // namespace kiln::bench
