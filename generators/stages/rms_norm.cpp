// Stages of rms_norm, x / sqrt(mean(x^2) + eps) * weight: rows as a whole; or, of longer rows, their coefficients from
// the sums of squares that norm_two finds in their segments, and their use, with the bits that the whole row would
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

// 1 / sqrt(mean of squares + eps) as scale times factor, a power of two and 1 to 2; as the coefficients of affine.h, of
// which the others are not used. The scale leaves room for 2^80.
Coefficients one_by_root(const Float64 &sum, const Expr &count, const Expr &eps) {
  const Float64 root = sqrt(sum / f64(count) + f64(eps));
  const Real scale = two_to(Halide::clamp(-1 - exponent64(root), -126, 46));
  const Float64 factor = at_most_largest_float(reciprocal(root * f64(scale)), root > 0.0);
  return {scale, Real(-0.0f), f32(factor), Real(-0.0f)};
}

// x scale factor weight. Where the weight is 1 or more, 2^80 goes from it to the scale: x scale factor may be subnormal
// where the result is not, and would lose digits.
Expr weighted(const Real &x, const Coefficients &c, const Real &weight) {
  const Expr large = magnitude_bits(weight) >= 0x3f800000;  // or NaN
  const Real scale = select(large, c.scale * 0x1p80f, c.scale);
  return canonical(x * scale * c.factor * select(large, weight * 0x1p-80f, weight));
}

// Sum of squares of row r, in the place of samples; c is always 0. Segments are added in order, as CombinedNorm does.
class RowSquares {
 public:
  SegmentNorm segments;
  Func sum{"row_sum"};

  RowSquares(const ValueAt &x, const Expr &length, const Expr &eps, const Var &r, Skip skip)
      : segments(Norm::two, {x, length, {Var("seg"), Var("c"), r}, skip}, eps, Expr(), Expr()) {
    const RDom seg(0, (length + (ReductionShape::segment - 1)) / ReductionShape::segment, "segment");
    sum(r) = Expr(0.0);
    sum(r) = (f64(sum(r)) + f64(segments.number(0, seg, 0, r))).expr();
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
    coefficients(r) = one_by_root(f64(squares->sum(r)), x.dim(0).extent(), eps).tuple();
    y(s, r) = weighted(Real(x(s, r)), Coefficients::from(coefficients(r)), Real(weight(s)));
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
    const Coefficients all = one_by_root(f64(combined->sum(r, n)), length, eps);
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

class RmsApply : public Halide::Generator<RmsApply> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 1};
  GeneratorParam<int> rows{"rows", 1};
  GeneratorParam<int> steps{"steps", 8};  // of kernels that take whole rows
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 2>> x{"x"};                        // (s, r)
  Input<Halide::Buffer<float, 2>> coefficients{"coefficients"};  // (r, k)
  Input<Halide::Buffer<float, 1>> weight{"weight"};
  Input<int> aligned{"aligned"};  // on devices: 1 if all these addresses are multiples of 16 bytes
  Output<Halide::Buffer<float, 2>> y{"y"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const auto coefficient = [&](int k) { return Real(coefficients(r, k)); };
    const Coefficients all{coefficient(0), coefficient(1), coefficient(2), coefficient(3)};
    y(s, r) = weighted(Real(x(s, r)), all, Real(weight(s)));
  }
  void schedule() {
    free_stride(coefficients);
    const std::vector<Expr> memory = memory_of_parameters(weight);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) {
      return device_row_apply({y, s, r, whole_rows(aligned == 1, memory, y, x, weight)}, y.dim(0).extent(),
                              {threads, unroll});
    }
    schedule_rows(y, s, r, memory, {vector_width, unroll, rows});
  }

 private:
  Var s{"s"}, r{"r"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(RmsNormRows, rms_norm_rows)
HALIDE_REGISTER_GENERATOR(RmsCombine, norm_rms_combine)
HALIDE_REGISTER_GENERATOR(RmsApply, rms_apply_rows)
