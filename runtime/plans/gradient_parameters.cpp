// Gradients of weight and bias: sums over planes of a channel, or over rows. Their shape depends on the number of a
// plane or row alone.
#include <inttypes.h>

#include "../status.h"
#include "gradient_run.h"

namespace kiln {
namespace {

constexpr int64_t kColumns = int64_t{1} << 13;  // positions of rows in one call
constexpr int64_t kTotals = 1024;               // parameters in one

const KernelList &totals_for(const GradientOf &a) {
  return a.sets == Sets::rows ? gradient_row_totals_kernels : gradient_totals_kernels;
}

}  // namespace

kiln_status GradientRun::make_room(int i, Parameter *parameter) {
  *parameter = Parameter();
  if (!call_.has(i)) return KILN_STATUS_OK;
  Executor &executor = call_.executor;
  const Tensor &tensor = call_.tensors[i];
  const bool converts = tensor.array.element != Element::float32;
  parameter->array = tensor.array;
  parameter->stride = 1;
  if (tensor.dense && !converts) return KILN_STATUS_OK;
  if (!tensor.dense || executor.on_device())
    if (kiln_status s = call_.prepare_copies()) return s;
  if (converts && !executor.on_device()) {
    parameter->narrow = tensor.array;
    if (!tensor.dense)
      if (kiln_status s = executor.allocate(tensor.array.element, tensor.count, &parameter->narrow)) return s;
  }
  return executor.allocate(Element::float32, tensor.count, &parameter->array);
}

kiln_status GradientRun::check_parameters() const {
  const int64_t rows = walk_.c->extent, s = walk_.s->extent;
  if (!of_parameters() || has_channels() || rows < (int64_t{1} << 35) / s) return KILN_STATUS_OK;
  return fail(KILN_STATUS_UNSUPPORTED,
              "input: expected fewer than 2^35 values in rows that share a parameter, got %" PRId64 " of %" PRId64,
              rows, s);
}

kiln_status GradientRun::prepare_parameters() {
  Executor &e = call_.executor;
  const int64_t s = walk_.s->extent, c = walk_.c->extent, count = has_channels() ? c : s;
  if (kiln_status status = has_channels() ? e.choose(gradient_planes_kernels, Form::combine, c, &planes_)
                                          : e.choose_of(element(), gradient_rows_kernels, Form::rows, s, &rows_))
    return status;
  if (kiln_status status = e.choose(totals_for(a_), Form::combine, count, &totals_)) return status;
  if (kiln_status status = e.allocate(of_parts(), 2 * parts() * count, &parts_)) return status;
  if (kiln_status status = make_room(a_.tensors.grad_weight, &grad_weight_)) return status;
  return make_room(a_.tensors.grad_bias, &grad_bias_);
}

kiln_status GradientRun::sum_planes(const Scope &scope, const Array &partial, const Array &means) const {
  const Block &b = scope.block;
  const int64_t c = walk_.c->extent, of_samples = c * walk_.n->extent;
  const SetsOfScope sets = sets_of(scope);
  Buffer<5> sums = partials(scope, sets, partial);
  Buffer<3> from(means, {sets.j.extent, sets.n.extent, 3}, {1, sets.j.extent, sets.sets()});
  const int64_t i = together() ? c : sets.i.step, j = sets.j.step, n = c;  // from plane to plane of all
  Buffer<4> to(parts_.at(b.n * c + b.c), {sets.i.extent, sets.j.extent, sets.n.extent, 2}, {i, j, n, of_samples});
  return planes_(sums, from, out(to));
}

kiln_status GradientRun::sum_rows(const Scope &scope, const Array &means) const {
  const Block &all = scope.block;
  const int64_t s = walk_.s->extent;
  const bool on_device = call_.executor.on_device();
  const int64_t most = on_device ? max(1, Executor::kMostInLaunch / s / kRowTurn) * kRowTurn : kRowBlock;
  const Blocks blocks{1, all.c_extent, s, 1, min(most, all.c_extent), on_device ? s : min(s, kColumns), 1};
  return reduction_.spread(blocks.count(), [&](int64_t i) {
    Block b = blocks.at(i);
    const int64_t row = b.c;
    b.c += all.c;
    const View x(walk_, 0, b), g(walk_, 2, b);
    Buffer<2> input(x.first, {b.s_extent, b.c_extent}, {1, x.c}), arriving(g.first, {b.s_extent, b.c_extent}, {1, g.c});
    Buffer<2> statistics(statistics_.at(b.c), {b.c_extent, 2}, {1, statistics_step_});
    Buffer<1> offsets(means.at(row), {b.c_extent}, {1});
    Buffer<3> to(parts_.at(b.c / kRowTurn * s + b.s), {b.s_extent, ceil_div(b.c_extent, kRowTurn), 2},
                 {1, s, parts() * s});
    return rows_(input, arriving, statistics, offsets, out(to));
  });
}

// Part k of grad_weight and grad_bias.
kiln_status GradientRun::total(int tensor, int k, Parameter *result) {
  if (!call_.has(tensor)) return KILN_STATUS_OK;
  const int64_t count = call_.tensors[tensor].count, step = result->stride;
  const int64_t parts = call_.empty() ? 0 : this->parts();
  const int64_t at_once = call_.executor.on_device() ? Executor::kMostInLaunch : kTotals;
  if (kiln_status s = call_.executor.run(ceil_div(count, at_once), [&](int64_t i, int) {
        const int64_t first = i * at_once, extent = min(at_once, count - first);
        Buffer<2> from(call_.empty() ? one_ : parts_.at(k * parts * count + first), {extent, parts}, {1, count});
        Buffer<1> to(result->array.at(first * step), {extent}, {step});
        return totals_(from, out(to));
      }))
    return s;
  return call_.give_back(tensor, *result);
}

kiln_status GradientRun::finish_parameters() {
  if (call_.empty() && of_parameters())
    if (kiln_status s = prepare_empty()) return s;
  if (kiln_status s = total(a_.tensors.grad_weight, 0, &grad_weight_)) return s;
  return total(a_.tensors.grad_bias, 1, &grad_bias_);
}

// Nothing is summed: zeros.
kiln_status GradientRun::prepare_empty() {
  Executor &e = call_.executor;
  if (kiln_status s = e.choose(totals_for(a_), Form::combine, 1, &totals_)) return s;
  if (kiln_status s = e.allocate(of_parts(), 1, &one_)) return s;
  if (kiln_status s = make_room(a_.tensors.grad_weight, &grad_weight_)) return s;
  return make_room(a_.tensors.grad_bias, &grad_bias_);
}

}  // namespace kiln
