// Stages of normalize, x / max(|x|_p, eps): norms of segments, and the coefficients that these are combined into.
// channel_apply applies them.
#include "normalization/norm_combine.h"
#include "normalization/norms.h"
#include "schedules/gpu_map_schedule.h"
#include "stages/segment_stage.h"

namespace {

using namespace kiln;

const std::map<std::string, Norm> norm_names{
    {"two", Norm::two}, {"one", Norm::one}, {"max", Norm::max}, {"general", Norm::general}};

class NormPartial : public SegmentStage<NormPartial> {
 public:
  GeneratorParam<Norm> norm{"norm", Norm::two, norm_names};

  Input<double> eps{"eps"};  // as channel_moments has it, and unused: both are called alike
  Input<double> p{"p"};      // of the general norm, like mode
  Input<int> mode{"mode"};   // a GeneralNorm
  Input<int> aligned{"aligned"};

  std::unique_ptr<TwoPass> accumulator(const Segments &segments) {
    return std::make_unique<SegmentNorm>(norm, segments, p, mode);
  }
};

// The coefficients of channel_apply.
class NormCombine : public Halide::Generator<NormCombine> {
 public:
  GeneratorParam<Norm> norm{"norm", Norm::two, norm_names};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 4>> partial{"partial"};  // (j, n, seg, k)
  Input<double> eps{"eps"};
  Input<double> p{"p"};
  Input<int> mode{"mode"};
  Output<Halide::Buffer<float, 3>> coefficients{"coefficients"};  // (j, n, k): those of affine.h

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    combined = std::make_unique<CombinedNorm>(norm, partial, p, mode, j, n);
    const Float64 value = f64(combined->value(j, n)), least = f64(eps);
    const Coefficients all = dividing_by(select(value < least, least, value));
    coefficients(j, n, k) = Halide::mux(k, all.numbers());
  }
  void schedule() {
    free_stride(partial);
    free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) {
      return device_combine(coefficients, {j, n}, k, 4, combined->functions(), threads);
    }
    schedule_combine(coefficients, {j, n}, k, 4, combined->functions());
  }

 private:
  Var j{"j"}, n{"n"}, k{"k"};
  std::unique_ptr<CombinedNorm> combined;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(NormPartial, norm_partial)
HALIDE_REGISTER_GENERATOR(NormCombine, norm_combine)

#define KILN_REGISTER_NORM(norm)                                                 \
  HALIDE_REGISTER_GENERATOR_ALIAS(norm_##norm##_contiguous, norm_partial,        \
                                  {{"norm", #norm}, {"channels_last", "false"}}) \
  HALIDE_REGISTER_GENERATOR_ALIAS(norm_##norm##_channels_last, norm_partial,     \
                                  {{"norm", #norm}, {"channels_last", "true"}})  \
  HALIDE_REGISTER_GENERATOR_ALIAS(norm_##norm##_combine, norm_combine, {{"norm", #norm}})
KILN_REGISTER_NORM(two)
KILN_REGISTER_NORM(one)
KILN_REGISTER_NORM(max)
KILN_REGISTER_NORM(general)
