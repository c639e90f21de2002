#include "support/layout.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "support/random.h"

namespace kiln::test {

int64_t Layout::count() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, [](int64_t a, int64_t b) { return a * b; });
}

int64_t Layout::low() const {
  int64_t low = 0;
  if (count() == 0) return low;
  for (size_t d = 0; d < shape.size(); ++d)
    if (shape[d] > 1 && strides[d] < 0) low += (shape[d] - 1) * strides[d];
  return low;
}

int64_t Layout::high() const {
  if (count() == 0) return -1;
  int64_t high = 0;
  for (size_t d = 0; d < shape.size(); ++d)
    if (shape[d] > 1 && strides[d] > 0) high += (shape[d] - 1) * strides[d];
  return high;
}

std::vector<int64_t> Layout::offsets() const {
  std::vector<int64_t> offsets(count() == 0 ? 0 : 1, 0);
  for (size_t d = 0; d < shape.size() && !offsets.empty(); ++d) {
    std::vector<int64_t> next;
    next.reserve(offsets.size() * shape[d]);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < shape[d]; ++i) next.push_back(offset + (i == 0 ? 0 : i * strides[d]));
    offsets = std::move(next);
  }
  return offsets;
}

Layout permuted(const Extents &shape, const std::vector<int> &order) {
  Layout layout{shape, Extents(shape.size())};
  int64_t stride = 1;
  for (auto d = order.rbegin(); d != order.rend(); ++d) {
    layout.strides[*d] = stride;
    stride *= shape[*d];
  }
  return layout;
}

Layout dense(const Extents &shape) {
  std::vector<int> order(shape.size());
  std::iota(order.begin(), order.end(), 0);
  return permuted(shape, order);
}

Layout channels_last(const Extents &shape) {
  std::vector<int> order(shape.size());
  std::iota(order.begin(), order.end(), 0);
  std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return permuted(shape, order);
}

Layout padded(const Extents &shape, int64_t gap) {
  Extents whole = shape;
  whole.back() += gap;
  return {shape, dense(whole).strides};
}

Layout stepped(const Extents &shape, int64_t step) {
  Layout layout = dense(shape);
  for (int64_t &stride : layout.strides) stride *= step;
  return layout;
}

Layout reversed(Layout layout, int dimension) {
  layout.strides[dimension] = -layout.strides[dimension];
  return layout;
}

Layout broadcast(Layout layout, int dimension) {
  layout.strides[dimension] = 0;
  return layout;
}

std::string show(const Extents &extents) {
  std::string text = "(";
  for (size_t d = 0; d < extents.size(); ++d) text += (d ? ", " : "") + std::to_string(extents[d]);
  return text + (extents.size() == 1 ? ",)" : ")");
}

std::string show(const Layout &layout) { return "shape " + show(layout.shape) + " strides " + show(layout.strides); }

namespace {
Layout backwards(const Extents &shape) { return reversed(stepped(shape, 2), static_cast<int>(shape.size()) - 1); }
}  // namespace

const std::vector<Form> &forms() {
  static const std::vector<Form> all = {{"contiguous", dense, dense, false},
                                        {"contiguous, in place", dense, dense, true},
                                        {"channels-last", channels_last, channels_last, false},
                                        {"channels-last, in place", channels_last, channels_last, true},
                                        {"channels-last to contiguous", channels_last, dense, false},
                                        {"with gaps, backwards", backwards, backwards, false},
                                        {"with gaps, backwards, in place", backwards, backwards, true},
                                        {"with gaps, backwards, to contiguous", backwards, dense, false}};
  return all;
}

