#include "elementwise_layout.h"

#include "integers.h"

namespace kiln {
ElementwiseLayout::ElementwiseLayout(const Tensor &in, const Tensor &out) : input(in.data), output(out.data) {
  for (int d = 0; d < out.ndim; ++d) {
    const int64_t n = out.shape[d];
    if (n == 1) continue;
    int64_t si = in.strides[d], so = out.strides[d];
    if (so < 0) {
      input += (n - 1) * si;
      output += (n - 1) * so;
      si = -si;
      so = -so;
    }
    insert(n, si, so);
  }
  join();
}

void ElementwiseLayout::insert(int64_t n, int64_t si, int64_t so) {
  int at = ndim++;
  for (; at > 0; --at) {
    const bool outer =
        output_stride[at - 1] > so || (output_stride[at - 1] == so && magnitude(input_stride[at - 1]) > magnitude(si));
    if (!outer) break;
    extent[at] = extent[at - 1];
    input_stride[at] = input_stride[at - 1];
    output_stride[at] = output_stride[at - 1];
  }
  extent[at] = n;
  input_stride[at] = si;
  output_stride[at] = so;
}

void ElementwiseLayout::join() {
  int last = 0;
  for (int d = 1; d < ndim; ++d) {
    if (input_stride[d] == input_stride[last] * extent[last] &&
        output_stride[d] == output_stride[last] * extent[last]) {
      extent[last] *= extent[d];
      continue;
    }
    ++last;
    extent[last] = extent[d];
    input_stride[last] = input_stride[d];
    output_stride[last] = output_stride[d];
  }
  if (ndim > 0) ndim = last + 1;
}

}  // namespace kiln
