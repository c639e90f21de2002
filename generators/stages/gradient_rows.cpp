// Sums over rows, position by position, that the gradients of a weight and a bias of rows are: g n and g, where n is
// the standardized value. Rows are summed in blocks of kRowBlock, each of them in float32 turns of kRowTurn rows, which
// are added in float64: the shape depends on the number of a row alone.
#include <Halide.h>

#include "math/element.h"
#include "math/float64.h"
#include "schedules/buffers.h"
#include "schedules/estimates.h"
#include "schedules/gpu_map_schedule.h"

namespace {

using namespace kiln;

class GradientRows : public Halide::Generator<GradientRows> {
 public:
  GeneratorParam<Element> dtype{"dtype", Element::float32, elements_by_name()};  // of x and g
  GeneratorParam<int> vector_width{"vector_width", 8};
  GeneratorParam<int> unroll{"unroll", 2};
  GeneratorParam<int> threads{"threads", 256};
  GeneratorParam<std::string> estimates{"estimates", ""};

  Input<Halide::Buffer<void, 2>> x{"x"}, g{"g"};             // (s, r)
  Input<Halide::Buffer<float, 2>> statistics{"statistics"};  // (r, k): centre, rstd
  Input<Halide::Buffer<double, 1>> offsets{"offsets"};       // (r): the mean of (x - centre) rstd
  Output<Halide::Buffer<double, 3>> sums{"sums"};            // (s, block, k)

  void configure() {
    for (auto *buffer : {&x, &g}) buffer->set_type(storage_of(dtype));
  }
  void generate() {
    const ArithmeticScope arithmetic(get_target());
    turn_dom = RDom(0, static_cast<int>(kRowTurn), "turn");
    block_dom = RDom(0, static_cast<int>(kRowBlock / kRowTurn), "of_block");
    const Expr first = block * static_cast<int>(kRowBlock) + e * static_cast<int>(kRowTurn), r = first + turn_dom;
    turn_dom.where(Halide::likely(r < x.dim(1).extent()));
    const Real arriving = load(dtype, g(s, r)), deviation = load(dtype, x(s, r)) - Real(statistics(r, 0));
    const Real n = fma(deviation, Real(statistics(r, 1)), -f32(f64(offsets(r))));
    turn(s, e, block) = Tuple(0.0f, 0.0f);
    const Tuple before = turn(s, e, block);
    turn(s, e, block) = Tuple(fma(arriving, n, Real(before[0])).expr(), (Real(before[1]) + arriving).expr());
    total(s, block) = Tuple(Expr(0.0), Expr(0.0));
    const Tuple so_far = total(s, block), next = turn(s, block_dom, block);
    total(s, block) = Tuple((f64(so_far[0]) + f64(Real(next[0]))).expr(), (f64(so_far[1]) + f64(Real(next[1]))).expr());
    sums(s, block, k) = Halide::mux(k, {total(s, block)[0], total(s, block)[1]});
  }
  void schedule() {
    free_stride(statistics);
    free_stride(offsets);
    if (autoscheduled(*this, estimates)) return;
    if (get_target().has_gpu_feature()) return schedule_device();
    const Var so("so");
    const int width = static_cast<int>(vector_width) * static_cast<int>(unroll);
    sums.bound(k, 0, 2)
        .split(s, so, s, width, Halide::TailStrategy::GuardWithIf)
        .reorder(s, k, so, block)
        .vectorize(s, vector_width)
        .unroll(k);
    for (Func f : {total, turn}) f.bound_storage(s, width);
    total.compute_at(sums, so).vectorize(s, vector_width, Halide::TailStrategy::GuardWithIf);
    total.update().reorder(s, block_dom).vectorize(s, vector_width, Halide::TailStrategy::GuardWithIf);
    turn.compute_at(total, block_dom).vectorize(s, vector_width, Halide::TailStrategy::GuardWithIf);
    turn.update().reorder(s, turn_dom).vectorize(s, vector_width, Halide::TailStrategy::GuardWithIf);
  }

 private:
  Var s{"s"}, block{"block"}, k{"k"}, e{"e"};
  RDom turn_dom, block_dom;
  Func turn{"turn"}, total{"total"};

  void schedule_device() {
    const Var along("along"), thread("thread");
    from_zero(x, g, statistics, offsets, sums);
    sums.bound(k, 0, 2)
        .reorder(k, s, block)
        .unroll(k)
        .split(s, along, thread, threads, Halide::TailStrategy::GuardWithIf)
        .gpu_blocks(along, block)
        .gpu_threads(thread);
    total.compute_at(sums, thread);
    turn.compute_at(total, block_dom);
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(GradientRows, gradient_rows_rows)
