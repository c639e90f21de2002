// The numbers that standardize each channel of each sample, with its weight and bias.
#include <Halide.h>

#include "normalization/affine.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class ChannelCoefficients : public Halide::Generator<ChannelCoefficients> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 4>> statistics{"statistics"};       // (c, g, n, k): mean, biased variance
  Input<Halide::Buffer<float, 2>> weight{"weight"}, bias{"bias"};  // (c, g)
  Input<double> eps{"eps"};
  Output<Halide::Buffer<float, 4>> coefficients{"coefficients"};  // (c, g, n, k): those of affine.h

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const Coefficients all = standardizing(f64(statistics(c, g, n, 0)), f64(statistics(c, g, n, 1)), f64(eps),
                                           Real(weight(c, g)), Real(bias(c, g)));
    coefficients(c, g, n, k) = Halide::mux(k, all.numbers());
  }
  void schedule() {
    free_stride(statistics);
    free_stride(weight);
    free_stride(bias);
    free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(coefficients, {c, g, n}, k, 4, {}, threads);
    schedule_combine_vectors(coefficients, {c, g, n}, k, 4, {}, vector_width);
  }

 private:
  Var c{"c"}, g{"g"}, n{"n"}, k{"k"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(ChannelCoefficients, channel_coefficients_combine)
