// kiln_local_response_norm: a window over neighbouring channels.
#include <inttypes.h>
#include <string.h>

#include "arguments.h"
#include "channel_statistics.h"
#include "integers.h"
#include "local_response_norm_on_device.h"
#include "parallel.h"

namespace kiln {
namespace {

// Values of a block that is copied first: they stay in a second-level cache.
constexpr int64_t kStagedValues = int64_t{1} << 16;
// Values that are worth a task of their own at the least.
constexpr int64_t kLeastValues = int64_t{1} << 14;

struct Work {
  Stage stage;
  ChannelLayout in, out;
  Blocks blocks;
  ResponseArguments a;
};

Buffer<3> view(const ChannelLayout &l, const Block &b) {
  return Buffer<3>(l.data + b.n * l.n_stride + b.s * l.s_stride, {b.s_extent, l.c, b.n_extent},
                   {l.s_stride, l.c_stride, l.n_stride});
}

bool in_place(const Work &w) { return w.in.data == w.out.data; }

// A copy of a block, in the form that it has, as samples of their own.
kiln_status copy_block(const ChannelLayout &l, const Block &b, Scratch *memory, ChannelLayout *copy) {
  if (kiln_status s = memory->allocate(b.n_extent * l.c * b.s_extent)) return s;
  *copy = {memory->data(), b.n_extent, l.c, b.s_extent, l.c * b.s_extent, b.s_extent, 1};
  if (!l.planes()) *copy = {memory->data(), b.n_extent, l.c, b.s_extent, l.c * b.s_extent, 1, l.c};
  const bool planes = l.planes();
  const int64_t lines = planes ? l.c : b.s_extent, length = planes ? b.s_extent : l.c;
  const int64_t from_step = planes ? l.c_stride : l.s_stride;
  for (int64_t n = 0; n < b.n_extent; ++n) {
    const float *from = l.data + (b.n + n) * l.n_stride + b.s * l.s_stride;
    float *to = memory->data() + n * copy->n_stride;
    for (int64_t i = 0; i < lines; ++i) memcpy(to + i * length, from + i * from_step, length * sizeof(float));
  }
  return KILN_STATUS_OK;
}

kiln_status task(const void *data, int64_t i) {
  const Work &w = *static_cast<const Work *>(data);
  const Block block = w.blocks.at(i);
  Scratch memory;
  ChannelLayout copy;
  if (in_place(w))  // a window needs what another one's result replaces
    if (kiln_status s = copy_block(w.in, block, &memory, &copy)) return s;
  Buffer<3> x = in_place(w) ? view(copy, {0, block.n_extent, 0, copy.c, 0, block.s_extent}) : view(w.in, block);
  Buffer<3> y = view(w.out, block);
  return w.stage(x.get(), w.a.before, w.a.after, w.a.size, w.a.alpha, w.a.beta, w.a.k, y.get());
}

// Blocks of the kernel's grain, or of less where that leaves threads without work.
Blocks cut_for_threads(const kiln_context &context, const Work &w) {
  int64_t grain = in_place(w) ? min(w.stage.grain(), kStagedValues) : w.stage.grain();
  for (;; grain /= 2) {
    const Blocks blocks = cut(w.in, w.out, {grain, 1, kSegment, true});
    if (choose_threads(context) == 1 || blocks.count() >= 4 * choose_threads(context) || grain < kLeastValues)
      return blocks;
  }
}

// Kernels of their own for the window and powers that networks use; the last one takes all.
const KernelList &kernels_for(int64_t size, double beta) {
  if (size == 5 && beta == 0.75) return lrn_three_quarters_kernels;
  if (size == 5 && beta == 0.5) return lrn_half_kernels;
  if (size == 5 && beta == 1.0) return lrn_one_kernels;
  return lrn_general_kernels;
}

// All channels of a position are read by one call, with Halide's 32-bit indices.
kiln_status check_reach(const ChannelLayout &l) {
  const int64_t step = l.c_stride < 0 ? -l.c_stride : l.c_stride;
  if (step == 0 || l.c <= (int64_t{1} << 30) / step) return KILN_STATUS_OK;
  return fail(KILN_STATUS_UNSUPPORTED,
              "input: expected a sample of at most 2^30 values, got %" PRId64 " channels %" PRId64 " elements apart",
              l.c, step);
}

}  // namespace
}  // namespace kiln

kiln_status kiln_local_response_norm(const kiln_context *given_context, const DLTensor *given_input, int64_t size,
                                     double alpha, double beta, double k, DLTensor *given_output) {
  using namespace kiln;
  const kiln_context &context = settings(given_context);
  Tensor input, output;
  if (kiln_status s = read_input_and_output(given_input, given_output, &input, &output)) return s;
  if (kiln_status s = expect_rank("input", input, 3)) return s;
  if (size < 1) return fail(KILN_STATUS_INVALID_ARGUMENT, "size: expected 1 or more, got %" PRId64, size);
  // As far as there are channels.
  const auto neighbours = [others = input.shape[1] - 1](int64_t n) {
    return static_cast<int32_t>(n < others ? n : others);
  };
  const ResponseArguments a{
      neighbours(size / 2), neighbours((size - 1) / 2), static_cast<double>(size), alpha, beta, k};
  if (input.device.device_type != kDLCPU)
    return local_response_norm_on_device(context, kernels_for(size, beta), a, input, output);
  if (input.count == 0) return KILN_STATUS_OK;
  ChannelPair pair;
  if (kiln_status s = pair.bring(input, output, Samples::apart)) return s;
  Work work{{}, pair.input(), pair.output(), {}, a};
  if (kiln_status s = check_reach(work.in)) return s;
  if (kiln_status s = check_reach(work.out)) return s;
  const int64_t extent = class_extent(pair.form(), work.in.s, work.in.c);
  if (kiln_status s = work.stage.choose(kernels_for(size, beta), context, pair.form(), extent)) return s;
  work.blocks = cut_for_threads(context, work);
  if (kiln_status s = run_tasks(context, work.blocks.count(), task, &work)) return s;
  pair.finish();
  return KILN_STATUS_OK;
}
