// Stages of rms_norm, x / sqrt(mean(x^2) + eps) * weight: rows as a whole; or, of longer rows, their coefficients from
// the sums of squares that norm_two finds in their segments, and their use, with the bits that the whole row would
// have.
#include <Halide.h>

#include "math/element.h"
#include "normalization/norm_combine.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_rows_schedule.h"
#include "schedules/rows_schedule.h"

namespace {

using namespace kiln;

// x scale factor weight: what a row's elements share. Where the weight is 1 or more, a power of two goes from it to the
// scale: x scale may be subnormal where the result is not, and would lose digits. x scale is exact then, but for
// subnormal x below a root above 2^126, and the weight comes before the factor, so that the product is finite where the
// result is.
struct RowScales {
  Real scale, up, factor, down;  // up = scale / down, for weights of 1 or more

  // Of a sum of squares: dividing by the root of their mean, with eps below the root. The factor is above 1 but for
  // finite roots beyond float32: the scale reaches down to a subnormal 2^-128.
  static RowScales dividing_by_root(const Float64 &sum, const Expr &count, const Expr &eps) {
    const Float64 root = sqrt(sum / f64(count) + f64(eps));
    const Expr power = Halide::clamp(-1 - exponent64(root), -128, 126);
    const Expr moved = Halide::min(Halide::clamp(-power, 80, 126), 127 - power);
    const Coefficients c = dividing_by(root, two_to(power / 2) * two_to(power - power / 2));
    return {c.scale, two_to(power + moved), c.factor, two_to(-moved)};
  }
  static RowScales from(const std::function<Expr(int)> &number) {
    return {Real(number(0)), Real(number(1)), Real(number(2)), Real(number(3))};
  }
  std::vector<Expr> numbers() const { return {scale.expr(), up.expr(), factor.expr(), down.expr()}; }

  Real apply(const Real &x, const Real &weight) const {
    const Expr large = magnitude_bits(weight) >= 0x3f800000;  // or NaN
    return x * select(large, up, scale) * select(large, weight * down, factor) * select(large, factor, weight);
  }
};

// Sum of squares of row r, in the place of samples; c is always 0. Segments are added in order, as CombinedNorm does.
class RowSquares {
 public:
  SegmentNorm segments;
  Func sum{"row_sum"};

  RowSquares(const ValueAt &x, const Expr &length, const Var &r)
      : segments(Norm::two, {x, length, {Var("seg"), Var("c"), r}, Skip::branch}, Expr(), Expr()) {
    const RDom seg(0, (length + (ReductionShape::segment - 1)) / ReductionShape::segment, "segment");
    sum(r) = Expr(0.0);
    sum(r) = (f64(sum(r)) + f64(segments.number(0, seg, 0, r))).expr();
  }

  std::vector<Func> numbers() const { return {sum}; }
};

class RmsNormRows : public Halide::Generator<RmsNormRows> {
 public:
  GeneratorParam<Element> dtype{"dtype", Element::float32, elements_by_name()};  // of x and y
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 1};
  GeneratorParam<int> rows{"rows", 1};
  GeneratorParam<int> steps{"steps", 8};
  GeneratorParam<bool> streamed{"streamed", false};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<void, 2>> x{"x"};  // (s, r); at most kLongestPlane in a row
  Input<Halide::Buffer<float, 1>> weight{"weight"};
  Input<double> eps{"eps"};
  Output<Halide::Buffer<void, 2>> y{"y"};

  void configure() {
    x.set_type(storage_of(dtype));
    y.set_type(storage_of(dtype));
  }
  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const ValueAt value = [&](const Expr &s, const Expr &, const Expr &r) { return load(dtype, x(s, r)); };
    squares = std::make_unique<RowSquares>(value, x.dim(0).extent(), r);
    coefficients(r) = Tuple(RowScales::dividing_by_root(f64(squares->sum(r)), x.dim(0).extent(), eps).numbers());
    const auto scales = RowScales::from([&](int k) { return Expr(coefficients(r)[k]); });
    y(s, r) = store(dtype, scales.apply(load(dtype, x(s, r)), Real(weight(s))));
  }
  void schedule() {
    const std::vector<Expr> memory = memory_of_parameters(weight);
    if (autoscheduled(*this, estimates)) return;
    if (streamed) on_lines_of_cache(y);
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
  Output<Halide::Buffer<float, 3>> coefficients{"coefficients"};  // (r, n, k): those of RowScales

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    combined = std::make_unique<CombinedNorm>(Norm::two, partial, Expr(), Expr(), r, n);
    coefficients(r, n, k) =
        Halide::mux(k, RowScales::dividing_by_root(f64(combined->sum(r, n)), length, eps).numbers());
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
  GeneratorParam<Element> dtype{"dtype", Element::float32, elements_by_name()};  // of x and y
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 1};
  GeneratorParam<int> rows{"rows", 1};
  GeneratorParam<int> steps{"steps", 8};  // of kernels that take whole rows
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<void, 2>> x{"x"};                         // (s, r)
  Input<Halide::Buffer<float, 2>> coefficients{"coefficients"};  // (r, k)
  Input<Halide::Buffer<float, 1>> weight{"weight"};
  Input<int> aligned{"aligned"};  // on devices: 1 if all these addresses are multiples of 16 bytes
  Output<Halide::Buffer<void, 2>> y{"y"};

  void configure() {
    x.set_type(storage_of(dtype));
    y.set_type(storage_of(dtype));
  }
  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const auto scales = RowScales::from([&](int k) { return coefficients(r, k); });
    y(s, r) = store(dtype, scales.apply(load(dtype, x(s, r)), Real(weight(s))));
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
