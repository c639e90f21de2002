// Arguments read and checked by the operator's row. Each error names the argument.
#pragma once

#include "entry.h"

namespace kiln {

// Fills in call.present and call.tensors, and checks call.values.
kiln_status read_arguments(Call &call, const DLTensor *const *given);

}  // namespace kiln
