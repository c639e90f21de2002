#include "channel_layout.h"

#include "integers.h"
#include "rows.h"

namespace kiln {
namespace {

// Of an index in each of three dimensions, whose sum then has 31.
constexpr int kIndexBits = 29;

}  // namespace

bool channel_layout(const Tensor &t, ChannelLayout *layout) {
  int64_t extent[KILN_MAX_NDIM], stride[KILN_MAX_NDIM];
  if (join_dimensions(t, 2, t.ndim, extent, stride) != 1) return false;
  *layout = {t.data, t.shape[0], t.shape[1], extent[0], t.strides[0], t.strides[1], stride[0]};
  return true;
}

ChannelLayout dense_planes(float *data, int64_t n, int64_t c, int64_t s) { return {data, n, c, s, c * s, s, 1}; }

int64_t Blocks::count() const { return ceil_div(n, n_step) * ceil_div(c, c_step) * ceil_div(s, s_step); }

Block Blocks::at(int64_t i) const {
  const int64_t s_count = ceil_div(s, s_step), c_count = ceil_div(c, c_step);
  const int64_t s0 = i % s_count * s_step, c0 = i / s_count % c_count * c_step, n0 = i / s_count / c_count * n_step;
  return {n0, min(n_step, n - n0), c0, min(c_step, c - c0), s0, min(s_step, s - s0)};
}

Blocks cut(const ChannelLayout &a, const ChannelLayout &b, const BlockRules &rules) {
  Blocks blocks{a.n, a.c, a.s, 1, a.c, a.s};
  const auto positions = [&](int64_t wanted) {
    const int64_t limit = min(rules.s_limit, addressable(a.s_stride, b.s_stride, kIndexBits));
    const int64_t step = ceil_div(max(1, min(wanted, limit)), rules.s_multiple) * rules.s_multiple;
    return min(a.s, step > limit && step > rules.s_multiple ? step - rules.s_multiple : step);
  };
  const auto channels = [&](int64_t wanted) {
    if (rules.whole_channels) return a.c;
    return min(min(a.c, max(1, wanted)), addressable(a.c_stride, b.c_stride, kIndexBits));
  };
  if (a.planes()) {  // whole planes, then pieces of them
    blocks.s_step = positions(rules.whole_channels ? rules.grain / max(1, a.c) : rules.grain);
    blocks.c_step = channels(rules.grain / blocks.s_step);
  } else {  // lines of all channels
    blocks.c_step = channels(rules.grain);
    blocks.s_step = positions(rules.grain / blocks.c_step);
    if (blocks.s_step == a.s && !rules.whole_channels)
      blocks.c_step = min(blocks.c_step, max(64, rules.grain / a.s / 64 * 64));
  }
  if (blocks.c_step == a.c && blocks.s_step == a.s)
    blocks.n_step = min(min(a.n, max(1, rules.grain / (a.c * a.s))), addressable(a.n_stride, b.n_stride, kIndexBits));
  return blocks;
}

}  // namespace kiln
