// kiln_layer_norm and kiln_rms_norm: rows of normalized_shape. A kernel takes whole rows; longer ones are measured in
// segments, whose results are combined and applied in pieces, with the bits that the kernel of whole rows would have.
#include "row_norm.h"

#include <operators.h>

#include "../integers.h"
#include "../status.h"
#include "reduction.h"

namespace kiln {
namespace {

constexpr int64_t kPiece = int64_t{1} << 18;    // values of a long row in one call
constexpr int64_t kLongRow = int64_t{1} << 20;  // values of long rows that are worked on together

class Run {
 public:
  // Rows are brought to mean 0 where there may be a bias.
  Run(Call &call, int weight, int bias, double eps)
      : call_(call),
        eps_(eps),
        weight_at_(weight),
        bias_at_(bias),
        staging_(call, {centers() ? &layer_norm_kernels : &norm_two_kernels, &measuring(), &applying()}),
        conversion_(call),
        reduction_(call) {}
  kiln_status operator()(Dims row);

 private:
  Element element() const { return call_.element; }
  bool centers() const { return bias_at_ != kNoTensor; }
  // Of rows that are no kernel's as a whole.
  const KernelList &measuring() const { return centers() ? channel_moments_kernels : norm_two_kernels; }
  const KernelList &applying() const { return centers() ? row_apply_kernels : rms_apply_kernels; }
  // Whether a kernel takes rows as a whole; devices have none that does not center them.
  bool whole() const {
    const int64_t on_device = centers() ? kLongestDeviceRow : 0;
    return walk_.s->extent <= (call_.executor.on_device() ? on_device : kLongestPlane);
  }
  kiln_status bring_parameters();
  kiln_status choose_whole();
  kiln_status whole_rows() const;
  kiln_status prepare_long_rows();
  kiln_status long_rows() const;
  kiln_status derive(const Scope &scope) const;
  kiln_status apply(const Scope &scope) const;
  static Buffer<2> rows(const View &view, const Block &b) {
    return Buffer<2>(view.first, {b.s_extent, b.c_extent}, {1, view.c});
  }
  Buffer<1> values(const Parameter &p, const Block &b) const {
    return Buffer<1>(p.array.at(b.s * p.stride), {b.s_extent}, {p.stride});
  }
  // One value for all is no vector.
  int32_t aligned(const Buffer<2> &x, const Buffer<2> &y, const Buffer<1> &weight, const Buffer<1> &bias) const {
    const Executor &e = call_.executor;
    return e.aligned(x, y) && (weight_.stride == 0 || e.aligned(weight)) && (bias_.stride == 0 || e.aligned(bias));
  }

