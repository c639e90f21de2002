// Normalizations of rows that write their statistics, which are measured for themselves.
#include "rows_with_statistics.h"

#include "gradient_run.h"

namespace kiln {

// The input is measured before the output replaces it.
kiln_status run_rows_with_statistics(Call &call, const GradientOf &measured, const RowNorm &norm) {
  return with_gradient_run(call, measured, [&](GradientRun &statistics) -> kiln_status {
    if (kiln_status s = statistics.measure()) return s;
    if (kiln_status s = run_row_norm(call, norm)) return s;
    return statistics.give(measured.tensors.mean, measured.tensors.rstd);
  });
}

}  // namespace kiln
