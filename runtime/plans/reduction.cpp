#include "reduction.h"

#include <inttypes.h>

#include "../integers.h"
#include "../status.h"

namespace kiln {
namespace {

// Larger units than this are shared out over threads rather than worked on by one.
constexpr int64_t kMostAlone = int64_t{1} << 19;
// Values of a scope that is shared out: they are read again from a last-level cache.
constexpr int64_t kShared = int64_t{1} << 21;
// Planes of a scope that one thread works on alone: its arrays then stay in a first-level cache.
constexpr int64_t kPlanesAlone = 1024;
// Partial results in the arrays of one scope, for a kernel's 32-bit indices.
constexpr int64_t kMostPartials = (int64_t{1} << 30) - 1;

}  // namespace

bool walk_channels(const Tensor &input, const Tensor &output, Iteration *walk) {
  walk->begin(input, output);
  const int s = walk->add(dims_from_to(2, input.ndim), Order::logical);
  const int c = walk->add(dims_from_to(1, 2), Order::logical);
  const int n = walk->add(dims_from_to(0, 1), Order::logical);
  walk->s = walk->axis(0, s);
  walk->c = walk->axis(s, c);
  walk->n = walk->axis(c, n);
  walk->walk_from(n);
  return s <= 1;
}

bool walk_reduced(const Tensor &input, const Tensor &output, Dims reduced, int axes, Iteration *walk) {
  walk->begin(input, output);
  const int s = walk->add(reduced, Order::logical);
  const int end = walk->add(~reduced, Order::memory);
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

kiln_status Reduction::prepare(const Iteration &walk, Form form, const KernelList *partial, const KernelList *apply,
                               const ScopeRules &rules) {
  walk_ = &walk;
  form_ = form;
  measures_ = partial != nullptr;
  together_ = rules.together;
  const int64_t extent = class_extent(walk, form);
  if (partial)
    if (kiln_status s = executor.choose(*partial, form, extent, &partial_)) return s;
  if (apply)
    if (kiln_status s = executor.choose(*apply, form, extent, &apply_)) return s;
  cut_into_scopes(rules);
  const int64_t planes = most_planes(), workers = alone_ ? executor.workers(scopes_.count()) : 1;
  if (measures_ && planes > kMostPartials / segments())
    return fail(KILN_STATUS_UNSUPPORTED,
                "input: expected fewer than 2^30 planes that belong together, got %" PRId64 " of %" PRId64 " values",
                planes, walk.s->extent);
  if (measures_)
    if (kiln_status s = executor.allocate(Element::float64, 2 * segments() * planes * workers, &partials_)) return s;
  if (measures_ && form == Form::channels_last)
    if (kiln_status s = executor.allocate_for_kernels(kChannelsLastBytes, alone_ ? scopes_.count() : INT64_MAX))
      return s;
  const int64_t sets = together_ ? scopes_.c_step : planes;
  return executor.allocate(Element::float32, 4 * sets * workers, &coefficients_);
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
    cut_to(rules.cached, kPlanesAlone, form_ == Form::channels_last && rules.unit > 1);
    const bool reached = s <= walk_->addressable(*walk_->s) && scopes_.c_step <= walk_->addressable(*walk_->c) &&
                         scopes_.n_step <= walk_->addressable(*walk_->n);
    const int threads = executor.workers(INT64_MAX);
    alone_ =
        measures_ && reached && most_planes() * s <= kMostAlone && (threads == 1 || scopes_.count() >= 2 * threads);
    if (alone_) return;
  }
  cut_to(executor.on_device() ? INT64_MAX : kShared, kMostPartials / segments(), false);
}

Scope Reduction::scope_at(int64_t i, int worker) const {
  const int64_t planes = most_planes();
  return {scopes_.at(i), partials_.at(2 * segments() * planes * worker), coefficients_.at(4 * planes * worker)};
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

kiln_status Reduction::apply_block(const Scope &scope, const Block &b) const {
  const int64_t c = scope.block.c_extent;
  const int64_t n_stride = together_ ? 0 : c;
  const Array by = scope.coefficients.at((b.n - scope.block.n) * n_stride + b.c - scope.block.c);
  Buffer<3> x = walk_->buffer(0, b), y = walk_->buffer(1, b);
  Buffer<3> coefficients(by, {b.c_extent, b.n_extent, 4}, {1, n_stride, sets(scope)});
  return apply_(x, coefficients, executor.aligned(x, y), out(y));
}

kiln_status Reduction::apply(const Scope &scope) const {
  const Blocks blocks = cut_scope(scope, {executor.grain(apply_), 1, INT32_MAX / 4, false});
  // From the end backwards: what was measured last is still in a cache.
  return executor.run(blocks.count(), [&, last = blocks.count() - 1](int64_t i, int) {
    return apply_block(scope, inside(scope, blocks.at(last - i)));
  });
}

}  // namespace kiln
