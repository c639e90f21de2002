// Stages of the normalizations by channel: partial moments of planes, their join, coefficients, running statistics, and
// the coefficients' use. docs/numerics.md says which operator takes which.
#include <Halide.h>

#include "math/store.h"
#include "normalization/affine.h"
#include "normalization/moments.h"
#include "normalization/statistics.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"
#include "schedules/gpu_reduction_schedule.h"
#include "schedules/gpu_rows_schedule.h"
#include "schedules/rows_schedule.h"

namespace {

using namespace kiln;

// Sum and centred sum of squares of every segment of every plane.
class ChannelMoments : public Halide::Generator<ChannelMoments> {
 public:
  GeneratorParam<bool> channels_last{"channels_last", false};  // channels lie side by side, not positions
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> block{"block", 64};  // channels worked on together (channels_last)
  GeneratorParam<int> steps{"steps", 8};
  GeneratorParam<int> threads{"threads", 128};
  GeneratorParam<std::string> estimates{"estimates", ""};
  GeneratorParam<int> channels{"channels", 32};  // of a block of threads

  Input<Halide::Buffer<float, 3>> x{"x"};                // (s, c, n); of planes at most kLongestPlane
  Input<double> eps{"eps"};                              // what the variance will be added to
  Input<int> aligned{"aligned"};                         // on devices: 1 if the address of x is a multiple of 16 bytes
  Output<Halide::Buffer<double, 4>> partial{"partial"};  // (c, seg, n, k): sum, centred sum of squares

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    vectors = x.dim(1).extent() >= vector_width;
    const ValueAt value = [&](const Expr &s, const Expr &c, const Expr &n) { return Real(x(s, c, n)); };
    for (auto *m : {&moments, &single}) {
      *m = std::make_unique<SegmentMoments>(value, x.dim(0).extent(), eps, at,
                                            device() ? Again::empty_loops : Again::branch);
    }
    const Expr both[] = {of_blocks(moments->sum(at.seg, at.c, at.n).expr(), single->sum(at.seg, at.c, at.n).expr()),
                         of_blocks(moments->m2(at.seg, at.c, at.n).expr(), single->m2(at.seg, at.c, at.n).expr())};
    partial(at.c, at.seg, at.n, k) = Halide::select(k == 0, both[0], both[1]);
  }
  void schedule() {
    if (channels_last) free_stride(x, 1);
    if (!channels_last || device()) free_stride(partial);
    if (autoscheduled(*this, estimates)) return;
    if (device()) {
      return device_moments(*moments, device_segments(partial, k, at, x, aligned == 1, channels_last, {threads, channels, steps}));
    }
    if (channels_last) {
      schedule_moments_of_pixels(
          *moments, *single,
          schedule_pixel_blocks(partial, k, at, x.dim(1).extent(), vectors, {{vector_width, steps}, block}));
    } else {
      schedule_moments_of_planes(*moments, schedule_planes(partial, k, at), kMostSegments, {vector_width, steps});
    }
  }

 private:
  Segment at{Var("seg"), Var("c"), Var("n")};
  Var k{"k"};
  Expr vectors;  // channels_last: there is a whole vector of channels
  std::unique_ptr<SegmentMoments> moments,
      single;  // of blocks of channels or planes; of single channels among channels_last

  bool device() const { return get_target().has_gpu_feature(); }

  Expr of_blocks(const Expr &moments, const Expr &single) {
    return channels_last && !device() && !using_autoscheduler() ? Halide::select(vectors, moments, single) : moments;
  }
};

// Mean and biased variance of what the dimensions i and seg hold together.
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

// Mean and variance that are given, as those that are measured.
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
    if (get_target().has_gpu_feature()) return device_joined(statistics, {c}, k, 2, {}, threads);
    schedule_joined_vectors(statistics, {c}, k, 2, {}, vector_width);
  }

 private:
  Var c{"c"}, k{"k"};
};

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
    coefficients(c, g, n, k) = Halide::mux(k, {all.scale.expr(), all.shift.expr(), all.factor.expr(), all.rest.expr()});
  }
  void schedule() {
    free_stride(statistics);
    free_stride(weight);
    free_stride(bias);
    free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_joined(coefficients, {c, g, n}, k, 4, {}, threads);
    schedule_joined_vectors(coefficients, {c, g, n}, k, 4, {}, vector_width);
  }

 private:
  Var c{"c"}, g{"g"}, n{"n"}, k{"k"};
};

// Running statistics moved towards those of a batch, or towards the average over n of those of its samples.
class UpdateStatistics : public Halide::Generator<UpdateStatistics> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 3>> statistics{"statistics"};  // (j, n, k): mean, biased variance
  Input<Halide::Buffer<float, 1>> running_mean{"running_mean"}, running_var{"running_var"};
  Input<double> count{"count"};  // values that each of the statistics is made of; at least 2
  Input<double> momentum{"momentum"};
  Output<Halide::Buffer<float, 1>> new_mean{"new_mean"}, new_var{"new_var"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const Expr samples = statistics.dim(1).extent();
    const Halide::RDom n(0, samples, "n");
    mean(j) = Expr(-0.0);
    mean(j) = (f64(mean(j)) + f64(statistics(j, n, 0))).expr();
    variance(j) = Expr(-0.0);
    variance(j) = (f64(variance(j)) + unbiased(f64(statistics(j, n, 1)), f64(count))).expr();
    new_mean(j) = canonical(moved(Real(running_mean(j)), f64(mean(j)) / f64(samples), f64(momentum)));
    new_var(j) = canonical(moved(Real(running_var(j)), f64(variance(j)) / f64(samples), f64(momentum)));
  }
  void schedule() {
    free_stride(statistics);
    free_stride(running_mean);
    free_stride(running_var);
    free_stride(new_mean);
    free_stride(new_var);
    if (autoscheduled(*this, estimates)) return;
    for (auto [statistic, moved] : {std::pair(mean, Func(new_mean)), std::pair(variance, Func(new_var))}) {
      if (get_target().has_gpu_feature())
        device_joined(moved, {j}, {statistic}, threads);
      else
        schedule_joined_vectors(moved, {j}, {statistic}, vector_width);
    }
  }

 private:
  Var j{"j"};
  Func mean{"mean"}, variance{"variance"};
};

