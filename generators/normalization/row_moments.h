// Mean and variance of whole rows: what combine_moments does, with the segments of a row at hand.
#pragma once

#include "normalization/moments.h"

namespace kiln {

// How combining begins: with the first segment, or with -0, which adds nothing. The domain of those that are left is
// then never empty; Adams2019 stops at one that is.
enum class Beginning { first_segment, minus_zero };

// Row r of `length` values, in the place of samples; c is always 0. Segments are combined in order.
class RowMoments {
 public:
  SegmentMoments segments;
  Func sum{"row_sum"}, mean{"row_mean"}, m2{"row_m2"};

  RowMoments(const ValueAt &x, const Expr &length, const Expr &eps, const Var &r, Skip skip,
             Beginning beginning = Beginning::first_segment)
      : segments({x, length, {Var("seg"), Var("c"), r}, skip}, eps), length(length), r(r) {
    const Expr count = (length + (ReductionShape::segment - 1)) / ReductionShape::segment;
    const bool with_first = beginning == Beginning::first_segment;
    const int first = with_first ? 1 : 0;
    rest = RDom(first, count - first, "rest");
    sum(r) = with_first ? segments.sum(0, 0, r).expr() : Expr(-0.0);
    sum(r) = (f64(sum(r)) + segments.sum(rest, 0, r)).expr();
    mean(r) = (f64(sum(r)) / f64(length)).expr();
    m2(r) = with_first ? contribution_of(0).expr() : Expr(-0.0);
    m2(r) = (f64(m2(r)) + contribution_of(rest)).expr();
  }

  std::vector<Func> numbers() const { return {sum, mean, m2}; }
  Float64 variance() { return f64(m2(r)) * reciprocal(f64(length)); }

 private:
  Expr length;
  Var r;
  RDom rest;

  Float64 contribution_of(const Expr &i) {
    return contribution(segments.sum(i, 0, r), segments.m2(i, 0, r), f64(segment_length(length, i)), f64(mean(r)));
  }
};

}  // namespace kiln
