// Gradients of weight and bias: gradient_planes has those of single planes by channel, gradient_totals adds up samples.
// gradient_row_totals adds up turns of rows (gradient_rows.cpp), those of a block of kRowBlock rows first.
#include <Halide.h>

#include "math/element.h"
#include "math/float64.h"
#include "schedules/buffers.h"
#include "schedules/channels_schedule.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class GradientPlanes : public Halide::Generator<GradientPlanes> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 5>> partial{"partial"};  // (i, j, n, seg, k): sums of n0, g, g n0
  Input<Halide::Buffer<double, 3>> means{"means"};      // (j, n, k): the first is that of n0
  Output<Halide::Buffer<double, 4>> planes{"planes"};   // (i, j, n, k): sums of g n and g, n = n0 less its mean

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const RDom seg(0, partial.dim(3).extent(), "seg");
    sums(i, j, n) = Tuple(Expr(0.0), Expr(0.0));
    const Tuple before = sums(i, j, n);
    sums(i, j, n) = Tuple((f64(before[0]) + f64(partial(i, j, n, seg, 2))).expr(),
                          (f64(before[1]) + f64(partial(i, j, n, seg, 1))).expr());
    const Tuple all = sums(i, j, n);
    const Float64 g = f64(all[1]), of_weight = f64(all[0]) - f64(means(j, n, 0)) * g;
    planes(i, j, n, k) = Halide::mux(k, {of_weight.expr(), g.expr()});
  }
  void schedule() {
    free_stride(partial);
    free_stride(means);
    free_stride(planes);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(planes, {i, j, n}, k, 2, {sums}, threads);
    schedule_combine_vectors(planes, {i, j, n}, k, 2, {sums}, vector_width);
  }

 private:
  Var i{"i"}, j{"j"}, n{"n"}, k{"k"};
  Func sums{"sums"};
};

class GradientTotals : public Halide::Generator<GradientTotals> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<double, 2>> parts{"parts"};    // (c, n)
  Output<Halide::Buffer<float, 1>> totals{"totals"};  // (c)

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const RDom n(0, parts.dim(1).extent(), "n");
    sum(c) = Expr(0.0);
    sum(c) = (f64(sum(c)) + f64(parts(c, n))).expr();
    totals(c) = canonical(f32(f64(sum(c))));
  }
  void schedule() {
    free_stride(totals);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(totals, {c}, {sum}, threads);
    schedule_combine_vectors(totals, {c}, {sum}, vector_width);
  }

 private:
  Var c{"c"};
  Func sum{"sum"};
};

class GradientRowTotals : public Halide::Generator<GradientRowTotals> {
 public:
  GeneratorParam<int> vector_width{"vector_width", 4};
  GeneratorParam<int> threads{"threads", 64};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<float, 2>> turns{"turns"};     // (s, turn)
  Output<Halide::Buffer<float, 1>> totals{"totals"};  // (s)

  void generate() {
    const ArithmeticScope arithmetic(get_target());
    const int of_block = static_cast<int>(kRowBlock / kRowTurn);
    const Expr count = turns.dim(1).extent(), last = Halide::max(count, 1) - 1;
    const RDom block(0, (count + of_block - 1) / of_block, "block");
    Float64 part = 0.0;
    for (int i = 0; i < of_block; ++i) {
      const Expr turn = block * of_block + i;
      part = part + select(turn < count, f64(Real(turns(s, Halide::min(turn, last)))), 0.0);
    }
    sum(s) = Expr(0.0);
    sum(s) = (f64(sum(s)) + part).expr();
    totals(s) = canonical(f32(f64(sum(s))));
  }
  void schedule() {
    free_stride(totals);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return device_combine(totals, {s}, {sum}, threads);
    schedule_combine_vectors(totals, {s}, {sum}, vector_width);
  }

 private:
  Var s{"s"};
  Func sum{"sum"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(GradientPlanes, gradient_planes_combine)
HALIDE_REGISTER_GENERATOR(GradientTotals, gradient_totals_combine)
HALIDE_REGISTER_GENERATOR(GradientRowTotals, gradient_row_totals_combine)
