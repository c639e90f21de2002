// kiln_local_response_norm: a window over neighbouring channels.
#include <inttypes.h>

#include "arguments.h"
#include "channel_statistics.h"
#include "parallel.h"

namespace kiln {
namespace {

struct Work {
  Stage stage;
  ChannelLayout in, out;
  Blocks blocks;
  int32_t before, after;  // neighbours in the window, as far as there are channels
  double size;
  double alpha, beta, k;
};

Buffer<3> view(const ChannelLayout &l, const Block &b) {
  return Buffer<3>(l.data + b.n * l.n_stride + b.s * l.s_stride, {b.s_extent, l.c, b.n_extent},
                   {l.s_stride, l.c_stride, l.n_stride});
}

kiln_status task(const void *data, int64_t i) {
  const Work &w = *static_cast<const Work *>(data);
  const Block block = w.blocks.at(i);
  Buffer<3> x = view(w.in, block), y = view(w.out, block);
  return w.stage(x.get(), w.before, w.after, w.size, w.alpha, w.beta, w.k, y.get());
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
  if (input.count == 0) return KILN_STATUS_OK;
  ChannelPair pair;
  if (kiln_status s = pair.bring(input, output, Samples::apart)) return s;
  const int64_t others = pair.input().c - 1;
  const auto neighbours = [others](int64_t n) { return static_cast<int32_t>(n < others ? n : others); };
  Work work{{},
            pair.input(),
            pair.output(),
            {},
            neighbours(size / 2),
            neighbours((size - 1) / 2),
            static_cast<double>(size),
            alpha,
            beta,
            k};
  if (kiln_status s = check_reach(work.in)) return s;
  if (kiln_status s = check_reach(work.out)) return s;
  if (kiln_status s = work.stage.choose(kernels_for(size, beta), context, pair.form())) return s;
  work.blocks = cut(work.in, work.out, {work.stage.grain(), 1, kSegment, true});
  if (kiln_status s = run_tasks(context, work.blocks.count(), task, &work)) return s;
  pair.finish();
  return KILN_STATUS_OK;
}
