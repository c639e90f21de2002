// Row-wise operators: a tensor as rows of `length` values that a kernel takes one by one.
#pragma once

#include "tensor.h"

namespace kiln {

// The trailing dimensions of a tensor as the positions within a row, the leading ones as the rows.
struct RowsLayout {
  float *data;
  int64_t length;  // values in a row
  int64_t count;   // rows
  // Dimensions within a row, innermost first, joined where they step as one; at least one.
  int inner_ndim;
  int64_t inner_extent[KILN_MAX_NDIM], inner_stride[KILN_MAX_NDIM];
  // Dimensions over rows, innermost first, joined likewise; at least one.
  int outer_ndim;
  int64_t outer_extent[KILN_MAX_NDIM], outer_stride[KILN_MAX_NDIM];

  RowsLayout(const Tensor &tensor, int row_ndim);

  // A row is one run of adjacent memory.
  bool dense() const { return inner_ndim == 1 && (inner_stride[0] == 1 || length == 1); }
  // The first value of row number r.
  float *row(int64_t r) const;
  // How many rows from r on, at most `limit`, lie outer_stride[0] apart.
  int64_t run(int64_t r, int64_t limit) const;

  // Copies row r to adjacent memory, and back.
  void gather(int64_t r, float *to) const;
  void scatter(int64_t r, const float *from) const;
};

// Lists dimensions [first, last) of a tensor, innermost first, with those of extent 1 dropped and neighbours that step
// as one joined; returns how many are left, 1 of extent 1 where there is none.
int join_dimensions(const Tensor &tensor, int first, int last, int64_t *extent, int64_t *stride);

}  // namespace kiln
