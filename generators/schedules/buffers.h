// What kernels take the memory of their buffers for.
#pragma once

#include <Halide.h>

#include "limits.h"

namespace kiln {

// Takes any stride of dimension 0, which Halide expects to be 1; `dense` is the dimension that has stride 1 instead.
template <class Buffer>
void free_stride(Buffer &buffer, int dense = 0) {
  buffer.dim(0).set_stride(Halide::Expr());
  if (dense > 0) buffer.dim(dense).set_stride(1);
}

// All indices begin at 0.
template <class... Buffers>
void from_zero(Buffers &...buffers) {
  const auto each = [](auto &buffer) {
    for (int d = 0; d < buffer.dimensions(); d++) buffer.dim(d).set_min(0);
  };
  (each(buffers), ...);
}

// For kernels whose output is streamed (scripts/stream_stores.py): every line along dimension `dense` begins where a
// line of the cache does, so that whole vectors are stored as such.
template <class Output>
void on_lines_of_cache(Output &output, int dense = 0) {
  const int values = static_cast<int>(kLineOfCache) / output.type().bytes();
  output.set_host_alignment(kLineOfCache);
  from_zero(output);
  for (int d = 0; d < output.dimensions(); d++) {
    if (d != dense) output.dim(d).set_stride(output.dim(d).stride() / values * values);
  }
}

// Whether a buffer is whole vectors of 4 along dimension `dense`, if its address is a multiple of 16 bytes.
template <class Buffer>
Halide::Expr whole_vectors(Buffer &buffer, int dense) {
  Halide::Expr whole = buffer.dim(dense).extent() % 4 == 0;
  for (int d = 0; d < buffer.dimensions(); d++) {
    if (d != dense) whole = whole && buffer.dim(d).stride() % 4 == 0;
  }
  return whole;
}

}  // namespace kiln
