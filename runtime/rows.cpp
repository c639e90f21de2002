#include "rows.h"

namespace kiln {
namespace {

// Calls visit(offset, stride, extent) for each innermost line.
template <class Visit>
void for_each_line(const RowsLayout &l, Visit visit) {
  int64_t index[KILN_MAX_NDIM] = {}, offset = 0;
  for (;;) {
    visit(offset, l.inner_stride[0], l.inner_extent[0]);
    int d = 1;
    for (; d < l.inner_ndim; ++d) {
      offset += l.inner_stride[d];
      if (++index[d] < l.inner_extent[d]) break;
      offset -= l.inner_stride[d] * l.inner_extent[d];
      index[d] = 0;
    }
    if (d >= l.inner_ndim) return;
  }
}

}  // namespace

int join_dimensions(const Tensor &t, int first, int last, int64_t *extent, int64_t *stride) {
  int n = 0;
  for (int d = last - 1; d >= first; --d) {
    if (t.shape[d] == 1) continue;
    if (n > 0 && t.strides[d] == stride[n - 1] * extent[n - 1]) {
      extent[n - 1] *= t.shape[d];
      continue;
    }
    extent[n] = t.shape[d];
    stride[n++] = t.strides[d];
  }
  if (n == 0) {
    extent[0] = 1;
    stride[0] = 0;
    n = 1;
  }
  return n;
}

RowsLayout::RowsLayout(const Tensor &t, int row_ndim) : data(t.data), length(1), count(1) {
  const int split = t.ndim - row_ndim;
  for (int d = 0; d < t.ndim; ++d) (d < split ? count : length) *= t.shape[d];
  inner_ndim = join_dimensions(t, split, t.ndim, inner_extent, inner_stride);
  outer_ndim = join_dimensions(t, 0, split, outer_extent, outer_stride);
}

float *RowsLayout::row(int64_t r) const {
  float *at = data;
  for (int d = 0; d < outer_ndim; ++d) {
    at += r % outer_extent[d] * outer_stride[d];
    r /= outer_extent[d];
  }
  return at;
}

int64_t RowsLayout::run(int64_t r, int64_t limit) const {
  const int64_t left = outer_extent[0] - r % outer_extent[0];
  return left < limit ? left : limit;
}

void RowsLayout::gather(int64_t r, float *to) const {
  const float *from = row(r);
  for_each_line(*this, [&](int64_t offset, int64_t stride, int64_t extent) {
    for (int64_t i = 0; i < extent; ++i) *to++ = from[offset + i * stride];
  });
}

void RowsLayout::scatter(int64_t r, const float *from) const {
  float *to = row(r);
  for_each_line(*this, [&](int64_t offset, int64_t stride, int64_t extent) {
    for (int64_t i = 0; i < extent; ++i) to[offset + i * stride] = *from++;
  });
}

}  // namespace kiln
