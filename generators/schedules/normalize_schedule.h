// Loop orders of partial norms, for planes (values of a norm side by side) and pixels (norms side by side).
#pragma once

#include "normalization/norms.h"
#include "schedules/channels_schedule.h"

namespace kiln {

inline void schedule_norm_of_planes(PartialNorm &p, const Segment &at, const Halide::LoopLevel &plane, int segments,
                                    const LaneNumbers &numbers) {
  for (Func f : {p.left, p.norm}) f.compute_at(plane).bound_storage(at.seg, segments);
  const Halide::LoopLevel segment(p.norm, at.seg);
  for (auto *pass : {&p.first, &p.careful}) {
    for (Func f : pass->functions) f.compute_at(segment);
    for (auto &r : pass->reductions) schedule_lanes(*r, segment, numbers);
  }
}

// A segment of a block of norms, and of a single one where there are fewer than a vector.
inline void schedule_norm_of_pixels(PartialNorm &p, PartialNorm &single, const PixelBlock &b) {
  const LaneNumbers scalar{1, 1};
  schedule_norm_of_planes(single, b.at, b.tile, 1, scalar);
  p.left.compute_at(b.tile);
  b.along(p.norm);
  for (Func f : p.first.functions) b.along(f);
  for (auto &r : p.first.reductions) schedule_pixels(*r, b);
  if (p.careful.functions.empty()) return;
  p.norm.update().unscheduled();  // a branch for each norm
  const Halide::LoopLevel one(p.norm, b.at.c);
  for (Func f : p.careful.functions) f.compute_at(one);
  for (auto &r : p.careful.reductions) schedule_lanes(*r, one, scalar);
}

}  // namespace kiln
