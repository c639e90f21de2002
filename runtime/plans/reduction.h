// What plans share that reduce over positions and then apply what they found: a walk (positions s, channels c, samples
// n) cut into scopes, and kernels for the partial results of segments and for their use, over the blocks of a scope.
#pragma once

#include "../../generators/limits.h"
#include "../conversion.h"
#include "../entry.h"

namespace kiln {

// Values of a plane in one launch of a stage that measures segments.
constexpr int64_t kLongestInLaunch = int64_t{1} << 20;
// Bytes that a call of a stage that measures segments takes from halide_malloc where channels lie side by side, at
// most: two reductions of 128 channels.
constexpr int64_t kKernelBytes = int64_t{1} << 17;

// What eps may hide of the variances that are measured: nothing where an operator has running statistics, as these take
// variances for themselves, however small. That none are given changes no bit of what else is computed.
inline double hidden_by(double eps, bool running_statistics) { return running_statistics ? 0.0 : eps; }

inline int64_t segments_in(int64_t values) { return (values + kSegment - 1) / kSegment; }

// Walks input and output as samples, channels and the rest as positions; false where positions are not a single step
// apart.
bool walk_channels(const Tensor &input, const Tensor &output, Iteration *walk, const Tensor *second = nullptr);
// Walks them as positions, the dimensions of `reduced`, and the others, in the order of memory or another: the
// innermost one as channels, the next one as samples where `axes` is 2, and steps over the rest. False where positions
// are not a single step apart.
bool walk_reduced(const Tensor &input, const Tensor &output, Dims reduced, int axes, Iteration *walk,
                  const Tensor *second = nullptr, Order others = Order::memory);

// The form that kernels take a walk in; false where they do not take it as it lies. Where both do, channels_last for
// channels of a single position.
bool form_of(const Iteration &walk, Form *form);

// The extent that tells shape classes of these forms apart.
inline int64_t class_extent(const Iteration &walk, Form form) {
  return form == Form::contiguous ? walk.s->extent : walk.c->extent;
}

// All positions of some samples and channels, and the arrays that are theirs while they are worked on.
struct Scope {
  Block block;
  Array partial;       // float64 [k][segment][n][c]: two numbers k
  Array coefficients;  // float32 [k][n][c]: four numbers k, those of channel_apply; [k][c] for all samples together
  Array repeated;      // [k][n][i][c], or [k][i][c], where applying repeats them
  int64_t planes() const { return block.n_extent * block.c_extent; }
};

// How a walk is cut into scopes.
struct ScopeRules {
  int64_t unit;    // channels that belong together
  int64_t cached;  // values of a scope that one thread works on alone, stage after stage while they are in its cache
  bool together;   // all samples belong together, and all channels are taken at once
};

// Kernels that measure segments, and those that take short planes side by side, where planes are short.
struct Measuring {
  const KernelList *planes = nullptr, *short_planes = nullptr;
};

class Reduction {
 public:
  // What a plane takes besides its values, as so many more. Where channels are adjacent, planes share it.
  enum class PlaneCost : int64_t { applied = 0, measured = 50, alone = 400 };

  explicit Reduction(Call &call) : executor(call.executor), conversion_(call) {}
  Reduction(const Reduction &) = delete;
  Reduction &operator=(const Reduction &) = delete;

  // Chooses the kernels by the walk's form, cuts the walk, and allocates what scopes need. No kernels that measure:
  // there are no partial results; apply NULL: run() is not called.
  kiln_status prepare(const Iteration &walk, Form form, const Measuring &measuring, const KernelList *apply,
                      const ScopeRules &rules);

  // For every scope: partial results by kernels that get `scalars` behind the values, middle(scope), which derives
  // coefficients from them, and channel_apply.
  template <class Middle, class... Scalars>
  kiln_status run(const Middle &middle, Scalars... scalars) const {
    if (!alone_)
      return run_shared(
          middle, [&](const Scope &s) { return apply(s); }, scalars...);
    return executor.run(scopes_.count(), [&](int64_t i, int worker) -> kiln_status {
      const Scope scope = scope_at(i, worker);
      if (kiln_status s = measure_alone(scope, worker, scalars...)) return s;
      if (kiln_status s = middle(scope)) return s;
      repeat(scope);
      return apply_block(scope, scope.block, worker);
    });
  }
  // The same, scope after scope, each of whose stages is shared out; use(scope) takes the place of channel_apply.
  template <class Middle, class Use, class... Scalars>
  kiln_status run_shared(const Middle &middle, const Use &use, Scalars... scalars) const {
    for (int64_t i = 0; i < scopes_.count(); ++i) {
      const Scope scope = scope_at(i, 0);
      if (measures_)
        if (kiln_status s = measure(scope, scalars...)) return s;
      if (kiln_status s = middle(scope)) return s;
      if (kiln_status s = use(scope)) return s;
    }
    return KILN_STATUS_OK;
  }

