// A tensor (N, C, *) as samples, channels and positions.
#pragma once

#include "tensor.h"

namespace kiln {

// Samples n, channels c, positions s within a channel, each a single step apart.
struct ChannelLayout {
  float *data = nullptr;
  int64_t n = 1, c = 1, s = 1;
  int64_t n_stride = 0, c_stride = 0, s_stride = 0;

  // Positions adjacent, as in contiguous (N, C, *).
  bool planes() const { return s_stride == 1 || s == 1; }
  // Channels adjacent, as in channels-last (N, *, C).
  bool pixels() const { return c_stride == 1 || c == 1; }
  int64_t count() const { return n * c * s; }
};

// The layout of a tensor of rank 2 or more; false where its positions are not a single step apart.
bool channel_layout(const Tensor &tensor, ChannelLayout *layout);

// Dense memory in the order (N, C, *): planes.
ChannelLayout dense_planes(float *data, int64_t n, int64_t c, int64_t s);

// A part of a layout: samples, channels and positions [first, first + extent).
struct Block {
  int64_t n, n_extent, c, c_extent, s, s_extent;
};

// How a layout is cut into blocks, which are numbered from 0 on.
struct Blocks {
  int64_t n, c, s;  // of the whole
  int64_t n_step, c_step, s_step;
  int64_t count() const;
  Block at(int64_t i) const;
};

// Blocks of about `grain` values, whose indices fit Halide's 32 bits in both layouts. Positions are cut at multiples of
// `s_multiple`, at `s_limit` values at the latest; channels are left whole where `whole_channels` says so.
struct BlockRules {
  int64_t grain;
  int64_t s_multiple;
  int64_t s_limit;
  bool whole_channels;
};
Blocks cut(const ChannelLayout &a, const ChannelLayout &b, const BlockRules &rules);

}  // namespace kiln
