#include "conversion.h"

#include "integers.h"

namespace kiln {
namespace {

// Values of a tile, 32 KiB of them as float32, where nothing keeps more of them together; channels that stay together
// where they lie side by side: a line of a cache.
constexpr int64_t kTile = int64_t{1} << 13, kChannels = 32;
// Values side by side in one call of a kernel.
constexpr int64_t kMostInCall = int64_t{1} << 28;

}  // namespace

kiln_status Conversion::choose(Executor &executor) {
  if (kiln_status s = executor.choose(*kernels_, Form::widen, INT64_MAX, &widen_)) return s;
  return executor.choose(*kernels_, Form::narrow, INT64_MAX, &narrow_);
}

kiln_status Conversion::prepare(Executor &executor, const Iteration &walk, Form form, int64_t together,
                                int64_t workers) {
  if (kiln_status s = choose(executor)) return s;
  form_ = form;
  const int64_t least = min(together, walk.s->extent) * (form == Form::channels_last ? kChannels : 1);
  values_ = min(walk.count(), max(kTile, least));
  return executor.allocate(Element::float32, values_ * workers, &tiles_);
}

Blocks Conversion::tiles_in(const Block &b, int64_t wanted) const {
  const int64_t s = b.s_extent, c = b.c_extent, together = min(wanted, s);
  Blocks tiles = {b.n_extent, c, s, 1, 1, s, 1};
  if (form_ == Form::channels_last) {
    tiles.c_step = min(c, max(kChannels, kTile / together));
    tiles.s_step = min(s, max(1, kTile / (tiles.c_step * together)) * together);
  } else {
    tiles.s_step = min(s, max(1, kTile / together) * together);
    if (tiles.s_step == s) tiles.c_step = min(c, max(1, kTile / s));
  }
  if (tiles.s_step == s && tiles.c_step == c) tiles.n_step = min(b.n_extent, max(1, kTile / (s * c)));
  return tiles;
}

// Axes along which both views go on where the one before ends are taken as one.
kiln_status Conversion::convert(const Stage &stage, const View &from, const View &to, const Block &extents) {
  struct Axis {
    int64_t extent, from, to;
  };
  const Axis s = {extents.s_extent, from.s, to.s}, c = {extents.c_extent, from.c, to.c};
  const bool along_s = c.extent == 1 || (s.from == 1 && s.to == 1 && s.extent > 1);
  const Axis all[] = {along_s ? s : c, along_s ? c : s, {extents.n_extent, from.n, to.n}};
  Axis axes[3] = {{1, 1, 1}, {1, 0, 0}, {1, 0, 0}};
  int count = 0;
  for (const Axis &axis : all) {
    if (axis.extent == 1) continue;
    if (count == 0 && (axis.from != 1 || axis.to != 1)) count = 1;  // lines of one value
    Axis &last = axes[count > 0 ? count - 1 : 0];
    const bool joins = last.from * last.extent == axis.from && last.to * last.extent == axis.to;
    if (count > 0 && joins && last.extent * axis.extent <= kMostInCall)
      last.extent *= axis.extent;
    else
      axes[count++] = axis;
  }
  const Axis &inner = axes[0], &middle = axes[1], &outer = axes[2];
  for (int64_t i = 0; i < outer.extent; ++i) {
    Buffer<2> in(from.first.at(i * outer.from), {inner.extent, middle.extent}, {inner.from, middle.from});
    Buffer<2> result(to.first.at(i * outer.to), {inner.extent, middle.extent}, {inner.to, middle.to});
    if (kiln_status status = stage(in, out(result))) return status;
  }
  return KILN_STATUS_OK;
}

kiln_status Conversion::convert(const Stage &stage, const Array &from, const Array &to, int64_t count) {
  for (int64_t first = 0; first < count; first += kMostInCall) {
    const int64_t extent = min(kMostInCall, count - first);
    Buffer<2> in(from.at(first), {extent, 1}, {1, extent}), result(to.at(first), {extent, 1}, {1, extent});
    if (kiln_status s = stage(in, out(result))) return s;
  }
  return KILN_STATUS_OK;
}

}  // namespace kiln
