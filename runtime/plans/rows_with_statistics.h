// Normalizations of rows that write their statistics.
#pragma once

#include "gradient.h"
#include "row_norm.h"

namespace kiln {

// `measured` says what of, and where to.
kiln_status run_rows_with_statistics(Call &call, const GradientOf &measured, const RowNorm &norm);

}  // namespace kiln
