// kiln_local_response_norm: a window over neighbouring channels.
#include <inttypes.h>
#include <operators.h>

#include "../conversion.h"
#include "../copy.h"
#include "../integers.h"
#include "../status.h"
#include "../tiles.h"
#include "reduction.h"

namespace kiln {
namespace {

// Values of a block that is copied first: they stay in a second-level cache.
constexpr int64_t kCopied = int64_t{1} << 16;
// Values that are worth a task of their own at the least.
constexpr int64_t kLeast = int64_t{1} << 14;
// A block is turned for the form of the other dimension where its lines are shorter than this.
constexpr int64_t kShort = 16;
// Values of a block that is turned, and channels of it; beside those that it only reads.
constexpr int64_t kTurned = int64_t{1} << 14, kTurnedChannels = 2048, kMostBeside = 64;
// After each of its lines, which would else be pages apart, where loads wait for stores of other lines.
constexpr int64_t kGap = 16;

// Kernels of their own for the window and powers that networks use; the last one takes all.
const KernelList &kernels_for(int64_t size, double beta) {
  if (size == 5 && beta == 0.75) return lrn_three_quarters_kernels;
  if (size == 5 && beta == 0.5) return lrn_half_kernels;
  if (size == 5 && beta == 1.0) return lrn_one_kernels;
  return lrn_general_kernels;
}

// The scalars of the kernels, in their order: neighbours in the window, what the sum of squares is divided by.
struct Window {
  int32_t before, after;
  double size, alpha, beta, k;
};

Window window_of(const Call &call) {
  namespace at = op::local_response_norm;
  const int64_t size = call.integer(at::size), others = call.input().shape[1] - 1;  // as far as there are channels
  return {static_cast<int32_t>(min(size / 2, others)),
          static_cast<int32_t>(min((size - 1) / 2, others)),
          static_cast<double>(size),
          call.real(at::alpha),
          call.real(at::beta),
          call.real(at::k)};
}

struct Steps {
  int64_t step[3];
};

class Run {
 public:
  explicit Run(Call &call)
      : call_(call), staging_(call, {&lrn_general_kernels}), conversion_(call), window_(window_of(call)) {}
  kiln_status operator()();

 private:
  kiln_status prepare();
  kiln_status bring_identity();
  kiln_status allocate_copies();
  kiln_status allocate_for_kernels();
  void cut_for_threads();
  kiln_status block(const Block &b, int worker) const;
  kiln_status converted_block(const Block &b, int worker) const;
  void decide_to_turn();
  void cut_turned();
  kiln_status turned_block(const Block &b, int worker) const;
  kiln_status apply(Buffer<3> &x, Buffer<3> &y) const;
  Array stored_in(const Array &memory) const { return {memory.address, memory.object, call_.input().array.element}; }
  // Whether kernels read a copy of a block.
  bool copies() const { return in_place() || conversion_.needed(); }
  bool in_place() const { return walk_.operand[0].same_place(walk_.operand[1]); }

