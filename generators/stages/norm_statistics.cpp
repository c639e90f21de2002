// What values are divided by, out of the norms of segments: the reciprocal of max(norm, eps), or of the root of their
// mean square, in float32.
#include "math/element.h"
#include "normalization/norm_combine.h"
#include "normalization/norms.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class NormStatistics : public Halide::Generator<NormStatistics> {
 public:
  GeneratorParam<Norm> norm{
      "norm", Norm::two, {{"two", Norm::two}, {"one", Norm::one}, {"max", Norm::max}, {"general", Norm::general}}};
  GeneratorParam<bool> rms{"rms", false};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 4>> partial{"partial"};  // (j, n, seg, k)
  Input<double> count{"count"};                         // of values, for their mean
  Input<double> eps{"eps"};
  Input<double> p{"p"};  // as norms.h has it, like mode
  Input<int> mode{"mode"};
  // (j, n, k): -0, or of infinite p the norm; the reciprocal; 0 where the norm is not above eps.
  Output<Halide::Buffer<float, 3>> statistics{"statistics"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    combined = std::make_unique<CombinedNorm>(norm, partial, p, mode, j, n);
    const Float64 value = f64(combined->value(j, n)), least = f64(eps);
    const Float64 root = sqrt(value * value / f64(count) + least);
    const Float64 divisor = rms ? root : select(value < least, least, value);
    const Expr infinite = norm == Norm::max ? Halide::Internal::const_true() : mode == norm_least;
    const Real centre = select(infinite, f32(value), from_bits(word32(0x80000000u)));
    // p = 0 counts values, and no value changes that.
    const Expr active = value > least && value != Float64(0.0) && mode != norm_count;
    statistics(j, n, k) = Halide::mux(
        k, {centre.expr(), canonical(f32(Float64(1.0) / divisor)), Halide::select(active, Expr(1.0f), Expr(0.0f))});
  }
  void schedule() {
    free_stride(partial);
    free_stride(statistics);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(statistics, {j, n}, k, 3, combined->functions(), threads);
    schedule_combine(statistics, {j, n}, k, 3, combined->functions());
  }

 private:
  Var j{"j"}, n{"n"}, k{"k"};
  std::unique_ptr<CombinedNorm> combined;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(NormStatistics, norm_statistics)
HALIDE_REGISTER_GENERATOR_ALIAS(rms_statistics_combine, norm_statistics, {{"rms", "true"}})
HALIDE_REGISTER_GENERATOR_ALIAS(norm_two_statistics_combine, norm_statistics, {{"norm", "two"}})
HALIDE_REGISTER_GENERATOR_ALIAS(norm_one_statistics_combine, norm_statistics, {{"norm", "one"}})
HALIDE_REGISTER_GENERATOR_ALIAS(norm_max_statistics_combine, norm_statistics, {{"norm", "max"}})
HALIDE_REGISTER_GENERATOR_ALIAS(norm_general_statistics_combine, norm_statistics, {{"norm", "general"}})
