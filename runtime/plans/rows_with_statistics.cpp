// Normalizations of rows that write their statistics, which are measured for themselves.
#include "rows_with_statistics.h"

#include <new>

#include "gradient_run.h"

namespace kiln {

// The input is measured before the output replaces it.
kiln_status run_rows_with_statistics(Call &call, const GradientOf &measured, const RowNorm &norm) {
  void *place;
  if (kiln_status s = call.executor.take_host_memory(sizeof(GradientRun), &place)) return s;
  GradientRun *const statistics = new (place) GradientRun(call, measured);
  kiln_status status = statistics->measure();
  if (status == KILN_STATUS_OK) status = run_row_norm(call, norm);
  if (status == KILN_STATUS_OK) status = statistics->give(measured.tensors.mean, measured.tensors.rstd);
  statistics->~GradientRun();
  return status;
}

}  // namespace kiln
