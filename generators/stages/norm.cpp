// Stages of normalize, x / max(|x|_p, eps): norms of segments, and their join into coefficients. channel_apply applies
// them.
#include <Halide.h>

#include "normalization/norm_join.h"
#include "normalization/norms.h"
#include "schedules/buffers.h"
#include "schedules/estimates.h"
#include "schedules/gpu_reduction_schedule.h"
#include "schedules/normalize_schedule.h"

namespace {

using namespace kiln;

const std::map<std::string, Norm> norm_names{
    {"two", Norm::two}, {"one", Norm::one}, {"max", Norm::max}, {"general", Norm::general}};

class NormPartial : public Halide::Generator<NormPartial> {
 public:
  GeneratorParam<Norm> norm{"norm", Norm::two, norm_names};
  GeneratorParam<bool> channels_last{"channels_last", false};  // norms lie side by side, not the values of one
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> block{"block", 64};  // norms worked on together (channels_last)
  GeneratorParam<int> steps{"steps", 8};
  GeneratorParam<int> threads{"threads", 128};
  GeneratorParam<int> channels{"channels", 32};  // norms of a block of threads
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 3>> x{"x"};                // (s, c, n), a norm over s; of planes at most kLongestPlane
  Input<double> eps{"eps"};                              // a norm below it need not be exact
  Input<double> p{"p"};                                  // of the general norm, like mode
  Input<int> mode{"mode"};                               // a GeneralNorm
  Input<int> aligned{"aligned"};                         // on devices: 1 if the address of x is a multiple of 16 bytes
  Output<Halide::Buffer<double, 4>> partial{"partial"};  // (c, seg, n, k): value, exponent

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    vectors = x.dim(1).extent() >= vector_width;
    const ValueAt value = [&](const Expr &s, const Expr &c, const Expr &n) { return Real(x(s, c, n)); };
    for (auto *p : {&norms, &single}) {
      *p = std::make_unique<PartialNorm>(norm, value, x.dim(0).extent(), eps, this->p, mode, at,
                                         device() ? Again::empty_loops : Again::branch);
    }
    partial(at.c, at.seg, at.n, k) = Halide::select(k == 0, of_blocks(0), of_blocks(1));
  }
  void schedule() {
    if (channels_last) free_stride(x, 1);
    if (!channels_last || device()) free_stride(partial);
    if (autoscheduled(*this, estimates)) return;
    if (device()) {
      return device_norm(*norms,
                         device_segments(partial, k, at, x, aligned == 1, channels_last, {threads, channels, steps}));
    }
    if (channels_last) {
      schedule_norm_of_pixels(
          *norms, *single,
          schedule_pixel_blocks(partial, k, at, x.dim(1).extent(), vectors, {{vector_width, steps}, block}));
    } else {
      schedule_norm_of_planes(*norms, at, schedule_planes(partial, k, at), kMostSegments, {vector_width, steps});
    }
  }

 private:
  Segment at{Var("seg"), Var("c"), Var("n")};
  Var k{"k"};
  Expr vectors;                                // channels_last: there is a whole vector of norms
  std::unique_ptr<PartialNorm> norms, single;  // of blocks of norms or planes; of single ones among channels_last

  bool device() const { return get_target().has_gpu_feature(); }

  Expr of_blocks(int i) {
    const Expr of_norms = norms->norm(at.seg, at.c, at.n)[i];
    const bool both = channels_last && !device() && !using_autoscheduler();
    return both ? Halide::select(vectors, of_norms, single->norm(at.seg, at.c, at.n)[i]) : of_norms;
  }
};

// The coefficients of channel_apply.
class NormJoined : public Halide::Generator<NormJoined> {
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
    joined = std::make_unique<JoinedNorm>(norm, partial, p, mode, j, n);
    const Coefficients all = dividing_by(f64(joined->value(j, n)), f64(eps));
    coefficients(j, n, k) = Halide::mux(k, {all.scale.expr(), all.shift.expr(), all.factor.expr(), all.rest.expr()});
  }
  void schedule() {
    free_stride(partial);
    free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) {
      return device_joined(coefficients, {j, n}, k, 4, joined->functions(), threads);
    }
    schedule_joined(coefficients, {j, n}, k, 4, joined->functions());
  }

 private:
  Var j{"j"}, n{"n"}, k{"k"};
  std::unique_ptr<JoinedNorm> joined;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(NormPartial, norm_partial)
HALIDE_REGISTER_GENERATOR(NormJoined, norm_combine)

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