  Call &call_;
  double eps_;
  int weight_at_, bias_at_;  // in the operator's row
  Staging staging_;
  Iteration walk_;
  Conversion conversion_;
  Reduction reduction_;
  Parameter weight_, bias_;
  Stage whole_, combine_, derive_, apply_;
  Array statistics_, one_, minus_zero_;
};

// Both or neither are vectors: the CPU's loop over rows asks for one kind.
kiln_status Run::bring_parameters() {
  const int64_t length = walk_.s->extent;
  const auto dense = Call::Steps::dense;
  if (kiln_status s = call_.bring(weight_at_, dense, length, &weight_)) return s;
  if (!centers()) return KILN_STATUS_OK;
  if (kiln_status s = call_.bring(bias_at_, dense, length, &bias_)) return s;
  const bool alike = (weight_.stride == 0) == (bias_.stride == 0);
  if (alike || call_.executor.on_device()) return KILN_STATUS_OK;
  Parameter &one = weight_.stride == 0 ? weight_ : bias_;
  one.stride = 1;
  return call_.broadcast(1, length, &one.array);
}

kiln_status Run::choose_whole() {
  Executor &e = call_.executor;
  const KernelList &rows = centers() ? layer_norm_kernels : rms_norm_kernels;
  return e.choose_of(element(), rows, Form::rows, walk_.s->extent, &whole_, e.streams(walk_, *walk_.s));
}

kiln_status Run::whole_rows() const {
  const int64_t length = walk_.s->extent, wanted = 1 + (call_.executor.grain(whole_) - 1) / length;
  const int64_t most = min(walk_.addressable(*walk_.c), max(1, wanted));
  const Blocks blocks{1, walk_.c->extent, length, 1, min(walk_.c->extent, most), length, walk_.outer_count()};
  const auto apply = [&](const Block &b, const View &input, const View &output) {
    Buffer<2> x = rows(input, b), y = rows(output, b);
    Buffer<1> weight = values(weight_, b), bias = values(bias_, b);
    return centers() ? whole_(x, weight, bias, eps_, aligned(x, y, weight, bias), out(y))
                     : whole_(x, weight, eps_, out(y));
  };
  return call_.executor.run(blocks.count(), max(1, wanted / blocks.c_step), [&](int64_t i, int worker) {
    return conversion_.map(whole_, walk_, blocks.at(i), length, worker, apply);
  });
}

kiln_status Run::prepare_long_rows() {
  Executor &e = call_.executor;
  const ScopeRules rules = {1, kLongRow, false};
  const KernelList &derive = centers() ? channel_coefficients_kernels : norm_rms_kernels;
  if (kiln_status s = e.choose(derive, Form::combine, 1, &derive_)) return s;
  if (kiln_status s = e.choose_of(element(), applying(), Form::rows, walk_.s->extent, &apply_)) return s;
  if (kiln_status s = reduction_.prepare(walk_, Form::contiguous, {&measuring()}, nullptr, rules)) return s;
  if (!centers()) return KILN_STATUS_OK;
  if (kiln_status s = e.choose(combine_moments_kernels, Form::combine, 1, &combine_)) return s;
  if (kiln_status s = e.identity(1.0f, &one_)) return s;
  if (kiln_status s = e.identity(-0.0f, &minus_zero_)) return s;
  return e.allocate(Element::float64, 2 * reduction_.most_planes(), &statistics_);
}

kiln_status Run::derive(const Scope &scope) const {
  const int64_t rows = scope.block.c_extent, segments = reduction_.segments();
  Buffer<4> partial(scope.partial, {rows, 1, segments, 2}, {1, 0, rows, segments * rows});
  if (!centers()) {
    Buffer<3> to(scope.coefficients, {rows, 1, 4}, {1, 0, rows});
    return derive_(partial, walk_.s->extent, eps_, out(to));
  }
  Buffer<2> combined(statistics_, {rows, 2}, {1, rows});
  if (kiln_status s = combine_(partial, walk_.s->extent, out(combined))) return s;
  Buffer<4> statistics(statistics_, {rows, 1, 1, 2}, {1, 0, 0, rows});
  Buffer<2> weight(one_, {rows, 1}, {0, 0}), bias(minus_zero_, {rows, 1}, {0, 0});
  Buffer<4> to(scope.coefficients, {rows, 1, 1, 4}, {1, 0, 0, rows});
  return derive_(statistics, weight, bias, eps_, out(to));
}

kiln_status Run::apply(const Scope &scope) const {
  const Block &all = scope.block;
  const int64_t piece = call_.executor.on_device() ? all.s_extent : kPiece;
  const int64_t rows_step = max(1, min(all.c_extent, Executor::kMostInLaunch / all.s_extent));
  const Blocks blocks{1, all.c_extent, all.s_extent, 1, rows_step, min(piece, all.s_extent), 1};
  const auto apply = [&](const Block &b, const View &input, const View &output) {
    Buffer<2> coefficients(scope.coefficients.at(b.c - all.c), {b.c_extent, 4}, {1, all.c_extent});
    Buffer<2> x = rows(input, b), y = rows(output, b);
    Buffer<1> weight = values(weight_, b), bias = values(bias_, b);
    const int32_t vectors = aligned(x, y, weight, bias);
    return centers() ? apply_(x, coefficients, weight, bias, vectors, out(y))
                     : apply_(x, coefficients, weight, vectors, out(y));
  };
  return call_.executor.run(blocks.count(), [&](int64_t i, int worker) {
    Block b = blocks.at(i);
    b.outer = all.outer;
    b.c += all.c;
    return conversion_.map(apply_, walk_, b, 1, worker, apply);
  });
}

kiln_status Run::long_rows() const {
  const auto middle = [&](const Scope &s) { return derive(s); };
  const auto use = [&](const Scope &s) { return apply(s); };
  const double p = 2;
  const int32_t mode = 0;
  return centers() ? reduction_.run_shared(middle, use, eps_) : reduction_.run_shared(middle, use, eps_, p, mode);
}

kiln_status Run::operator()(Dims row) {
  Executor &e = call_.executor;
  const auto fits = [&] {
    return walk_reduced(staging_.input(), staging_.output(), row, 1, &walk_) && walk_.adjacent(*walk_.s);
  };
  if (kiln_status s = staging_.lay_out(walk_, row, fits)) return s;
  if (walk_.s->extent > Executor::kMostInLaunch && e.on_device())
    return fail(KILN_STATUS_UNSUPPORTED, "input: expected rows of at most 2^30 values on a device, got shape %s",
                ShapeText(call_.input()).text);
  if (kiln_status s = whole() ? choose_whole() : prepare_long_rows()) return s;
  const int64_t together = whole() ? walk_.s->extent : 1;
  if (conversion_.needed(whole() ? whole_ : apply_))
    if (kiln_status s = conversion_.prepare(e, walk_, Form::contiguous, together, e.workers(INT64_MAX))) return s;
  if (kiln_status s = bring_parameters()) return s;
  if (kiln_status s = staging_.bring()) return s;
  if (kiln_status s = whole() ? whole_rows() : long_rows()) return s;
  return staging_.finish();
}

}  // namespace

kiln_status run_row_norm(Call &call, const RowNorm &norm) {
  return call.empty() ? KILN_STATUS_OK : Run(call, norm.weight, norm.bias, norm.eps)(norm.row);
}

kiln_status plan_layer_norm(Call &call) {
  namespace at = op::layer_norm;
  return run_row_norm(call, {at::weight, at::bias, call.real(at::eps), call.dims(at::normalized_shape)});
}

kiln_status plan_rms_norm(Call &call) {
  namespace at = op::rms_norm;
  return run_row_norm(call, {at::weight, kNoTensor, call.real(at::eps), call.dims(at::normalized_shape)});
}

}  // namespace kiln