  Call &call_;
  Staging staging_;
  Conversion conversion_;
  Window window_;
  Iteration walk_;
  Form form_ = Form::contiguous;  // of the kernel
  bool turned_ = false;           // the tensors lie as the other form
  Stage window_kernel_, copy_;
  Blocks blocks_{};
  Array copies_, identity_;
  struct {
    int64_t c, k;
  } identity_steps_{};
  int64_t copied_ = 0;  // values of one worker's copy
  int64_t line_ = 0;    // the longest line of a block that is turned
};

// Blocks of the kernel's grain, or of less where that leaves threads without work.
void Run::cut_for_threads() {
  const Executor &e = call_.executor;
  int64_t grain = e.grain(window_kernel_);
  if (copies() && !e.on_device()) grain = min(grain, kCopied);
  const int64_t longest = e.on_device() ? INT32_MAX / 4 : kMostPositions;
  const int threads = e.workers(INT64_MAX);
  do {
    blocks_ = cut(walk_, form_, {grain, 1, longest, true});
    grain /= 2;
  } while (threads > 1 && blocks_.count() < 4 * threads && 2 * grain >= kLeast);
}

// Kernels make vectors along adjacent positions, or along adjacent channels. Where those are few and the others are
// many, blocks are turned on the way in and out. A cut through channels reads what lies beside it, so that nothing may
// have been written there: in place there is none.
void Run::decide_to_turn() {
  const int64_t c = walk_.c->extent, s = walk_.s->extent;
  const bool last = form_ == Form::channels_last;
  const bool whole = c <= kTurnedChannels, cuts = !in_place() && window_.before + window_.after <= kMostBeside;
  turned_ = !call_.executor.on_device() && (last ? c < kShort && s >= 2 * kShort : s < kShort && c >= 2 * kShort) &&
            (whole || cuts);
  if (turned_) form_ = last ? Form::contiguous : Form::channels_last;
}

void Run::cut_turned() {
  const int64_t n = walk_.n->extent, c = walk_.c->extent, s = walk_.s->extent;
  blocks_ = {n, c, s, 1, min(c, kTurnedChannels), 1, walk_.outer_count()};
  blocks_.s_step = min(s, max(1, min(kTurned / blocks_.c_step, kMostPositions)));
  if (blocks_.c_step == c && blocks_.s_step == s) blocks_.n_step = min(n, max(1, kTurned / (c * s)));
  const int64_t read = min(c, blocks_.c_step + window_.before + window_.after);
  const bool last = form_ == Form::channels_last;
  line_ = last ? read : blocks_.s_step;
  copied_ = (line_ + kGap) * (last ? blocks_.s_step : read) * blocks_.n_step + kGap;
}

// The coefficients that change nothing, [k][c]: the CPU's kernels of channels_last take them side by side alone.
kiln_status Run::bring_identity() {
  if (kiln_status s = call_.executor.identity(1.0f, &identity_)) return s;
  const bool shared = call_.executor.on_device() || form_ == Form::contiguous;
  identity_steps_.c = shared ? 0 : 1;
  identity_steps_.k = shared ? 1 : walk_.c->extent;
  return shared ? KILN_STATUS_OK : call_.broadcast(4, walk_.c->extent, &identity_);
}

// A window needs what another one's result replaces: in place, blocks are copied first, by coefficients that change
// nothing.
kiln_status Run::allocate_copies() {
  Executor &e = call_.executor;
  const int workers = e.workers(blocks_.count());
  if (conversion_.needed())
    if (kiln_status s = conversion_.choose(e)) return s;
  if (turned_) return e.allocate(Element::float32, (2 * copied_ + kValuesForCopyBlock) * workers, &copies_);
  if (!copies()) return KILN_STATUS_OK;
  copied_ = blocks_.n_step * walk_.c->extent * blocks_.s_step;
  if (conversion_.needed()) return e.allocate(Element::float32, 2 * copied_ * workers, &copies_);
  if (kiln_status s = e.choose(channel_apply_kernels, form_, class_extent(walk_, form_), &copy_)) return s;
  if (kiln_status s = bring_identity()) return s;
  return e.allocate(Element::float32, copied_ * workers, &copies_);
}

// The kernels of windows of 5 keep some rows: of bases, of results in float64, and of squares, at most 8 of each kind.
kiln_status Run::allocate_for_kernels() {
  constexpr int64_t kRows = 16, kPadding = 128;
  const int64_t row = turned_ ? line_ : form_ == Form::channels_last ? walk_.c->extent : blocks_.s_step;
  // With channels side by side, Halide asks for squares of all positions of a block, and uses those of 8.
  const int64_t rows = kRows + (form_ == Form::channels_last ? blocks_.s_step : 0);
  const int64_t bytes = rows * (row + kPadding) * bytes_of(Element::float32);
  return call_.executor.allocate_for_kernels(bytes, blocks_.count(), true);
}

kiln_status Run::block(const Block &b, int worker) const {
  const Executor &e = call_.executor;
  if (turned_) return turned_block(b, worker);
  if (conversion_.needed()) return converted_block(b, worker);
  Buffer<3> x = View(walk_, 0, b).buffer(b), y = View(walk_, 1, b).buffer(b);
  if (!copies()) return apply(x, y);
  const View memory(copies_.at(copied_ * worker), form_, b);
  Buffer<3> copy = memory.buffer(b),
            coefficients(identity_, {b.c_extent, b.n_extent, 4}, {identity_steps_.c, 0, identity_steps_.k});
  if (kiln_status status = copy_(x, coefficients, e.aligned(x, copy), out(copy))) return status;
  Buffer<3> from = memory.buffer(b);
  return apply(from, y);
}

kiln_status Run::converted_block(const Block &b, int worker) const {
  const Array memory = copies_.at(2 * copied_ * worker);
  const View copy(memory, form_, b), results(memory.at(copied_), form_, b);
  if (kiln_status s = conversion_.widen(View(walk_, 0, b), copy, b)) return s;
  Buffer<3> x = copy.buffer(b), y = results.buffer(b);
  if (kiln_status s = apply(x, y)) return s;
  return conversion_.narrow(results, View(walk_, 1, b), b);
}

kiln_status Run::turned_block(const Block &b, int worker) const {
  const int64_t first = max(0, b.c - window_.before);
  const int64_t c = min(walk_.c->extent, b.c + b.c_extent + window_.after) - first, s = b.s_extent, n = b.n_extent;
  const bool last = form_ == Form::channels_last;
  const Array own = copies_.at((2 * copied_ + kValuesForCopyBlock) * worker);
  const Array in = own.at(kValuesForCopyBlock), result = in.at(copied_);
  char *const memory = own.pointer();
  const int64_t line = (last ? c : s) + kGap, steps[] = {last ? line : 1, last ? 1 : line, line * (last ? s : c)};
  Block read = b;
  read.c = first;
  const auto outside = [&](int k) {
    return Steps{walk_.step(*walk_.s, k), walk_.step(*walk_.c, k), walk_.step(*walk_.n, k)};
  };
  // Values of the call's type lie in the place of the array that is free then.
  const Array read_to = conversion_.needed() ? stored_in(result) : in;
  const Array written_from = conversion_.needed() ? stored_in(in) : result;
  copy_block(walk_.at(0, read), outside(0).step, read_to, steps, {s, c, n}, memory);
  if (conversion_.needed())
    if (kiln_status status = conversion_.widen(read_to, in, steps[2] * n)) return status;
  Buffer<3> x(in, {s, c, n}, steps), y(result, {s, c, n}, steps);
  if (kiln_status status = apply(x, y)) return status;
  if (conversion_.needed())
    if (kiln_status status = conversion_.narrow(result, written_from, steps[2] * n)) return status;
  copy_block(written_from.at((b.c - first) * steps[1]), steps, walk_.at(1, b), outside(1).step, {s, b.c_extent, n},
             memory);
  return KILN_STATUS_OK;
}

kiln_status Run::apply(Buffer<3> &x, Buffer<3> &y) const {
  return window_kernel_(x, window_.before, window_.after, window_.size, window_.alpha, window_.beta, window_.k, out(y));
}

kiln_status Run::prepare() {
  Executor &e = call_.executor;
  // All channels of a position are read by one call.
  const auto fits = [&] {
    return walk_channels(staging_.input(), staging_.output(), &walk_) && form_of(walk_, &form_) &&
           walk_.c->extent <= walk_.addressable(*walk_.c);
  };
  // Channels innermost where they would else be too far apart for one call.
  const Tensor &input = call_.input();
  const bool far = input.count / input.shape[0] > INT32_MAX / 4;
  if (kiln_status s = staging_.lay_out(walk_, far ? dims_from_to(1, 2) : dims_from_to(2, input.ndim), fits)) return s;
  if (walk_.c->extent > walk_.addressable(*walk_.c))
    return fail(KILN_STATUS_UNSUPPORTED, "input: expected a sample of at most 2^29 channels, got shape %s",
                ShapeText(input).text);
  const KernelList &kernels = kernels_for(call_.integer(op::local_response_norm::size), window_.beta);
  decide_to_turn();
  if (kiln_status s = e.choose(kernels, form_, class_extent(walk_, form_), &window_kernel_)) return s;
  turned_ ? cut_turned() : cut_for_threads();
  if (kiln_status s = allocate_for_kernels()) return s;
  return allocate_copies();
}

kiln_status Run::operator()() {
  if (kiln_status s = prepare()) return s;
  if (kiln_status s = staging_.bring()) return s;
  if (kiln_status s =
          call_.executor.run(blocks_.count(), [&](int64_t i, int worker) { return block(blocks_.at(i), worker); }))
    return s;
  return staging_.finish();
}

}  // namespace

kiln_status plan_local_response_norm(Call &call) { return call.empty() ? KILN_STATUS_OK : Run(call)(); }

}  // namespace kiln
