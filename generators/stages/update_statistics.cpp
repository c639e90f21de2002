// Running statistics moved towards those of a batch, or towards the average over n of those of its samples.
#include <Halide.h>

#include "math/element.h"
#include "normalization/statistics.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class UpdateStatistics : public Halide::Generator<UpdateStatistics> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 3>> statistics{"statistics"};  // (j, n, k): mean, biased variance
  Input<Halide::Buffer<float, 1>> running_mean{"running_mean"}, running_var{"running_var"};
  Input<double> count{"count"};  // values that each of the statistics is made of; at least 2
  Input<double> momentum{"momentum"};
  Output<Halide::Buffer<float, 1>> new_mean{"new_mean"}, new_var{"new_var"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const Expr samples = statistics.dim(1).extent();
    const Halide::RDom n(0, samples, "n");
    mean(j) = Expr(-0.0);
    mean(j) = (f64(mean(j)) + f64(statistics(j, n, 0))).expr();
    variance(j) = Expr(-0.0);
    variance(j) = (f64(variance(j)) + unbiased(f64(statistics(j, n, 1)), f64(count))).expr();
    new_mean(j) = canonical(moved(Real(running_mean(j)), f64(mean(j)) / f64(samples), f64(momentum)));
    new_var(j) = canonical(moved(Real(running_var(j)), f64(variance(j)) / f64(samples), f64(momentum)));
  }
  void schedule() {
    free_stride(statistics);
    free_stride(running_mean);
    free_stride(running_var);
    free_stride(new_mean);
    free_stride(new_var);
    if (autoscheduled(*this, estimates)) return;
    for (auto [statistic, moved] : {std::pair(mean, Func(new_mean)), std::pair(variance, Func(new_var))}) {
      if (get_target().has_gpu_feature())
        device_combine(moved, {j}, {statistic}, threads);
      else
        schedule_combine_vectors(moved, {j}, {statistic}, vector_width);
    }
  }

 private:
  Var j{"j"};
  Func mean{"mean"}, variance{"variance"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(UpdateStatistics, update_statistics_combine)
