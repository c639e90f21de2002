// Mean and variance that are given, as those that are measured.
#include <Halide.h>

#include "math/float64.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class GivenStatistics : public Halide::Generator<GivenStatistics> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 1>> mean{"mean"}, variance{"variance"};
  Output<Halide::Buffer<double, 2>> statistics{"statistics"};  // (c, k)

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    statistics(c, k) = Halide::select(k == 0, f64(Real(mean(c))).expr(), f64(Real(variance(c))).expr());
  }
  void schedule() {
    free_stride(mean);
    free_stride(variance);
    free_stride(statistics);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(statistics, {c}, k, 2, {}, threads);
    schedule_combine_vectors(statistics, {c}, k, 2, {}, vector_width);
  }

 private:
  Var c{"c"}, k{"k"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(GivenStatistics, given_statistics_combine)
