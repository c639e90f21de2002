// layer_norm: rows of x, each by its own mean and variance, position by position times weight plus bias.
#include <Halide.h>

#include "math/element.h"
#include "normalization/affine.h"
#include "normalization/row_moments.h"
#include "schedules/estimates.h"
#include "schedules/gpu_rows_schedule.h"
#include "schedules/rows_schedule.h"

namespace {

using namespace kiln;

class LayerNormRows : public Halide::Generator<LayerNormRows> {
 public:
  GeneratorParam<Element> dtype{"dtype", Element::float32, elements_by_name()};  // of x and y
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 1};
  GeneratorParam<int> rows{"rows", 1};
  GeneratorParam<int> steps{"steps", 8};
  GeneratorParam<int> threads{"threads", 128};
  GeneratorParam<bool> streamed{"streamed", false};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<void, 2>> x{"x"};  // (s, r); at most kLongestPlane, or kLongestDeviceRow, in a row
  Input<Halide::Buffer<float, 1>> weight{"weight"}, bias{"bias"};
  Input<double> eps{"eps"};
  Input<int> aligned{"aligned"};  // on devices: 1 if all these addresses are multiples of 16 bytes
  Output<Halide::Buffer<void, 2>> y{"y"};

  void configure() {
    x.set_type(storage_of(dtype));
    y.set_type(storage_of(dtype));
  }
  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const ValueAt value = [&](const Expr &s, const Expr &, const Expr &r) { return load(dtype, x(s, r)); };
    moments = std::make_unique<RowMoments>(value, x.dim(0).extent(), eps, r,
                                           get_target().has_gpu_feature() ? Skip::empty_loops : Skip::branch,
                                           using_autoscheduler() ? Beginning::minus_zero : Beginning::first_segment);
    coefficients(r) = Tuple(standardizing(f64(moments->mean(r)), moments->variance(), f64(eps)).numbers());
    const Real u = Coefficients::from(coefficients(r)).apply(load(dtype, x(s, r)));
    y(s, r) = store(dtype, fma(u, Real(weight(s)), Real(bias(s))));
  }
  void schedule() {
    const std::vector<Expr> memory = memory_of_parameters(weight, bias);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) {
      return device_row_norm({y, s, r, whole_rows(aligned == 1, memory, y, x, weight, bias)}, y.dim(0).extent(),
                             coefficients, *moments, threads, steps);
    }
    if (streamed) on_lines_of_cache(y);
    schedule_row_norm(y, s, r, memory, coefficients, *moments, {vector_width, unroll, rows}, steps);
  }

 private:
  Var s{"s"}, r{"r"};
  Func coefficients{"coefficients"};
  std::unique_ptr<RowMoments> moments;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(LayerNormRows, layer_norm_rows)
