// The one stage of the gradient of local_response_norm: any window, any power.
#include "normalization/local_response_gradient.h"

#include <Halide.h>

#include "schedules/buffers.h"
#include "schedules/estimates.h"
#include "schedules/local_response_gradient_schedule.h"

namespace {

using namespace kiln;

class LocalResponseGradientStage : public Halide::Generator<LocalResponseGradientStage> {
 public:
  GeneratorParam<bool> channels_last{"channels_last", false};  // channels lie side by side, not positions
  GeneratorParam<Element> dtype{"dtype", Element::float32, elements_by_name()};
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<int> widest{"widest", 64};  // threads side by side along memory
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<void, 3>> g{"g"}, x{"x"};  // (s, c, n), all channels; on CPUs either may be the output
  Input<int> before{"before"}, after{"after"};    // the window of c is c - before ... c + after
  Input<double> size{"size"};                     // what the sum of its squares is divided by
  Input<double> alpha{"alpha"}, beta{"beta"}, k{"k"};
  Input<int> power{"power"};  // a GradientPower
  Output<Halide::Buffer<void, 3>> y{"y"};

  void configure() {
    for (auto *input : {&g, &x}) input->set_type(storage_of(dtype));
    y.set_type(storage_of(dtype));
  }
  void generate() {
    const ArithmeticScope arithmetic(get_target());
    gradient = std::make_unique<LocalResponseGradient>(
        dtype, lanes(), ResponseArguments{before, after, size, alpha, beta, k, power}, s, c, n);
    gradient->define(g, x);
    y(s, c, n) = gradient->result;
  }
  void schedule() {
    if (channels_last) {
      free_stride(g, 1);
      free_stride(x, 1);
      free_stride(y, 1);
    }
    if (autoscheduled(*this, estimates)) return;
    if (device()) {
      Rectangle each{s, c, {n}, y.dim(0).extent(), 1, 1, widest};
      if (channels_last) each = {c, s, {n}, y.dim(1).extent(), 1, 1, widest};
      device_response_gradient(y, *gradient, each, threads);
      return specialize();
    }
    from_zero(g, x, y);
    for (int d = 0; d < 3; d++) {
      g.dim(d).set_extent(x.dim(d).extent());
      y.dim(d).set_extent(x.dim(d).extent());
    }
    schedule_response_gradient(y, *gradient, {s, c, n, channels_last, vector_width});
    specialize();
  }

 private:
  // Not s: Halide 21 takes such a name for the end of another, and adds the first index of a vector twice.
  Var s{"position"}, c{"c"}, n{"n"};
  std::unique_ptr<LocalResponseGradient> gradient;

  bool device() const { return get_target().has_gpu_feature(); }
  Lanes lanes() const { return device() ? Lanes::each_alone : channels_last ? Lanes::channels : Lanes::positions; }

  void specialize() {
    Func f = device() ? Func(y) : gradient->parts;
    for (GradientPower each : {GradientPower::three_quarters, GradientPower::half, GradientPower::one})
      (device() ? Halide::Stage(f) : f.update(1)).specialize(power == static_cast<int>(each));
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(LocalResponseGradientStage, gradient_response)
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_response_contiguous, gradient_response, {{"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_response_channels_last, gradient_response, {{"channels_last", "true"}})
