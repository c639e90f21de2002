// output[i] = f(input[i]): one kernel, over one run of memory where there is one, else over boxes.
#include "../copy.h"
#include "../entry.h"
#include "../integers.h"
#include "../tiles.h"

namespace kiln {
namespace {

constexpr int64_t kMostInCall = int64_t{1} << 28;  // elements, where threads do not ask for less

// A run of adjacent memory in pieces: (input, output); where a device's buffers may not begin anywhere, (input, offset,
// output).
kiln_status run_pieces(const Executor &executor, const Stage &kernel, bool placed, const Array &input,
                       const Array &output, int64_t count) {
  const int64_t grain = executor.grain(kernel);
  const int64_t piece = count > grain && !executor.on_device() && executor.workers(count) == 1 ? kMostInCall : grain;
  return executor.run(ceil_div(count, piece), [&](int64_t i, int) {
    const int64_t first = i * piece, extent = min(piece, count - first);
    const Array from = input.at(first);
    const Executor::Placed at = placed ? executor.place(from) : Executor::Placed{from, 0};
    Buffer<1> x(at.base, {extent + at.offset}, {1}), y(output.at(first), {extent}, {1});
    return placed ? kernel(x, at.offset, out(y)) : kernel(x, out(y));
  });
}

// Those of the input's element type.
const KernelList *kernels_of(const Call &call) {
  return call.row.kernels[static_cast<int>(call.input().array.element)];
}

// Whether a device takes vectors of both.
bool takes_vectors(const Executor &executor, const Array &input, const Array &output) {
  return executor.on_device() && executor.aligned(input, output) && executor.place(input).offset == 0;
}

// Whether there is a kernel of runs that begin there: on devices some types have one of aligned runs alone.
bool takes_run(const Executor &executor, const Array &input, const Array &output) {
  return !executor.on_device() || row(input.element).dense_on_device || takes_vectors(executor, input, output);
}

kiln_status run_dense(Call &call, const Array &input, const Array &output) {
  Executor &executor = call.executor;
  const KernelList &kernels = *kernels_of(call);
  const int64_t count = call.input().count;
  const bool device = executor.on_device(), vectors = takes_vectors(executor, input, output);
  Stage kernel, streamed;
  if (kiln_status s = executor.choose(kernels, vectors ? Form::aligned : Form::dense, count, &kernel)) return s;
  if (!executor.streams(input, output, count))
    return run_pieces(executor, kernel, device && !vectors, input, output, count);
  if (kiln_status s = executor.choose(kernels, Form::dense, count, &streamed, true)) return s;
  const int64_t before = min(count, output.values_to_line());
  if (kiln_status s = run_pieces(executor, kernel, false, input, output, before)) return s;
  return run_pieces(executor, streamed, false, input.at(before), output.at(before), count - before);
}

// Tiles that are brought to one run of memory each. One is read before the last one is written: kernels load more at
// once than read() stores, so that they wait until it has reached the cache, and it would stand behind what goes to
// memory.
kiln_status run_tiles(Call &call, const Iteration &it) {
  Executor &executor = call.executor;
  Stage kernel;
  if (kiln_status s = executor.choose(*kernels_of(call), Form::dense, min(call.input().count, Tiles::kMost), &kernel))
    return s;
  const Tiles tiles(it);
  const int64_t together = tiles.together(), tasks = ceil_div(tiles.count(), together);
  Array memory;
  if (kiln_status s = executor.allocate(it.operand[0].element, 2 * Tiles::kMost * executor.workers(tasks), &memory))
    return s;
  return executor.run(tasks, [&](int64_t task, int worker) -> kiln_status {
    const int64_t first = task * together, end = min(first + together, tiles.count());
    const auto values = [&](int64_t i) { return memory.at((2 * worker + i % 2) * Tiles::kMost); };
    const auto tile = [&](int64_t i) { return values(i).pointer(); };
    for (int64_t i = first; i < end; ++i) {
      const int64_t count = tiles.read(i, tile(i));
      if (i > first) tiles.write(i - 1, tile(i - 1));
      Buffer<1> x(values(i), {count}, {1}), y(values(i), {count}, {1});
      if (kiln_status s = kernel(x, out(y))) return s;
    }
    tiles.write(end - 1, tile(end - 1));
    return KILN_STATUS_OK;
  });
}

// Lines along dimension 0, some in one call along dimension 1.
kiln_status run_strided(Call &call, const Iteration &it) {
  Executor &executor = call.executor;
  if (!executor.on_device() && (Tiles::suit(it) || !row(it.operand[0].element).strided)) return run_tiles(call, it);
  Stage kernel;
  if (kiln_status s = executor.choose(*kernels_of(call), Form::strided, it.axis(0, it.ndim)->extent, &kernel)) return s;
  if (executor.on_device()) return map_strided_on_device(executor, kernel, it);
  const Boxes boxes(it, 2, kernel.grain());
  return executor.run(boxes.count(), max(1, kernel.grain() / boxes.elements()), [&](int64_t i, int) {
    const Boxes::Part from = boxes.part(i, 0), to = boxes.part(i, 1);
    Buffer<2> x(from.first, {from.extent[0], from.extent[1]}, {from.stride[0], from.stride[1]});
    Buffer<2> y(to.first, {to.extent[0], to.extent[1]}, {to.stride[0], to.stride[1]});
    return kernel(x, out(y));
  });
}

}  // namespace

kiln_status plan_elementwise(Call &call) {
  if (call.empty()) return KILN_STATUS_OK;
  const Executor &executor = call.executor;
  const Tensor &input = call.input(), &output = call.output();
  if (input.dense && output.dense && takes_run(executor, input.array, output.array))
    return run_dense(call, input.array, output.array);
  Iteration it(input, output);
  const int ndim = it.add(dims_from_to(0, input.ndim), Order::memory);
  if (ndim == 1 && it.adjacent(it.dim[0]) && takes_run(executor, it.operand[0], it.operand[1]))
    return run_dense(call, it.operand[0], it.operand[1]);
  return run_strided(call, it);
}

}  // namespace kiln