std::vector<LayoutCase> layout_cases() {
  const int64_t absurd = int64_t{1} << 60;
  const Extents image = {2, 5, 7, 9};
  const Extents many(64, 1);
  Extents rank64 = many;
  rank64[0] = 3, rank64[20] = 2, rank64[40] = 5, rank64[63] = 4;
  const auto same = [](const char *name, const Layout &layout) { return LayoutCase{name, layout, layout}; };
  const auto to_dense = [](const char *name, const Layout &layout) {
    return LayoutCase{name, layout, dense(layout.shape)};
  };
  const auto from_dense = [](const char *name, const Layout &layout) {
    return LayoutCase{name, dense(layout.shape), layout};
  };
  return {
      same("dense 1-d", dense({197})),
      same("dense 4-d", dense(image)),
      same("0-d", dense({})),
      same("one element, rank 3", dense({1, 1, 1})),
      same("empty 1-d", dense({0})),
      same("empty in the middle", dense({3, 0, 5})),
      {"extent 1 under absurd strides", {{1, 37, 1}, {absurd, 1, -absurd}}, {{1, 37, 1}, {-absurd, 1, 0}}},
      {"empty under absurd strides", {{0, 37, 9}, {absurd, absurd, absurd}}, {{0, 37, 9}, {-absurd, 0, 0}}},
      same("rank 64, dense", dense(rank64)),
      to_dense("rank 64, reversed order", permuted(rank64,
                                                   [] {
                                                     std::vector<int> order(64);
                                                     std::iota(order.rbegin(), order.rend(), 0);
                                                     return order;
                                                   }())),
      to_dense("transposed input", permuted({33, 47}, {1, 0})),
      from_dense("transposed output", permuted({33, 47}, {1, 0})),
      same("transposed both", permuted({33, 47}, {1, 0})),
      same("channels-last both", permuted(image, {0, 2, 3, 1})),
      to_dense("channels-last input", permuted(image, {0, 2, 3, 1})),
      from_dense("channels-last output", permuted(image, {0, 2, 3, 1})),
      {"two other permutations", permuted(image, {3, 1, 0, 2}), permuted(image, {2, 0, 3, 1})},
      same("lines with gaps", padded({13, 31}, 5)),
      {"lines with other gaps", padded({13, 31}, 5), padded({13, 31}, 2)},
      same("every third element", stepped({101}, 3)),
      to_dense("every second element of 2-d", stepped({17, 23}, 2)),
      from_dense("to every second element", stepped({17, 23}, 2)),
      to_dense("reversed input", reversed(dense({131}), 0)),
      from_dense("reversed output", reversed(dense({131}), 0)),
      same("reversed both", reversed(dense({131}), 0)),
      same("reversed rows and columns", reversed(reversed(dense({19, 21}), 0), 1)),
      {"rows reversed here, columns there", reversed(dense({19, 21}), 0), reversed(dense({19, 21}), 1)},
      to_dense("scalar broadcast to 1-d", broadcast(dense({203}), 0)),
      to_dense("scalar broadcast to 2-d", broadcast(broadcast(dense({21, 39}), 0), 1)),
      to_dense("row broadcast", broadcast(dense({21, 39}), 0)),
      to_dense("column broadcast", broadcast(dense({21, 39}), 1)),
      {"channel broadcast to channels-last", {image, {0, 1, 0, 0}}, permuted(image, {0, 2, 3, 1})},
      to_dense("windows of the input that overlap", {{30, 11}, {1, 1}}),
      {"slices of slices", {{5, 7, 11}, {400, 30, 2}}, {{5, 7, 11}, {-3, 60, -500}}},
      to_dense("five dimensions, shuffled", permuted({3, 4, 5, 2, 6}, {4, 1, 3, 0, 2})),
  };
}

Layout random_layout(Random &random, const Extents &shape, bool with_broadcast) {
  std::vector<int> order(shape.size());
  std::iota(order.begin(), order.end(), 0);
  for (size_t d = order.size(); d > 1; --d)
    std::swap(order[d - 1], order[random.integer(0, static_cast<int64_t>(d) - 1)]);
  Layout layout{shape, Extents(shape.size())};
  int64_t stride = random.chance(3) ? random.integer(1, 3) : 1;
  for (auto d = order.rbegin(); d != order.rend(); ++d) {
    layout.strides[*d] = random.chance(4) ? -stride : stride;
    stride *= shape[*d] + (random.chance(3) ? random.integer(0, 3) : 0);
    if (stride == 0) stride = 1;
    if (with_broadcast && random.chance(6)) layout.strides[*d] = 0;
  }
  return layout;
}

Layout random_layout(Random &random, int max_ndim, int64_t max_extent, bool with_broadcast) {
  Extents shape(random.integer(0, max_ndim));
  for (int64_t &extent : shape) extent = random.chance(8) ? random.integer(0, 1) : random.integer(1, max_extent);
  return random_layout(random, shape, with_broadcast);
}

}  // namespace kiln::test
