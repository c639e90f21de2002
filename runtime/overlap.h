// Which memory two tensors share.
#pragma once

#include "tensor.h"

namespace kiln {

// Fails unless the output can be written without touching what `input` still reads: they share no element, or they are
// the same view (`in_place_allowed`).
kiln_status expect_no_overlap(const char *input_name, const Tensor &input, const Tensor &output, bool in_place_allowed);

// Fails where two tensors share memory, the first of which will be written.
kiln_status expect_apart(const char *written_name, const Tensor &written, const char *name, const Tensor &tensor);

// Fails where two indices of the output name one element (a stride of 0, say).
kiln_status expect_distinct_elements(const char *name, const Tensor &output);

}  // namespace kiln
