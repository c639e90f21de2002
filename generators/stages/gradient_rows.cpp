// Sums over rows, position by position, that the gradients of a weight and a bias of rows are: g n and g, where n is
// the standardized value. They are of turns of kRowTurn rows, which gradient_row_totals adds up: their shape depends on
// the number of a row alone.
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
  Output<Halide::Buffer<float, 3>> sums{"sums"};             // (s, turn, k)

  void configure() {
    for (auto *buffer : {&x, &g}) buffer->set_type(storage_of(dtype));
  }
  void generate() {
    const ArithmeticScope arithmetic(get_target());
    for (Strip *strip : {&whole, &guarded}) define(strip);
    const auto numbers = [&](const Strip &of) { return Halide::mux(k, {of.turn(s, t)[0], of.turn(s, t)[1]}); };
    sums(s, t, k) = device() ? numbers(guarded) : Halide::select(has_whole(), numbers(whole), numbers(guarded));
  }
  void schedule() {
    free_stride(statistics);
    free_stride(offsets);
    if (autoscheduled(*this, estimates)) return;
    if (device()) return schedule_device();
    sums.bound(k, 0, 2);
    schedule_strips(sums.specialize(has_whole()), Halide::TailStrategy::ShiftInwards);
    schedule_strips(sums, Halide::TailStrategy::GuardWithIf);
    for (Strip *strip : {&whole, &guarded}) {
      strip->turn.compute_at(sums, so).bound_storage(s, width());
      strip->turn.update().reorder(s, strip->rows);
    }
    for (Halide::Stage stage : {Halide::Stage(whole.turn), whole.turn.update()})
      stage.vectorize(s, vector_width).unroll(s);
    for (Halide::Stage stage : {Halide::Stage(guarded.turn), guarded.turn.update()})
      stage.vectorize(s, vector_width, Halide::TailStrategy::GuardWithIf);
  }

 private:
  // The sums of some positions side by side: a whole strip of them, which stays in registers, or what there is of one.
  struct Strip {
    Func turn{"turn"};
    RDom rows;
  };
  Var s{"s"}, t{"t"}, k{"k"}, so{"so"};
  Strip whole, guarded;

  bool device() const { return get_target().has_gpu_feature(); }
  int width() const { return static_cast<int>(vector_width) * static_cast<int>(unroll); }
  Expr has_whole() { return x.dim(0).extent() >= width(); }

  void define(Strip *strip) {
    strip->rows = RDom(0, static_cast<int>(kRowTurn), "rows");
    const Expr r = t * static_cast<int>(kRowTurn) + strip->rows;
    strip->rows.where(Halide::likely(r < x.dim(1).extent()));
    const Real arriving = load(dtype, g(s, r)), deviation = load(dtype, x(s, r)) - Real(statistics(r, 0));
    const Real n = fma(deviation, Real(statistics(r, 1)), -f32(f64(offsets(r))));
    Func &turn = strip->turn;
    turn(s, t) = Tuple(0.0f, 0.0f);
    const Tuple before = turn(s, t);
    turn(s, t) = Tuple(fma(arriving, n, Real(before[0])).expr(), (Real(before[1]) + arriving).expr());
  }

  void schedule_strips(Halide::Stage stage, Halide::TailStrategy tail) {
    stage.split(s, so, s, width(), tail).reorder(s, k, so, t).vectorize(s, vector_width).unroll(s).unroll(k);
  }

  void schedule_device() {
    const Var along("along"), thread("thread");
    from_zero(x, g, statistics, offsets, sums);
    sums.bound(k, 0, 2)
        .reorder(k, s, t)
        .unroll(k)
        .split(s, along, thread, threads, Halide::TailStrategy::GuardWithIf)
        .gpu_blocks(along, t)
        .gpu_threads(thread);
    guarded.turn.compute_at(sums, thread);
  }
};

}  // namespace

HALIDE_REGISTER_GENERATOR(GradientRows, gradient_rows_rows)
