// From the sums of gradient_sums.h to the numbers that gradient_apply takes. Planes i of group j in sample n share
// statistics.
#include <Halide.h>

#include "math/float64.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

// Which means: those of a standardized value that is centred, or is not; what a norm takes, which infinite ones share
// out among the values of its magnitude; or none, where statistics are no function of the input
// (runtime/plans/gradient.h).
enum Way { centred = 0, scaled = 1, norm = 2, norm_of_peaks = 3, none = 4 };

class GradientMeans : public Halide::Generator<GradientMeans> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 5>> partial{"partial"};  // (i, j, n, seg, k): sums of n0, h, h n0
  Input<Halide::Buffer<float, 2>> weight{"weight"};     // (i, j)
  Input<Halide::Buffer<float, 2>> active{"active"};     // (j, n): of a norm, 0 where eps takes its place
  Input<double> count{"count"};                         // of what is normalized together
  Input<int> way{"way"};
  Output<Halide::Buffer<double, 3>> means{"means"};  // (j, n, k): of n0, h, and h (n0 less its mean)

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const RDom r(0, partial.dim(0).extent(), 0, partial.dim(3).extent(), "part");
    const auto sum = [&](int k) { return f64(partial(r.x, j, n, r.y, k)); };
    const Float64 w = f64(Real(weight(r.x, j)));
    sums(j, n) = Tuple(Expr(0.0), Expr(0.0), Expr(0.0));
    const Tuple before = sums(j, n);
    sums(j, n) = Tuple((f64(before[0]) + sum(0)).expr(), (f64(before[1]) + w * sum(1)).expr(),
                       (f64(before[2]) + w * sum(2)).expr());
    const Tuple all = sums(j, n);
    const Float64 total = f64(count), first = f64(all[0]), moment = f64(all[2]);
    const Expr is_centred = way == centred, of_norm = way == norm || way == norm_of_peaks;
    const Float64 offset = select(is_centred, first / total, 0.0), mean = select(is_centred, f64(all[1]) / total, 0.0);
    const Float64 shared = moment / select(way == norm_of_peaks, first, select(of_norm, 1.0, total));
    const Float64 product = select(way == none || (of_norm && active(j, n) == 0.0f), 0.0, shared - offset * mean);
    means(j, n, k) = Halide::mux(k, {offset.expr(), mean.expr(), product.expr()});
  }
  void schedule() {
    free_stride(partial);
    free_stride(weight);
    free_stride(active);
    free_stride(means);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(means, {j, n}, k, 3, {sums}, threads);
    schedule_combine_vectors(means, {j, n}, k, 3, {sums}, vector_width);
  }

 private:
  Var j{"j"}, n{"n"}, k{"k"};
  Func sums{"sums"};
};

// With the mean d of n0, n = n0 - d: rstd (w g - mean(h) - n mean(h n)) is fma(g, factor, fma(n0, line, shift)) outer.
// outer is 1, or a power of two that keeps the others from 2^-100 to 2^100 where the largest is not.
class GradientCoefficients : public Halide::Generator<GradientCoefficients> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 4>> statistics{"statistics"};       // (i, j, n, k): centre, rstd
  Input<Halide::Buffer<double, 3>> means{"means"};                // (j, n, k)
  Input<Halide::Buffer<float, 2>> weight{"weight"};               // (i, j)
  Output<Halide::Buffer<float, 4>> coefficients{"coefficients"};  // (i, j, n, k): those of gradient_apply

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const Expr centre = statistics(i, j, n, 0), root = statistics(i, j, n, 1);
    const Float64 rstd = f64(Real(root)), offset = f64(means(j, n, 0)), mean = f64(means(j, n, 1));
    const Float64 product = f64(means(j, n, 2));
    const Float64 factor = rstd * f64(Real(weight(i, j))), line = negative(rstd * product),
                  shift = negative(rstd * select(offset == Float64(0.0), mean, mean - offset * product));
    const Expr most = Halide::max(exponent64(factor), exponent64(line), exponent64(shift));
    const Expr beyond = Halide::clamp(most - Halide::clamp(most, -100, 100), -126, 127);
    const auto inner = [&](const Float64 &x) { return f32(x * two_to_64(-beyond)).expr(); };
    coefficients(i, j, n, k) =
        Halide::mux(k, {centre, root, inner(factor), inner(line), inner(shift), two_to(beyond).expr()});
  }
  void schedule() {
    free_stride(statistics);
    free_stride(means);
    free_stride(weight);
    free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(coefficients, {i, j, n}, k, 6, {}, threads);
    const Expr adjacent =
        statistics.dim(1).stride() == 1 && means.dim(0).stride() == 1 && coefficients.dim(1).stride() == 1;
    schedule_combine_sets(coefficients, {i, j, n}, k, 6, adjacent, vector_width);
  }

 private:
  Var i{"i"}, j{"j"}, n{"n"}, k{"k"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(GradientMeans, gradient_means_combine)
HALIDE_REGISTER_GENERATOR(GradientCoefficients, gradient_coefficients_combine)
