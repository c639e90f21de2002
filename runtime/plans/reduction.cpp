#include "reduction.h"

#include <inttypes.h>
#include <string.h>

#include "../integers.h"
#include "../status.h"

namespace kiln {
namespace {

// Larger units than this are shared out over threads rather than worked on by one.
constexpr int64_t kMostAlone = int64_t{1} << 19;
// Values of a scope that is shared out: they are read again from a last-level cache.
constexpr int64_t kShared = int64_t{1} << 21;
// Values that are worth a task of their own at the least, those among them that a plane's fixed work counts as.
constexpr int64_t kLeastTask = int64_t{1} << 16;
// Planes of a scope that one thread works on alone: its arrays then stay in a first-level cache.
constexpr int64_t kPlanesAlone = 1024;
// Partial results in the arrays of one scope, for a kernel's 32-bit indices.
constexpr int64_t kMostPartials = (int64_t{1} << 30) - 1;

}  // namespace

bool walk_channels(const Tensor &input, const Tensor &output, Iteration *walk, const Tensor *second) {
  walk->begin(input, output, second);
  const int s = walk->add(dims_from_to(2, input.ndim), Order::logical);
  const int c = walk->add(dims_from_to(1, 2), Order::logical);
  const int n = walk->add(dims_from_to(0, 1), Order::logical);
  walk->s = walk->axis(0, s);
  walk->c = walk->axis(s, c);
  walk->n = walk->axis(c, n);
  walk->walk_from(n);
  return s <= 1;
}

bool walk_reduced(const Tensor &input, const Tensor &output, Dims reduced, int axes, Iteration *walk,
                  const Tensor *second, Order others) {
  walk->begin(input, output, second);
  const int s = walk->add(reduced, Order::logical);
  const int end = walk->add(~reduced, others);
  walk->s = walk->axis(0, s);
  walk->c = walk->axis(s, end);
  walk->n = walk->axis(axes > 1 ? s + 1 : end, end);
  walk->walk_from(static_cast<int>(min(s + axes, end)));
  return s <= 1;
}

bool form_of(const Iteration &walk, Form *form) {
  const bool contiguous = walk.adjacent(*walk.s), channels_last = walk.adjacent(*walk.c);
  *form = contiguous && !(channels_last && walk.s->extent == 1) ? Form::contiguous : Form::channels_last;
  // A segment is read by one call.
  return (contiguous || channels_last) && min(walk.s->extent, kSegment) <= walk.addressable(*walk.s);
}

kiln_status Reduction::prepare(const Iteration &walk, Form form, const Measuring &measuring, const KernelList *apply,
                               const ScopeRules &rules) {
  walk_ = &walk;
  form_ = form;
  measures_ = measuring.planes != nullptr;
  together_ = rules.together;
  const int64_t extent = class_extent(walk, form);
  if (measures_)
    if (kiln_status s = executor.choose_of(element(), *measuring.planes, form, extent, &partial_)) return s;
  beside_ = partial_;
  if (measuring.short_planes)
    if (kiln_status s = choose_beside(*measuring.short_planes, extent)) return s;
  if (apply)
    if (kiln_status s = choose_apply(*apply, extent)) return s;
  cut_into_scopes(rules);
  const int64_t planes = most_planes(), workers = alone_ ? executor.workers(scopes_.count()) : 1;
  if (measures_ && planes > kMostPartials / segments())
    return fail(KILN_STATUS_UNSUPPORTED,
                "input: expected fewer than 2^30 planes that belong together, got %" PRId64 " of %" PRId64 " values",
                planes, walk.s->extent);
  if (measures_)
    if (kiln_status s = executor.allocate(Element::float64, 2 * segments() * planes * workers, &partials_)) return s;
  if (measures_ && form == Form::channels_last)
    if (kiln_status s = executor.allocate_for_kernels(kKernelBytes, alone_ ? scopes_.count() : INT64_MAX)) return s;
  const int64_t most_workers = executor.workers(alone_ ? scopes_.count() : INT64_MAX);
  if ((measures_ && conversion_.needed(partial_)) || (apply && conversion_.needed(apply_)))
    if (kiln_status s = conversion_.prepare(executor, walk, form, measures_ ? kSegment : kRepeats, most_workers))
      return s;
  const int64_t sets = together_ ? scopes_.c_step : planes;
  repeats_ = apply && repeats_channels();
  if (repeats_) {
    if (kiln_status s = executor.choose_of(element(), *apply, form, kRepeats * extent, &apply_repeated_)) return s;
    if (kiln_status s = executor.allocate(Element::float32, 4 * kRepeats * sets * workers, &repeated_)) return s;
  }
  return executor.allocate(Element::float32, 4 * sets * workers, &coefficients_);
}

// Of the type that the kernel for few planes takes.
kiln_status Reduction::choose_beside(const KernelList &short_planes, int64_t extent) {
  Stage stage;
  if (kiln_status s = executor.choose_of(element(), short_planes, form_, extent, &stage)) return s;
  if (stage.element() == partial_.element()) beside_ = stage;
  return KILN_STATUS_OK;
}

kiln_status Reduction::choose_apply(const KernelList &apply, int64_t extent) {
  if (kiln_status s = executor.choose_of(element(), apply, form_, extent, &apply_)) return s;
  streams_ = !conversion_.needed(apply_) && executor.streams(*walk_, form_ == Form::contiguous ? *walk_->s : *walk_->c);
  return streams_ ? executor.choose_of(element(), apply, form_, extent, &apply_streamed_, true) : KILN_STATUS_OK;
}

bool Reduction::repeats_channels() const {
  constexpr int64_t kFew = 16, kMany = 16 * kRepeats;
  const int64_t c = walk_->c->extent;
  bool lines = !executor.on_device() && form_ == Form::channels_last && c > 1 && c < kFew && scopes_.c_step == c &&
               walk_->s->extent >= kMany;
  for (int k = 0; k < walk_->operands; ++k)
    lines = lines && walk_->step(*walk_->s, k) == c && walk_->step(*walk_->c, k) == 1;
  return lines;
}

void Reduction::repeat(const Scope &scope) const {
  if (!repeats_) return;
  const int64_t c = scope.block.c_extent, lines = 4 * sets(scope) / c;
  const size_t bytes = static_cast<size_t>(c * bytes_of(scope.repeated.element));
  for (int64_t line = 0; line < lines; ++line)
    for (int64_t i = 0; i < kRepeats; ++i)
      memcpy(scope.repeated.at((line * kRepeats + i) * c).pointer(), scope.coefficients.at(line * c).pointer(), bytes);
}

int64_t Reduction::tasks(int64_t planes, PlaneCost cost) const {
  const int64_t threads = executor.workers(INT64_MAX), s = walk_->s->extent;
  const int64_t fixed = form_ == Form::contiguous ? static_cast<int64_t>(cost) : 0;
  return threads == 1 ? 1 : max(1, min(2 * threads, planes * (s + fixed) / kLeastTask));
}

int64_t Reduction::grain(const Stage &stage, const Scope &scope, PlaneCost cost) const {
  const int64_t grain = executor.grain(stage), values = scope.planes() * walk_->s->extent;
  if (executor.on_device() || executor.workers(INT64_MAX) == 1) return grain;
  const int64_t count = tasks(scope.planes(), cost);
  return count == 1 ? max(grain, values) : min(grain, ceil_div(ceil_div(values, count), kLineOfCache) * kLineOfCache);
}

void Reduction::cut_into_scopes(const ScopeRules &rules) {
  const int64_t s = walk_->s->extent, c = walk_->c->extent, n = walk_->n->extent;
  scopes_ = {n, c, s, n, c, s, walk_->outer_count()};
  if (rules.together) return;
  const auto cut_to = [&](int64_t values, int64_t planes, bool whole_channels) {
    const int64_t wanted = min(values / s, planes) / rules.unit * rules.unit;
    scopes_.c_step = whole_channels ? c : max(rules.unit, min(c, wanted));
    scopes_.n_step = scopes_.c_step < c ? 1 : max(1, min(n, min(values / s, planes) / c));
  };
  if (!executor.on_device()) {
    const int64_t planes = n * c * walk_->outer_count(), least = tasks(planes, PlaneCost::alone);
    cut_to(min(rules.cached, ceil_div(planes, least) * s), kPlanesAlone,
           form_ == Form::channels_last && rules.unit > 1);
    const bool reached = s <= walk_->addressable(*walk_->s) && scopes_.c_step <= walk_->addressable(*walk_->c) &&
                         scopes_.n_step <= walk_->addressable(*walk_->n);
    alone_ = reached && most_planes() * s <= kMostAlone && scopes_.count() >= least;
    if (alone_) return;
  }
  cut_to(executor.on_device() ? INT64_MAX : kShared, kMostPartials / segments(), false);
}

Scope Reduction::scope_at(int64_t i, int worker) const {
  const int64_t planes = most_planes();
  return {scopes_.at(i), partials_.at(2 * segments() * planes * worker), coefficients_.at(4 * planes * worker),
          repeated_.at(4 * kRepeats * planes * worker)};
}

Blocks Reduction::cut_scope(const Scope &scope, const BlockRules &rules) const {
  return cut(*walk_, form_, rules, 1, scope.block.n_extent, scope.block.c_extent);
}

Block Reduction::inside(const Scope &scope, Block b) {
  b.outer = scope.block.outer;
  b.n += scope.block.n;
  b.c += scope.block.c;
  return b;
}

Block Reduction::one_sample(Block b) const {
  const bool whole = form_ == Form::contiguous && b.c_extent == walk_->c->extent &&
                     walk_->n->stride[0] == b.c_extent * walk_->c->stride[0];
  if (!whole) return b;
  b.c_extent *= b.n_extent;
  b.n_extent = 1;
  return b;
}

Buffer<4> Reduction::partial_of(const Scope &scope, const Block &b) const {
  const int64_t c = scope.block.c_extent, planes = scope.planes();
  const int64_t first = b.s / kSegment * planes + (b.n - scope.block.n) * c + b.c - scope.block.c;
  return Buffer<4>(scope.partial.at(first), {b.c_extent, segments_in(b.s_extent), b.n_extent, 2},
                   {1, planes, c, segments() * planes});
}

kiln_status Reduction::apply_repeated(const Scope &scope, const Block &b, const View &input, const View &output) const {
  const int64_t c = b.c_extent * kRepeats, s = b.s_extent / kRepeats;
  const int64_t n_stride = together_ ? 0 : c;
  const int64_t extents[] = {s, c, b.n_extent};
  Buffer<3> x(input.first, extents, {c, 1, input.n}), y(output.first, extents, {c, 1, output.n});
  Buffer<3> coefficients(scope.repeated.at((b.n - scope.block.n) * n_stride), {c, b.n_extent, 4},
                         {1, n_stride, sets(scope) * kRepeats});
  return apply_repeated_(x, coefficients, executor.aligned(x, y), out(y));
}

kiln_status Reduction::apply_view(const Scope &scope, const Block &whole, const View &input, const View &output) const {
  Block b = whole;
  View from = input, to = output;
  if (repeats_ && b.c_extent == walk_->c->extent && b.s_extent >= kRepeats) {
    if (kiln_status s = apply_repeated(scope, whole, input, output)) return s;
    b.s_extent %= kRepeats;
    if (b.s_extent == 0) return KILN_STATUS_OK;
    for (View *view : {&from, &to}) view->first = view->first.at((whole.s_extent - b.s_extent) * view->s);
  }
  const int64_t c = scope.block.c_extent;
  const int64_t n_stride = together_ ? 0 : c;
  const Array by = scope.coefficients.at((b.n - scope.block.n) * n_stride + b.c - scope.block.c);
  Buffer<3> x = from.buffer(b), y = to.buffer(b);
  Buffer<3> coefficients(by, {b.c_extent, b.n_extent, 4}, {1, n_stride, sets(scope)});
  const bool streamed = streams_ && to.first.values_to_line() == 0;
  return (streamed ? apply_streamed_ : apply_)(x, coefficients, executor.aligned(x, y), out(y));
}

kiln_status Reduction::apply(const Scope &scope) const {
  repeat(scope);
  const Blocks blocks = cut_scope(scope, {grain(apply_, scope, PlaneCost::applied), 1, INT32_MAX / 4, false});
  // From the end backwards: what was measured last is still in a cache.
  return executor.run(blocks.count(), [&, last = blocks.count() - 1](int64_t i, int worker) {
    return apply_block(scope, inside(scope, blocks.at(last - i)), worker);
  });
}

}  // namespace kiln
