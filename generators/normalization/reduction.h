// The one reduction, of a shape that depends on logical indices alone: no layout, vector width or schedule changes a
// bit.
//
// A plane (the spatial extent of one channel, or one row) is cut into segments of kSegment values. Value s of a segment
// has
//   lane s % 16,  step (s / 16) % 8,  chain (s / 128) % 8,  group s / 1024.
// Whole steps are added in order to a chain, chains to a group, groups to a lane, and a step that the segment's end
// cuts short to its lanes after that. The 16 lanes are combined pairwise: l with l + 8, l + 4, l + 2, l + 1. The
// longest way of a value into the total is 8 + 8 + 4 + 1 + 4 operations.
//
// A segment of one group is its group, to the bit: an empty number combined with what was accumulated from an empty
// number is that (no sum that begins with 0 is -0).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "limits.h"
#include "math/float64.h"

namespace kiln {

using Halide::Func;
using Halide::RDom;
using Halide::Tuple;
using Halide::Var;

struct ReductionShape {
  static constexpr int lanes = 16, steps = 8, chains = 8, groups = 4;
  static constexpr int chain_span = lanes * steps;  // values in one chain of all lanes
  static constexpr int group_span = chain_span * chains;
  static constexpr int segment = kSegment;
  static_assert(segment == group_span * groups);
  static_assert(kShortPlane <= group_span && kShortColumn == chain_span);
};

// Values in segment number i of a plane of `length` values.
inline Expr segment_length(const Expr &length, const Expr &i) {
  const Expr segment = Halide::cast(length.type(), ReductionShape::segment);
  return Halide::min(segment, length - Halide::cast(length.type(), i) * segment);
}

// Segment number seg of channel c in sample n. Where there is but one channel, rows take the place of samples.
struct Segment {
  Var seg, c, n;
};

// One or more numbers that are reduced together.
using Values = std::vector<Expr>;

class Reduction {
 public:
  using Step = std::function<Values(const Values &, const Expr &s)>;  // takes in value s of the segment
  using Combine = std::function<Values(const Values &, const Values &)>;

  Func chain, group, lane, fold8, fold4, fold2, total;
  Var l{"l"}, b{"b"}, e{"e"};  // lane, chain, group
  RDom step_dom, chain_dom, group_dom, cut_dom;
  bool one_chain, one_group;

  // empty: the numbers of no value. left: values in the segment. longest: the most that there may be.
  Reduction(const std::string &name, const Values &empty, const Step &step, const Combine &combine, const Expr &left,
            const Segment &at, int64_t longest)
      : chain(name + "_chain"),
        group(name + "_group"),
        lane(name + "_lane"),
        fold8(name + "_fold8"),
        fold4(name + "_fold4"),
        fold2(name + "_fold2"),
        total(name),
        step_dom(0, ReductionShape::steps, name + "_step"),
        chain_dom(0, longest <= ReductionShape::chain_span ? 1 : ReductionShape::chains, name + "_chain"),
        group_dom(0, ReductionShape::groups, name + "_group"),
        cut_dom(0, 1, name + "_cut"),
        one_chain(longest <= ReductionShape::chain_span),
        one_group(longest <= ReductionShape::group_span),
        empty(empty),
        step(step),
        combine(combine),
        at(at) {
    define_chains(left);
    one_group ? define_group(left) : define_groups(left);
    define_cut(left);
    define_folds();
  }

  static Values add(const Values &a, const Values &b) {
    Values sums;
    for (size_t i = 0; i < a.size(); i++) sums.push_back((Real(a[i]) + Real(b[i])).expr());
    return sums;
  }
  static Values larger(const Values &a, const Values &b) { return {Halide::max(a[0], b[0])}; }

 private:
  using S = ReductionShape;
  Values empty;
  Step step;
  Combine combine;
  Segment at;

  template <class Ref>
  Values values(const Ref &f) const {
    if (empty.size() == 1) return {Expr(f)};
    Values all;
    for (size_t i = 0; i < empty.size(); i++) all.push_back(f[static_cast<int>(i)]);
    return all;
  }

  void define_chains(const Expr &left) {
    const Expr s = (b * S::steps + step_dom) * S::lanes;
    step_dom.where(Halide::likely(s + (S::lanes - 1) < left));
    chain(l, b, at.seg, at.c, at.n) = Tuple(empty);
    const Values before = values(chain(l, b, at.seg, at.c, at.n));
    chain(l, b, at.seg, at.c, at.n) = Tuple(step(before, s + l));
  }

  void define_group(const Expr &left) {
    if (!one_chain) chain_dom.where(Halide::likely(chain_dom * S::chain_span < left));
    group(l, at.seg, at.c, at.n) = Tuple(empty);
    group(l, at.seg, at.c, at.n) =
        Tuple(combine(values(group(l, at.seg, at.c, at.n)), values(chain(l, chain_dom, at.seg, at.c, at.n))));
    lane(l, at.seg, at.c, at.n) = Tuple(values(group(l, at.seg, at.c, at.n)));
  }

  void define_groups(const Expr &left) {
    chain_dom.where(Halide::likely((e * S::chains + chain_dom) * S::chain_span < left));
    group(l, e, at.seg, at.c, at.n) = Tuple(empty);
    group(l, e, at.seg, at.c, at.n) = Tuple(combine(values(group(l, e, at.seg, at.c, at.n)),
                                                    values(chain(l, e * S::chains + chain_dom, at.seg, at.c, at.n))));
    group_dom.where(Halide::likely(group_dom * S::group_span < left));
    lane(l, at.seg, at.c, at.n) = Tuple(empty);
    lane(l, at.seg, at.c, at.n) =
        Tuple(combine(values(lane(l, at.seg, at.c, at.n)), values(group(l, group_dom, at.seg, at.c, at.n))));
  }

  void define_cut(const Expr &left) {
    const Expr s = ((left / S::lanes) % (S::segment / S::lanes)) * S::lanes + l + 0 * cut_dom;
    cut_dom.where(left % S::lanes > 0);  // most segments have no such step, and none waits for it
    cut_dom.where(l < left % S::lanes);
    lane(l, at.seg, at.c, at.n) = Tuple(step(values(lane(l, at.seg, at.c, at.n)), s));
  }

  void define_folds() {
    const auto fold = [&](Func &to, Func &from, int width) {
      to(l, at.seg, at.c, at.n) =
          Tuple(combine(values(from(l, at.seg, at.c, at.n)), values(from(l + width, at.seg, at.c, at.n))));
    };
    fold(fold8, lane, 8);
    fold(fold4, fold8, 4);
    fold(fold2, fold4, 2);
    total(at.seg, at.c, at.n) =
        Tuple(combine(values(fold2(0, at.seg, at.c, at.n)), values(fold2(1, at.seg, at.c, at.n))));
  }
};

}  // namespace kiln
