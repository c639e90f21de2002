#include "copy.h"

#include <string.h>

#include <new>

#include "integers.h"
#include "tiles.h"

namespace kiln {
namespace {

constexpr int kIndexBits = 28;                 // of one dimension's reach; four of them make 30
constexpr int64_t kCopied = int64_t{1} << 15;  // elements of one task

// Long lines that are adjacent on both sides.
kiln_status copy_lines(const Executor &executor, const Iteration &it) {
  const Boxes boxes(it, 2, kCopied);
  const int64_t together = max(1, kCopied / boxes.elements());
  return executor.run(boxes.count(), together, [&](int64_t i, int) {
    const Boxes::Part from = boxes.part(i, 0), to = boxes.part(i, 1);
    const int64_t bytes = bytes_of(to.first.element);
    for (int64_t line = 0; line < to.extent[1]; ++line)
      memcpy(to.first.pointer() + line * to.stride[1] * bytes, from.first.pointer() + line * from.stride[1] * bytes,
             static_cast<size_t>(to.extent[0] * bytes));
    return KILN_STATUS_OK;
  });
}

}  // namespace

Boxes::Boxes(const Iteration &it, int dimensions, int64_t grain) : it_(it), dimensions_(dimensions) {
  for (int d = 0; d < it.ndim; ++d) {
    const Axis &axis = it.dim[d];
    const int64_t reach = it.addressable(axis, kIndexBits);
    extent_[d] = d < dimensions ? min(min(axis.extent, reach), max(1, ceil_div(grain, elements_))) : 1;
    elements_ *= extent_[d];
    count_ *= ceil_div(axis.extent, extent_[d]);
  }
}

Boxes::Part Boxes::part(int64_t box, int k) const {
  Part part;
  part.first = it_.operand[k];
  for (int d = 0; d < dimensions_; ++d) part.extent[d] = part.stride[d] = 1;
  for (int d = 0; d < it_.ndim; ++d) {
    const Axis &axis = it_.dim[d];
    const int64_t boxes = ceil_div(axis.extent, extent_[d]), first = box % boxes * extent_[d];
    box /= boxes;
    part.first.address += first * axis.stride[k];
    if (d >= dimensions_) continue;
    part.extent[d] = min(extent_[d], axis.extent - first);
    part.stride[d] = it_.step(axis, k);
  }
  return part;
}

int64_t bytes_for_copies(int workers) {
  return int64_t{sizeof(Iteration) + sizeof(Tiles)} + workers * Tiles::kMost * bytes_of(Element::float32);
}

kiln_status copy_on_host(const Executor &executor, const Tensor &from, const Tensor &to, void *memory) {
  Iteration &it = *new (memory) Iteration(from, to);
  it.add(dims_from_to(0, to.ndim), Order::memory);
  if (!Tiles::suit(it)) return copy_lines(executor, it);
  char *const after = static_cast<char *>(memory) + sizeof(Iteration), *const of_workers = after + sizeof(Tiles);
  const Tiles &tiles = *new (after) Tiles(it);
  return executor.run(tiles.count(), tiles.together(), [&](int64_t i, int worker) {
    char *const values = of_workers + worker * Tiles::kMost * bytes_of(it.operand[0].element);
    tiles.read(i, values);
    tiles.write(i, values);
    return KILN_STATUS_OK;
  });
}

void copy_block(const Array &from, const int64_t (&from_steps)[3], const Array &to, const int64_t (&to_steps)[3],
                const int64_t (&extents)[3], char *memory) {
  char *const tile = memory, *const after = tile + Tiles::kMost * bytes_of(Element::float32);
  Iteration &it = *new (after) Iteration;
  it.operand[0] = from;
  it.operand[1] = to;
  for (int d = 0; d < 3; ++d)
    if (extents[d] > 1)
      it.dim[it.ndim++] = {{from_steps[d] * bytes_of(from.element), to_steps[d] * bytes_of(to.element)}, extents[d]};
  const Tiles &tiles = *new (after + sizeof(Iteration)) Tiles(it);
  for (int64_t i = 0; i < tiles.count(); ++i) {
    tiles.read(i, tile);
    tiles.write(i, tile);
  }
}

// A box that is read on a device: the base is the lowest element's place; the fifth dimension's one index goes from
// there to the first element.
struct PlacedBox {
  int64_t offset;
  Buffer<5> buffer;

  static PlacedBox of(const Executor &executor, const Boxes::Part &part) {
    int64_t low = 0;
    for (int d = 0; d < Boxes::kMost; ++d) low += part.stride[d] < 0 ? (part.extent[d] - 1) * part.stride[d] : 0;
    const Executor::Placed placed = executor.place(part.first.at(low));
    const int64_t offset = placed.offset - low;
    return {offset, Buffer<5>(placed.base, {part.extent[0], part.extent[1], part.extent[2], part.extent[3], offset + 1},
                              {part.stride[0], part.stride[1], part.stride[2], part.stride[3], 1})};
  }
};

kiln_status map_strided_on_device(const Executor &executor, const Stage &kernel, const Iteration &it) {
  const Boxes boxes(it, Boxes::kMost, Executor::kMostInLaunch);
  return executor.run(boxes.count(), [&](int64_t i, int) {
    PlacedBox x = PlacedBox::of(executor, boxes.part(i, 0));
    const Boxes::Part to = boxes.part(i, 1);
    Buffer<4> y(to.first, to.extent, to.stride);
    const int32_t offset = static_cast<int32_t>(x.offset);
    if (it.operands == 2) return kernel(x.buffer, offset, out(y));
    PlacedBox second = PlacedBox::of(executor, boxes.part(i, 2));
    return kernel(x.buffer, offset, second.buffer, static_cast<int32_t>(second.offset), out(y));
  });
}

}  // namespace kiln
