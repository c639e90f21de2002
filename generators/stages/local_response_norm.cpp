// The one stage of local_response_norm. lrn_three_quarters, lrn_half and lrn_one are for windows of 5 channels and
// these powers; lrn_general for all others.
#include <Halide.h>

#include "normalization/local_response.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_local_response_schedule.h"
#include "schedules/local_response_schedule.h"

namespace {

using namespace kiln;

class LocalResponseNorm : public Halide::Generator<LocalResponseNorm> {
 public:
  GeneratorParam<Power> power{"power",
                              Power::three_quarters,
                              {{"three_quarters", Power::three_quarters},
                               {"half", Power::half},
                               {"one", Power::one},
                               {"general", Power::general}}};
  GeneratorParam<bool> channels_last{"channels_last", false};  // channels lie side by side, not positions
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<int> widest{"widest", 64};       // threads side by side along memory
  GeneratorParam<int> positions{"positions", 4};  // worked on together (channels_last)
  GeneratorParam<int> prefetch{"prefetch", 0};    // rows of positions fetched ahead of their use (contiguous)
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 3>> x{"x"};       // (s, c, n); of planes at most kMostPositions; not the output
  Input<int> before{"before"}, after{"after"};  // the window of c is c - before ... c + after
  Input<double> size{"size"};                   // what the sum of its squares is divided by
  Input<double> alpha{"alpha"}, beta{"beta"}, k{"k"};
  Output<Halide::Buffer<float, 3>> y{"y"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    response = std::make_unique<LocalResponse>(power, asked(), Tile{positions, vector_width}, before, after, size,
                                               alpha, beta, k, s, c, n);
    response->define(x);
    y(s, c, n) = response->result;
  }
  void schedule() {
    if (channels_last) {
      free_stride(x, 1);
      free_stride(y, 1);
    }
    if (autoscheduled(*this, estimates)) return;
    if (device()) {
      Rectangle each{s, c, {n}, y.dim(0).extent(), 1, 1, widest};
      if (channels_last) each = {c, s, {n}, y.dim(1).extent(), 1, 1, widest};
      return device_local_response(y, *response, each, threads);
    }
    if (asked() == Rare::tiles) {
      from_zero(x, y);
      for (int d = 0; d < 3; d++) y.dim(d).set_extent(x.dim(d).extent());
    }
    schedule_local_response(y, x, *response, {s, c, n, channels_last, vector_width, positions, prefetch});
  }

 private:
  Var s{"s"}, c{"c"}, n{"n"};
  std::unique_ptr<LocalResponse> response;

  Rare asked() const { return device() ? Rare::elements : channels_last ? Rare::tiles : Rare::rows; }
  bool device() const { return get_target().has_gpu_feature(); }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(LocalResponseNorm, lrn)

#define KILN_REGISTER_LRN(power)                                                                                  \
  HALIDE_REGISTER_GENERATOR_ALIAS(lrn_##power##_contiguous, lrn, {{"power", #power}, {"channels_last", "false"}}) \
  HALIDE_REGISTER_GENERATOR_ALIAS(lrn_##power##_channels_last, lrn, {{"power", #power}, {"channels_last", "true"}})
KILN_REGISTER_LRN(three_quarters)
KILN_REGISTER_LRN(half)
KILN_REGISTER_LRN(one)
KILN_REGISTER_LRN(general)
