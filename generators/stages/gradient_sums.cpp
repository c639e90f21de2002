// Sums of every segment of every plane that a normalization's gradient is made of: gradient_sums, whose form rows has a
// weight at each position; gradient_short_sums of short planes, side by side; gradient_peaks for a norm that is its
// largest magnitude, or its least.
#include "normalization/gradient_sums.h"

#include "stages/segment_stage.h"

namespace {

using namespace kiln;

class GradientSums : public SegmentStage<GradientSums, 3> {
 public:
  GeneratorParam<bool> weighted{"weighted", false};
  GeneratorParam<bool> peaks{"peaks", false};

  Input<Halide::Buffer<void, 3>> g{"g"};                     // (s, c, n): what arrives at the output
  Input<Halide::Buffer<float, 3>> statistics{"statistics"};  // (c, n, k): centre, rstd
  Input<Halide::Buffer<float, 1>> weight{"weight"};          // (s); read where weighted
  Input<int> aligned{"aligned"};

  void configure() {
    SegmentStage::configure();
    g.set_type(storage_of(dtype));
  }
  std::unique_ptr<TwoPass> accumulator(const Segments &segments) {
    const Var &c = segments.at.c, &n = segments.at.n;
    const Standardized by{Real(statistics(c, n, 0)), Real(statistics(c, n, 1))};
    const ValueAt arriving = [&](const Expr &s, const Expr &c, const Expr &n) {
      const Real value = load(dtype, g(s, c, n));
      return weighted ? value * Real(weight(s)) : value;
    };
    return std::make_unique<SegmentGradients>(segments, arriving, by, peaks);
  }
  void prepare_inputs() {
    if (channels_last) free_stride(g, 1);
    if (!channels_last || get_target().has_gpu_feature()) free_stride(statistics);
    if (get_target().has_gpu_feature()) from_zero(g, statistics, weight);
  }
  Expr whole_beside() { return whole_vectors(g, channels_last ? 1 : 0); }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(GradientSums, gradient_sums)
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_sums_contiguous, gradient_sums, {{"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_sums_channels_last, gradient_sums, {{"channels_last", "true"}})
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_sums_rows, gradient_sums, {{"channels_last", "false"}, {"weighted", "true"}})
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_short_sums_contiguous, gradient_sums,
                                {{"channels_last", "false"}, {"short_planes", "true"}})
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_short_sums_channels_last, gradient_sums,
                                {{"channels_last", "true"}, {"short_planes", "true"}})
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_short_sums_rows, gradient_sums,
                                {{"channels_last", "false"}, {"short_planes", "true"}, {"weighted", "true"}})
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_peaks_contiguous, gradient_sums,
                                {{"channels_last", "false"}, {"peaks", "true"}})
HALIDE_REGISTER_GENERATOR_ALIAS(gradient_peaks_channels_last, gradient_sums,
                                {{"channels_last", "true"}, {"peaks", "true"}})
