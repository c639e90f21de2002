// Mean and biased variance of what the dimensions i and seg hold together.
#include <Halide.h>

#include "normalization/statistics.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class JoinMoments : public Halide::Generator<JoinMoments> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 4>> partial{"partial"};         // (j, i, seg, k)
  Input<int64_t> length{"length"};                             // values in a plane
  Output<Halide::Buffer<double, 2>> statistics{"statistics"};  // (j, k): mean, biased variance

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    joined = std::make_unique<JoinedMoments>(partial, length, j);
    statistics(j, k) = Halide::select(k == 0, joined->mean(j), joined->variance().expr());
  }
  void schedule() {
    free_stride(partial);
    free_stride(statistics);
    if (autoscheduled(*this, estimates)) return;
    const std::vector<Func> intermediate{joined->sum, joined->mean, joined->m2};
    if (get_target().has_gpu_feature()) return device_joined(statistics, {j}, k, 2, intermediate, threads);
    schedule_joined_vectors(statistics, {j}, k, 2, intermediate, vector_width);
  }

 private:
  Var j{"j"}, k{"k"};
  std::unique_ptr<JoinedMoments> joined;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(JoinMoments, combine_moments_combine)
