// Mean and biased variance of what the dimensions i and seg hold together.
#include <Halide.h>

#include "normalization/statistics.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class CombineMoments : public Halide::Generator<CombineMoments> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 4>> partial{"partial"};         // (j, i, seg, k)
  Input<int64_t> length{"length"};                             // values in a plane
  Output<Halide::Buffer<double, 2>> statistics{"statistics"};  // (j, k): mean, biased variance

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    combined = std::make_unique<CombinedMoments>(partial, length, j);
    statistics(j, k) = Halide::select(k == 0, combined->mean(j), combined->variance().expr());
  }
  void schedule() {
    free_stride(partial);
    free_stride(statistics);
    if (autoscheduled(*this, estimates)) return;
    const std::vector<Func> intermediate{combined->sum, combined->mean, combined->m2};
    if (get_target().has_gpu_feature()) return device_combine(statistics, {j}, k, 2, intermediate, threads);
    schedule_combine_vectors(statistics, {j}, k, 2, intermediate, vector_width);
  }

 private:
  Var j{"j"}, k{"k"};
  std::unique_ptr<CombinedMoments> combined;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(CombineMoments, combine_moments_combine)
