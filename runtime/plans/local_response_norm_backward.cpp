// kiln_local_response_norm_backward: a window over neighbouring channels, and the channels whose windows have one.
#include <operators.h>

#include "../conversion.h"
#include "../integers.h"
#include "../status.h"
#include "reduction.h"

namespace kiln {
namespace {

// Values that are worth a task of their own at the least.
constexpr int64_t kLeast = int64_t{1} << 12;
// Positions of a block are cut at multiples of so many.
constexpr int64_t kTogether = 16;
// The widest vector of a kernel on a CPU: its lines are padded to whole ones.
constexpr int64_t kVector = 32;
// Channels that a kernel on a CPU takes where positions are side by side: it keeps all of a block's.
constexpr int64_t kMostChannels = int64_t{1} << 14;

// The scalars of the kernel, in its order: neighbours in the window, what the sum of squares is divided by, and which
// power it is, one of generators/normalization/local_response_gradient.h.
struct Window {
  int32_t before, after;
  double size, alpha, beta, k;
  int32_t power;
};

Window window_of(const Call &call) {
  namespace at = op::local_response_norm_backward;
  const int64_t size = call.integer(at::size), others = call.input().shape[1] - 1;  // as far as there are channels
  const double beta = call.real(at::beta);
  return {static_cast<int32_t>(min(size / 2, others)),
          static_cast<int32_t>(min((size - 1) / 2, others)),
          static_cast<double>(size),
          call.real(at::alpha),
          beta,
          call.real(at::k),
          beta == 0.75  ? 1
          : beta == 0.5 ? 2
          : beta == 1.0 ? 3
                        : 0};
}

class Run {
 public:
  explicit Run(Call &call) : call_(call), window_(window_of(call)) {}
  kiln_status operator()();

 private:
  enum { grad, input, output, kTensors };
  bool fits(const Tensor &g, const Tensor &x, const Tensor &y);
  bool fits() { return fits(tensors_[grad], tensors_[input], tensors_[output]); }
  kiln_status lay_out();
  kiln_status lay_out_copies();
  kiln_status stage(int tensor, Dims inner);
  kiln_status cut_and_allocate();
  kiln_status block(const Block &b) const;

