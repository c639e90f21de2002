// On CPUs, tensors of types of 16 bits for kernels of float32, block by block, where there is no kernel of their type:
// what one reads is widened into a tile of a worker's memory, which fits a cache, and what it writes there is rounded once
// on its way out. The bits are those of float32 rounded, as those of kernels of the type are, however blocks are cut.
#pragma once

#include "entry.h"

namespace kiln {

// A block of a walk in memory: its first element, and elements between neighbours along positions, channels and samples.
struct View {
  Array first;
  int64_t s, c, n;

  View(const Iteration &walk, int k, const Block &b)
      : first(walk.at(k, b)), s(walk.step(*walk.s, k)), c(walk.step(*walk.c, k)), n(walk.step(*walk.n, k)) {}
  // Side by side in the order of a form.
  View(const Array &first, Form form, const Block &b)
      : first(first),
        s(form == Form::channels_last ? b.c_extent : 1),
        c(form == Form::channels_last ? 1 : b.s_extent),
        n(b.c_extent * b.s_extent) {}
  Buffer<3> buffer(const Block &b) const { return Buffer<3>(first, {b.s_extent, b.c_extent, b.n_extent}, {s, c, n}); }
};

class Conversion {
 public:
  // The element type is read where it is needed.
  Conversion(const Element &element, const OperatorRow &row)
      : element_(element), kernels_(row.kernels[static_cast<int>(element)]) {}
  explicit Conversion(const Call &call) : Conversion(call.element, call.row) {}
  Conversion(const Conversion &) = delete;
  Conversion &operator=(const Conversion &) = delete;
  // Whether tensors of the type reach a kernel through tiles.
  bool needed(const Stage &stage) const { return stage.element() != element_; }
  bool needed() const { return element_ != Element::float32; }

  kiln_status choose(Executor &executor);
  // Memory for tiles of a walk's blocks, for each of so many workers. `together`: positions that stay in one tile, the
  // most of them that read() and map() are called with.
  kiln_status prepare(Executor &executor, const Iteration &walk, Form form, int64_t together, int64_t workers);

  // One block as the other, of the same extents, of float32 and of the call's type or the other way round. Both have
  // neighbours side by side along positions, or both along channels.
  kiln_status widen(const View &from, const View &to, const Block &extents) const {
    return convert(widen_, from, to, extents);
  }
  kiln_status narrow(const View &from, const View &to, const Block &extents) const {
    return convert(narrow_, from, to, extents);
  }
  // So many values side by side.
  kiln_status widen(const Array &from, const Array &to, int64_t count) const { return convert(widen_, from, to, count); }
  kiln_status narrow(const Array &from, const Array &to, int64_t count) const {
    return convert(narrow_, from, to, count);
  }

  // body(part, input) for a block's tiles, or for the block as it lies where the kernel takes it so.
  template <class Body>
  kiln_status read(const Stage &stage, const Iteration &walk, const Block &block, int64_t together, int worker,
                   const Body &body) const {
    if (!needed(stage)) return body(block, View(walk, 0, block));
    return for_each_tile(block, together, [&](const Block &part) -> kiln_status {
      const View tile(tile_of(worker), form_, part);
      if (kiln_status s = widen(View(walk, 0, part), tile, part)) return s;
      return body(part, tile);
    });
  }
  // The same with body(part, input, output): where there are tiles, the output lies in the input's place.
  template <class Body>
  kiln_status map(const Stage &stage, const Iteration &walk, const Block &block, int64_t together, int worker,
                  const Body &body) const {
    if (!needed(stage)) return body(block, View(walk, 0, block), View(walk, 1, block));
    return for_each_tile(block, together, [&](const Block &part) -> kiln_status {
      const View tile(tile_of(worker), form_, part);
      if (kiln_status s = widen(View(walk, 0, part), tile, part)) return s;
      if (kiln_status s = body(part, tile, tile)) return s;
      return narrow(tile, View(walk, 1, part), part);
    });
  }

 private:
  Blocks tiles_in(const Block &block, int64_t together) const;
  Array tile_of(int worker) const { return tiles_.at(values_ * worker); }
  template <class Body>
  kiln_status for_each_tile(const Block &block, int64_t together, const Body &body) const {
    const Blocks tiles = tiles_in(block, together);
    for (int64_t i = 0, count = tiles.count(); i < count; ++i) {
      Block part = tiles.at(i);
      part.outer = block.outer;
      part.n += block.n;
      part.c += block.c;
      part.s += block.s;
      if (kiln_status s = body(part)) return s;
    }
    return KILN_STATUS_OK;
  }
  static kiln_status convert(const Stage &stage, const View &from, const View &to, const Block &extents);
  static kiln_status convert(const Stage &stage, const Array &from, const Array &to, int64_t count);

  const Element &element_;
  const KernelList *kernels_;
  Stage widen_, narrow_;
  Form form_ = Form::contiguous;
  int64_t values_ = 0;  // of a tile
  Array tiles_{};       // float32, of all workers
};

}  // namespace kiln
