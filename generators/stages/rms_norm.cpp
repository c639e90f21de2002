// Stages of rms_norm, x / sqrt(mean(x^2) + eps) * weight: rows as a whole; or, of longer rows, the coefficients of
// row_apply from the sums of squares that norm_two finds in their segments, with the bits that the whole row would
// have.
#include <Halide.h>

#include "math/store.h"
#include "normalization/norm_combine.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_rows_schedule.h"
#include "schedules/rows_schedule.h"

namespace {

using namespace kiln;

// Of a sum of squares: dividing by the root of their mean, with eps below the root.
Coefficients dividing_by_root(const Float64 &sum, const Expr &count, const Expr &eps) {
  return dividing_by(sqrt(sum / f64(count) + f64(eps)));
}

// Sum of squares of row r, in the place of samples; c is always 0. Segments are added in order, as CombinedNorm does.
class RowSquares {
 public:
  SegmentNorm segments;
  Func sum{"row_sum"};

  RowSquares(const ValueAt &x, const Expr &length, const Expr &eps, const Var &r, Skip skip)
      : segments(Norm::two, {x, length, {Var("seg"), Var("c"), r}, skip}, eps, Expr(), Expr()) {
    const RDom seg(0, (length + (ReductionShape::segment - 1)) / ReductionShape::segment, "segment");
    const auto number = [&](int i) { return f64(segments.number(i, seg, 0, r)); };
    sum(r) = Expr(0.0);
    sum(r) = (f64(sum(r)) + in_ones(number(0), number(1), true)).expr();
  }

  std::vector<Func> numbers() const { return {sum}; }
};

class RmsNormRows : public Halide::Generator<RmsNormRows> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 1};
  GeneratorParam<int> rows{"rows", 1};
  GeneratorParam<int> steps{"steps", 8};
  GeneratorParam<int> threads{"threads", 128};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 2>> x{"x"};  // (s, r); at most kLongestPlane, or kLongestDeviceRow, in a row
  Input<Halide::Buffer<float, 1>> weight{"weight"};
  Input<double> eps{"eps"};
  Input<int> aligned{"aligned"};  // on devices: 1 if all these addresses are multiples of 16 bytes
  Output<Halide::Buffer<float, 2>> y{"y"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const ValueAt value = [&](const Expr &s, const Expr &, const Expr &r) { return Real(x(s, r)); };
    squares = std::make_unique<RowSquares>(value, x.dim(0).extent(), eps, r,
                                           get_target().has_gpu_feature() ? Skip::empty_loops : Skip::branch);
    coefficients(r) = dividing_by_root(f64(squares->sum(r)), x.dim(0).extent(), eps).tuple();
    const Real u = Coefficients::from(coefficients(r)).apply(Real(x(s, r)));
    y(s, r) = canonical(u * Real(weight(s)));
  }
  void schedule() {
    const std::vector<Expr> memory = memory_of_parameters(weight);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) {
      return device_row_norm({y, s, r, whole_rows(aligned == 1, memory, y, x, weight)}, y.dim(0).extent(), coefficients,
                             *squares, threads, steps);
    }
    schedule_row_norm(y, s, r, memory, coefficients, *squares, {vector_width, unroll, rows}, steps);
  }

 private:
  Var s{"s"}, r{"r"};
  Func coefficients{"coefficients"};
  std::unique_ptr<RowSquares> squares;
};

class RmsCombine : public Halide::Generator<RmsCombine> {
 public:
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 4>> partial{"partial"};  // (r, n, seg, k)
  Input<int64_t> length{"length"};                      // values in a row
  Input<double> eps{"eps"};
  Output<Halide::Buffer<float, 3>> coefficients{"coefficients"};  // (r, n, k): those of affine.h

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    combined = std::make_unique<CombinedNorm>(Norm::two, partial, Expr(), Expr(), r, n);
    const Coefficients all = dividing_by_root(f64(combined->sum(r, n)), length, eps);
    coefficients(r, n, k) = Halide::mux(k, {all.scale.expr(), all.shift.expr(), all.factor.expr(), all.rest.expr()});
  }
  void schedule() {
    free_stride(partial);
    free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) {
      return device_combine(coefficients, {r, n}, k, 4, {combined->sum}, threads);
    }
    schedule_combine(coefficients, {r, n}, k, 4, {combined->sum});
  }

 private:
  Var r{"r"}, n{"n"}, k{"k"};
  std::unique_ptr<CombinedNorm> combined;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(RmsNormRows, rms_norm_rows)
HALIDE_REGISTER_GENERATOR(RmsCombine, norm_rms_combine)