// y = fma(fma(x, scale, shift), factor, rest), each channel of each sample by its own.
class ChannelApply : public Halide::Generator<ChannelApply> {
 public:
  GeneratorParam<bool> channels_last{"channels_last", false};
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 4};
  GeneratorParam<int> along_memory{"along_memory", 0};  // 1: all channels of a position in turn (channels_last)
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 3>> x{"x"};                        // (s, c, n)
  Input<Halide::Buffer<float, 3>> coefficients{"coefficients"};  // (c, n, k)
  Input<int> aligned{"aligned"};  // on devices: 1 if the addresses of x and y are multiples of 16 bytes
  Output<Halide::Buffer<float, 3>> y{"y"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const auto coefficient = [&](int k) { return Real(coefficients(c, n, k)); };
    const Coefficients all{coefficient(0), coefficient(1), coefficient(2), coefficient(3)};
    y(s, c, n) = canonical(all.apply(Real(x(s, c, n))));
  }
  void schedule() {
    if (channels_last) {
      free_stride(x, 1);
      free_stride(y, 1);
    }
    if (!channels_last || device()) free_stride(coefficients);
    if (autoscheduled(*this, estimates)) return;
    if (device()) return schedule_device();
    if (channels_last) {
      schedule_pixel_apply(y, s, c, n, {vector_width, unroll}, along_memory != 0);
    } else {
      schedule_plane_apply(y, s, {vector_width, unroll});
    }
  }

 private:
  Var s{"s"}, c{"c"}, n{"n"};

  bool device() const { return get_target().has_gpu_feature(); }

  void schedule_device() {
    const int dense = channels_last ? 1 : 0;
    Rectangle each{s, c, {n}, y.dim(dense).extent(), unroll, 1, threads};
    if (channels_last) each = {c, s, {n}, y.dim(dense).extent(), 1, unroll, threads};
    from_zero(x, coefficients, y);
    Halide::Stage whole = y.specialize(aligned == 1 && whole_vectors(x, dense) && whole_vectors(y, dense));
    each.loops(whole, 4, threads);
    each.loops(y, 1, threads);
  }
};

// layer_norm of rows longer than what layer_norm_rows takes: the last stage, with the bits that it would have.
class RowApply : public Halide::Generator<RowApply> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 1};
  GeneratorParam<int> rows{"rows", 1};
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 2>> x{"x"};                        // (s, r)
  Input<Halide::Buffer<float, 2>> coefficients{"coefficients"};  // (r, k)
  Input<Halide::Buffer<float, 1>> weight{"weight"}, bias{"bias"};
  Input<int> aligned{"aligned"};  // on devices: 1 if all these addresses are multiples of 16 bytes
  Output<Halide::Buffer<float, 2>> y{"y"};

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const auto coefficient = [&](int k) { return Real(coefficients(r, k)); };
    const Coefficients all{coefficient(0), coefficient(1), coefficient(2), coefficient(3)};
    y(s, r) = canonical(fma(all.apply(Real(x(s, r))), Real(weight(s)), Real(bias(s))));
  }
  void schedule() {
    free_stride(coefficients);
    const std::vector<Expr> memory = memory_of_parameters(weight, bias);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) {
      return device_row_apply({y, s, r, whole_rows(y, x, weight, bias, aligned == 1, memory)}, y.dim(0).extent(), {threads, unroll});
    }
    schedule_rows(y, s, r, memory, {vector_width, unroll, rows});
  }

 private:
  Var s{"s"}, r{"r"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(ChannelMoments, channel_moments)
HALIDE_REGISTER_GENERATOR_ALIAS(channel_moments_contiguous, channel_moments, {{"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(channel_moments_channels_last, channel_moments, {{"channels_last", "true"}})
HALIDE_REGISTER_GENERATOR(JoinMoments, combine_moments_combine)
HALIDE_REGISTER_GENERATOR(GivenStatistics, given_statistics_combine)
HALIDE_REGISTER_GENERATOR(ChannelCoefficients, channel_coefficients_combine)
HALIDE_REGISTER_GENERATOR(UpdateStatistics, update_statistics_combine)
HALIDE_REGISTER_GENERATOR(ChannelApply, channel_apply)
HALIDE_REGISTER_GENERATOR_ALIAS(channel_apply_contiguous, channel_apply, {{"channels_last", "false"}})
HALIDE_REGISTER_GENERATOR_ALIAS(channel_apply_channels_last, channel_apply, {{"channels_last", "true"}})
HALIDE_REGISTER_GENERATOR(RowApply, row_apply_rows)
