// What a call would say, before there is memory of its arrays: JAX knows shapes and values when it traces.
#pragma once

#include "operators.h"

namespace kiln::jax {

// `tensors`: by the operator's row, with no data; absent ones have a rank of -1. OK as well where the address space
// does not suffice to find out.
kiln_status check(const Operator &op, const DLTensor *tensors, const Value *values);

}  // namespace kiln::jax
