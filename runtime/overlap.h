// Which memory two tensors share.
#pragma once

#include "tensor.h"

namespace kiln {

// Whether the bytes from the first to the last element of one meet those of the other.
inline bool spans_meet(const Tensor &a, const Tensor &b) {
  const Span sa = span_of(a), sb = span_of(b);
  return a.array.object == b.array.object && a.array.address + sa.low < b.array.address + sb.high &&
         b.array.address + sb.low < a.array.address + sa.high;
}

// Fails unless the output can be written without touching what `input` still reads: they share no element, or they are
// the same view (`in_place_allowed`).
kiln_status search_overlap(const char *input_name, const Tensor &input, const char *output_name, const Tensor &output,
                           bool in_place_allowed);
inline kiln_status expect_no_overlap(const char *input_name, const Tensor &input, const char *output_name,
                                     const Tensor &output, bool in_place_allowed) {
  if (!spans_meet(input, output)) return KILN_STATUS_OK;
  return search_overlap(input_name, input, output_name, output, in_place_allowed);
}

// Fails where two tensors share memory, the first of which will be written.
kiln_status expect_apart(const char *written_name, const Tensor &written, const char *name, const Tensor &tensor);

// Fails where two indices of the output name one element (a stride of 0, say).
kiln_status search_shared_elements(const char *name, const Tensor &output);
inline kiln_status expect_distinct_elements(const char *name, const Tensor &output) {
  return output.dense || output.count <= 1 ? KILN_STATUS_OK : search_shared_elements(name, output);
}

}  // namespace kiln
