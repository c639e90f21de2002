// What values are standardized by, in float32: mean and 1 / sqrt(variance + eps). Planes i of group j in sample n share
// them.
#include <Halide.h>

#include "math/element.h"
#include "math/float64.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class StandardStatistics : public Halide::Generator<StandardStatistics> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 3>> moments{"moments"};  // (j, n, k): mean, biased variance
  Input<double> eps{"eps"};
  Output<Halide::Buffer<float, 4>> statistics{"statistics"};  // (i, j, n, k)

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const Real mean = f32(f64(moments(j, n, 0)));
    const Real rstd = f32(Float64(1.0) / sqrt(f64(moments(j, n, 1)) + f64(eps)));
    statistics(i, j, n, k) = Halide::mux(k, {canonical(mean), canonical(rstd)});
  }
  void schedule() {
    free_stride(moments);
    free_stride(statistics);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(statistics, {i, j, n}, k, 2, {}, threads);
    const Expr adjacent = moments.dim(0).stride() == 1 && statistics.dim(1).stride() == 1;
    schedule_combine_sets(statistics, {i, j, n}, k, 2, adjacent, vector_width);
  }

 private:
  Var i{"i"}, j{"j"}, n{"n"}, k{"k"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(StandardStatistics, standard_statistics_combine)