  // The same with each(scope, worker) behind the measuring, which does all the rest: by spread() where it takes long.
  template <class Each, class... Scalars>
  kiln_status run_each(const Each &each, Scalars... scalars) const {
    if (!alone_) {
      const auto nothing = [](const Scope &) { return KILN_STATUS_OK; };
      return run_shared(
          nothing, [&](const Scope &s) { return each(s, 0); }, scalars...);
    }
    return executor.run(scopes_.count(), [&](int64_t i, int worker) -> kiln_status {
      const Scope scope = scope_at(i, worker);
      if (measures_)
        if (kiln_status s = measure_alone(scope, worker, scalars...)) return s;
      return each(scope, worker);
    });
  }
  // body(block) for the blocks of a scope that a stage takes in one call each, cut at multiples of `multiple`
  // positions: by one thread where scopes are worked on alone, else shared out.
  template <class Body>
  kiln_status spread(const Scope &scope, const Stage &stage, PlaneCost cost, int64_t multiple, const Body &body) const {
    const int64_t longest = multiple == 1 ? INT32_MAX / 4 : executor.on_device() ? kLongestInLaunch : kLongestPlane;
    if (alone_) {
      Block b = scope.block;
      for (const int64_t all = b.s_extent; b.s < all; b.s += longest) {
        b.s_extent = min(longest, all - b.s);
        if (kiln_status s = body(b)) return s;
      }
      return KILN_STATUS_OK;
    }
    const Blocks blocks = cut_scope(scope, {grain(stage, scope, cost), multiple, longest, false});
    return executor.run(blocks.count(), [&](int64_t i, int) { return body(inside(scope, blocks.at(i))); });
  }
  // body(i) for i below count, the same way.
  template <class Body>
  kiln_status spread(int64_t count, const Body &body) const {
    if (!alone_) return executor.run(count, [&](int64_t i, int) { return body(i); });
    for (int64_t i = 0; i < count; ++i)
      if (kiln_status s = body(i)) return s;
    return KILN_STATUS_OK;
  }
  // Memory for kernels that measure segments; prepare() has it where some do.
  kiln_status allocate_for_kernels() const {
    if (form_ != Form::channels_last) return KILN_STATUS_OK;
    return executor.allocate_for_kernels(kKernelBytes, alone_ ? scopes_.count() : INT64_MAX);
  }
  // Threads that scopes are worked on by, each of which needs arrays of its own.
  int workers() const { return alone_ ? executor.workers(scopes_.count()) : 1; }

  int64_t segments() const { return segments_in(walk_->s->extent); }
  int64_t most_planes() const { return scopes_.n_step * scopes_.c_step; }
  // Sets of coefficients in a scope.
  int64_t sets(const Scope &scope) const { return together_ ? scope.block.c_extent : scope.planes(); }

 private:
  template <class... Scalars>
  kiln_status measure_block(const Scope &scope, const Block &block, int worker, Scalars... scalars) const {
    return conversion_.read(
        partial_, *walk_, one_sample(block), kSegment, worker, [&](const Block &b, const View &view) {
          Buffer<3> x = view.buffer(b);
          Buffer<4> to = partial_of(scope, b);
          return (b.c_extent < kPlanesTogether ? partial_ : beside_)(x, scalars..., executor.aligned(x), out(to));
        });
  }
  // By one thread: planes that are too long for one call in pieces.
  template <class... Scalars>
  kiln_status measure_alone(const Scope &scope, int worker, Scalars... scalars) const {
    Block b = scope.block;
    for (const int64_t all = b.s_extent; b.s < all; b.s += kLongestPlane) {
      b.s_extent = min(kLongestPlane, all - b.s);
      if (kiln_status s = measure_block(scope, b, worker, scalars...)) return s;
    }
    return KILN_STATUS_OK;
  }
  template <class... Scalars>
  kiln_status measure(const Scope &scope, Scalars... scalars) const {
    const int64_t longest = executor.on_device() ? kLongestInLaunch : kLongestPlane;
    const Blocks blocks = cut_scope(scope, {grain(beside_, scope, PlaneCost::measured), kSegment, longest, false});
    return executor.run(blocks.count(), [&](int64_t i, int worker) {
      return measure_block(scope, inside(scope, blocks.at(i)), worker, scalars...);
    });
  }
  // The same planes as channels of one sample, where they lie so: kernels take neighbouring channels together.
  Block one_sample(Block block) const;
  // Few channels that lie innermost are applied as more of them: kRepeats positions are one, for which coefficients are
  // repeated.
  static constexpr int64_t kRepeats = 16;
  bool repeats_channels() const;
  void repeat(const Scope &scope) const;
  kiln_status apply_repeated(const Scope &scope, const Block &block, const View &input, const View &output) const;
  kiln_status apply_view(const Scope &scope, const Block &block, const View &input, const View &output) const;
  kiln_status apply_block(const Scope &scope, const Block &block, int worker) const {
    return conversion_.map(
        apply_, *walk_, block, kRepeats, worker,
        [&](const Block &b, const View &input, const View &output) { return apply_view(scope, b, input, output); });
  }
  kiln_status apply(const Scope &scope) const;

  kiln_status choose_beside(const KernelList &short_planes, int64_t extent);
  kiln_status choose_apply(const KernelList &apply, int64_t extent);
  void cut_into_scopes(const ScopeRules &rules);
  Scope scope_at(int64_t i, int worker) const;
  // How many tasks the CPU's threads share so many planes out in, two for each, or as many as are worth it.
  int64_t tasks(int64_t planes, PlaneCost cost) const;
  // Values of a block of a stage: its kernel's grain, or less where threads would be without work, or more where what
  // there is is not worth two tasks.
  int64_t grain(const Stage &stage, const Scope &scope, PlaneCost cost) const;
  Blocks cut_scope(const Scope &scope, const BlockRules &rules) const;
  static Block inside(const Scope &scope, Block block);
  Element element() const { return walk_->operand[0].element; }
  Buffer<4> partial_of(const Scope &scope, const Block &block) const;

  Executor &executor;
  Conversion conversion_;
  const Iteration *walk_ = nullptr;
  Form form_ = Form::contiguous;
  Stage partial_, beside_;  // of few planes, and of kPlanesTogether and more
  Stage apply_, apply_streamed_, apply_repeated_;
  bool measures_ = false, together_ = false, alone_ = false, repeats_ = false, streams_ = false;
  Blocks scopes_{};
  Array partials_{}, coefficients_{}, repeated_{};  // of all workers
};

}  // namespace kiln
