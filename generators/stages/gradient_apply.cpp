// grad_input = fma(h, factor, fma(slope, line, shift)) outer, where h is grad_output, or in the form rows that times
// the weight of its position, and the slope that of norm_slope.h at the standardized value (x - centre) rstd. Where the
// line is 0 there is no slope, whatever x is.
#include <Halide.h>

#include "math/element.h"
#include "normalization/gradient_sums.h"
#include "normalization/norm_slope.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class GradientApply : public Halide::Generator<GradientApply> {
 public:
  GeneratorParam<Slope> slope{
      "slope",
      Slope::line,
      {{"line", Slope::line}, {"sign", Slope::sign}, {"peak", Slope::peak}, {"power", Slope::power}}};
  GeneratorParam<bool> weighted{"weighted", false};
  GeneratorParam<bool> channels_last{"channels_last", false};
  GeneratorParam<Element> dtype{"dtype", Element::float32, elements_by_name()};  // of x, g and y
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 4};
  GeneratorParam<int> along_memory{"along_memory", 0};  // 1: all channels of a position in turn (channels_last)
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<bool> streamed{"streamed", false};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<void, 3>> x{"x"}, g{"g"};                 // (s, c, n)
  Input<Halide::Buffer<float, 3>> coefficients{"coefficients"};  // (c, n, k): centre, rstd, factor, line, shift, outer
  Input<Halide::Buffer<float, 1>> weight{"weight"};              // (s); read where weighted
  Input<double> p{"p"};                                          // of the norm
  Input<int> aligned{"aligned"};  // on devices: 1 if the addresses of x, g and y are multiples of 16 bytes
  Output<Halide::Buffer<void, 3>> y{"y"};

  void configure() {
    for (auto *buffer : {&x, &g}) buffer->set_type(storage_of(dtype));
    y.set_type(storage_of(dtype));
  }
  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const auto coefficient = [&](int k) { return Real(coefficients(c, n, k)); };
    const Real value = load(dtype, x(s, c, n)), centre = coefficient(0);
    const Real n0 = slope == Slope::peak ? value * coefficient(1) : Standardized{centre, coefficient(1)}.of(value);
    const Real line = coefficient(3), shift = coefficient(4);
    const Real along = fma(slope_of(slope, value, n0, centre, f64(p)), line, shift);
    const Real arriving = load(dtype, g(s, c, n)), h = weighted ? arriving * Real(weight(s)) : arriving;
    const Real inner = fma(h, coefficient(2), select(bits(abs(line)) == word32(0), shift, along));
    y(s, c, n) = store(dtype, inner * coefficient(5));
  }
  void schedule() {
    if (channels_last) {
      for (auto *buffer : {&x, &g}) free_stride(*buffer, 1);
      free_stride(y, 1);
    }
    if (!channels_last || device()) free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (device()) return schedule_device();
    if (streamed) on_lines_of_cache(y, channels_last ? 1 : 0);
    schedule_apply(y, s, c, n, {vector_width, unroll}, channels_last, along_memory != 0);
  }

 private:
  Var s{"s"}, c{"c"}, n{"n"};

  bool device() const { return get_target().has_gpu_feature(); }

  void schedule_device() {
    const int dense = channels_last ? 1 : 0;
    from_zero(x, g, coefficients, weight, y);
    const Expr whole = aligned == 1 && whole_vectors(x, dense) && whole_vectors(g, dense) && whole_vectors(y, dense);
    device_apply(y, s, c, n, dense, whole, {threads, unroll});
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(GradientApply, gradient_apply)
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_apply_rows, gradient_apply, {{"channels_last", "false"}, {"weighted", "true"}})

#define KILN_REGISTER_SLOPE(name, slope)                                           \
  HALIDE_REGISTER_GENERATOR_ALIAS(gradient_##name##_contiguous, gradient_apply,    \
                                  {{"slope", #slope}, {"channels_last", "false"}}) \
  HALIDE_REGISTER_GENERATOR_ALIAS(gradient_##name##_channels_last, gradient_apply, \
                                  {{"slope", #slope}, {"channels_last", "true"}})
KILN_REGISTER_SLOPE(apply, line)
KILN_REGISTER_SLOPE(sign, sign)
KILN_REGISTER_SLOPE(peak, peak)
KILN_REGISTER_SLOPE(power, power)
#undef KILN_REGISTER_SLOPE
