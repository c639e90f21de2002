// Normalizing rows. layer_norm and rms_norm are this with other arguments.
#pragma once

#include "../entry.h"

namespace kiln {

struct RowNorm {
  int weight, bias;  // places in the operator's row. kNoTensor as the bias: rows are not brought to mean 0
  double eps;
  Dims row;
};

kiln_status run_row_norm(Call &call, const RowNorm &norm);

}  // namespace kiln