  Call &call_;
  Window window_;
  Tensor tensors_[kTensors];  // as kernels take them
  bool staged_[kTensors] = {};
  Iteration walk_;
  Form form_ = Form::contiguous;
  Stage kernel_;
  Blocks blocks_{};
};

// Samples, channels and the rest as positions; all channels of a position are read by one call.
bool Run::fits(const Tensor &g, const Tensor &x, const Tensor &y) {
  if (!walk_channels(g, y, &walk_, &x) || !form_of(walk_, &form_)) return false;
  if (walk_.c->extent > walk_.addressable(*walk_.c)) return false;
  if (call_.executor.on_device()) return walk_.forward();
  return form_ == Form::channels_last || walk_.c->extent <= kMostChannels;
}

kiln_status Run::lay_out() {
  const Executor &e = call_.executor;
  tensors_[grad] = call_.tensors[op::local_response_norm_backward::grad_output];
  tensors_[input] = call_.tensors[op::local_response_norm_backward::input];
  tensors_[output] = call_.output();
  const auto in_place = [&](int k) { return tensors_[k].array.same_place(tensors_[output].array); };
  const bool takes_type = !e.on_device() || e.has(call_.element, {&gradient_response_kernels});
  // A kernel on a CPU writes a block when it has read it; threads of a device wait for no others.
  if (takes_type && fits() && !(e.on_device() && (in_place(grad) || in_place(input)))) return KILN_STATUS_OK;
  if (kiln_status s = call_.prepare_copies()) return s;
  return lay_out_copies();
}

// Dense copies of what does not lie as the output does; of all tensors where the output takes no form, and on devices,
// where they are float32.
kiln_status Run::lay_out_copies() {
  const Tensor &y = call_.output();
  const bool device = call_.executor.on_device();
  if (device) call_.element = Element::float32;
  const bool as_output = !device && fits(y, y, y);
  const Form form = form_;
  // Channels innermost where they would else be too far apart for one call, or too many.
  const bool far = y.count / y.shape[0] > INT32_MAX / 4 || (!device && y.shape[1] > kMostChannels);
  const bool last = as_output ? form == Form::channels_last : far;
  const Dims inner = last ? dims_from_to(1, 2) : dims_from_to(2, y.ndim);
  for (int k : {grad, input, output}) {
    const Tensor &t = tensors_[k];
    if (!as_output || !fits(t, t, y) || form_ != form)
      if (kiln_status s = stage(k, inner)) return s;
  }
  if (fits()) return KILN_STATUS_OK;
  if (walk_.c->extent > walk_.addressable(*walk_.c))
    return fail(KILN_STATUS_UNSUPPORTED, "grad_output: expected a sample of at most 2^29 channels, got shape %s",
                ShapeText(y).text);
  return fail(KILN_STATUS_INTERNAL, "dense memory takes no form");
}

kiln_status Run::stage(int k, Dims inner) {
  Array memory;
  if (kiln_status s = call_.executor.allocate(call_.element, call_.output().count, &memory)) return s;
  make_dense(call_.output(), memory, inner, &tensors_[k]);
  staged_[k] = true;
  return KILN_STATUS_OK;
}

// Blocks of the kernel's grain, or of less where that leaves threads without work. It keeps three float64 numbers of
// each channel, those beyond the ends too, of a sample's positions in a block, or of one position.
kiln_status Run::cut_and_allocate() {
  Executor &e = call_.executor;
  const bool last = form_ == Form::channels_last;
  const int64_t longest = e.on_device() ? INT32_MAX / 4 : kMostPositions;
  const int threads = e.workers(INT64_MAX);
  int64_t grain = e.grain(kernel_);
  do {
    blocks_ = cut(walk_, form_, {grain, last ? 1 : kTogether, longest, true});
    grain /= 2;
  } while (threads > 1 && blocks_.count() < 4 * threads && 2 * grain >= kLeast);
  const int64_t channels = walk_.c->extent + window_.before + window_.after,
                padded = ceil_div(blocks_.s_step, kVector) * kVector;
  const int64_t numbers = 3 * (last ? channels : channels * padded) + 9 * kVector;
  return e.allocate_for_kernels(numbers * bytes_of(Element::float64), blocks_.count());
}

kiln_status Run::block(const Block &b) const {
  Buffer<3> g = View(walk_, 0, b).buffer(b), y = View(walk_, 1, b).buffer(b), x = View(walk_, 2, b).buffer(b);
  return kernel_(g, x, window_.before, window_.after, window_.size, window_.alpha, window_.beta, window_.k,
                 window_.power, out(y));
}

kiln_status Run::operator()() {
  Executor &e = call_.executor;
  call_.element = call_.input().array.element;
  if (kiln_status s = lay_out()) return s;
  const int64_t extent = class_extent(walk_, form_);
  if (kiln_status s = e.choose_of(call_.element, gradient_response_kernels, form_, extent, &kernel_)) return s;
  if (kiln_status s = cut_and_allocate()) return s;
  for (int k : {grad, input})
    if (staged_[k])
      if (kiln_status s = e.copy(call_.tensors[k], tensors_[k])) return s;
  if (kiln_status s = e.run(blocks_.count(), [&](int64_t i, int) { return block(blocks_.at(i)); })) return s;
  return staged_[output] ? e.copy(tensors_[output], call_.output()) : KILN_STATUS_OK;
}

}  // namespace

kiln_status plan_local_response_norm_backward(Call &call) { return call.empty() ? KILN_STATUS_OK : Run(call)(); }

}  // namespace kiln
