// Shapes with strides, by the names that people have for them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace kiln::test {

using Extents = std::vector<int64_t>;

struct Layout {
  Extents shape;
  Extents strides;  // in elements

  int64_t count() const;
  // The lowest and the highest element, relative to the one at index 0, 0, ...; 0 and -1 for an empty shape.
  int64_t low() const;
  int64_t high() const;
  // For each element in row-major order of its index: where it lies, relative to the one at index 0, 0, ....
  std::vector<int64_t> offsets() const;
};

// Row-major without gaps.
Layout dense(const Extents &shape);
// Without gaps; `order` names the dimensions from the outermost in memory to the innermost.
Layout permuted(const Extents &shape, const std::vector<int> &order);
// (N, C, *) with the channels innermost: NHWC and its kin.
Layout channels_last(const Extents &shape);
// Row-major, with `gap` unused elements after each line of the last dimension.
Layout padded(const Extents &shape, int64_t gap);
// Every `step`-th element of a dense last dimension.
Layout stepped(const Extents &shape, int64_t step);
// The same memory, with the dimension walked from its other end.
Layout reversed(Layout layout, int dimension);
// Every index of the dimension names the same elements.
Layout broadcast(Layout layout, int dimension);

std::string show(const Extents &extents);
std::string show(const Layout &layout);

// How the memory of a call's input and output lies, whatever their shape; in place it is the input's.
struct Form {
  const char *name;
  Layout (*input)(const Extents &shape);
  Layout (*output)(const Extents &shape);
  bool in_place;
};
// Contiguous, channels-last, and with gaps and walked backwards, which no kernel takes as it lies; from one to another,
// and in place.
const std::vector<Form> &forms();

// A layout that an elementwise operator must take: how its input lies, and its output.
struct LayoutCase {
  const char *name;
  Layout input, output;
};
// Dense, transposed, channels-last, sliced, reversed, broadcast, 0-d, empty, of extent 1 under absurd strides, rank 64
// and mixtures. Those whose input has no stride of 0 also serve in place, in the input's layout.
std::vector<LayoutCase> layout_cases();

// A random layout of up to `max_ndim` dimensions of extents up to `max_extent`: permuted, padded, some dimensions
// reversed; where `with_broadcast`, some with stride 0.
Layout random_layout(class Random &random, int max_ndim, int64_t max_extent, bool with_broadcast);
// Another random layout of the same shape.
Layout random_layout(class Random &random, const Extents &shape, bool with_broadcast);

}  // namespace kiln::test
