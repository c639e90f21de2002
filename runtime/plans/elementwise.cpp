// output[i] = f(input[i]), and gradients, which read a second input: one kernel, over one run of memory where there is
// one, else over boxes.
#include "../copy.h"
#include "../entry.h"
#include "../integers.h"
#include "../tiles.h"

namespace kiln {
namespace {

constexpr int64_t kMostInCall = int64_t{1} << 28;  // elements, where threads do not ask for less

// What is read: the input and, for a gradient, a second one.
struct Inputs {
  Array first, second;
  bool two;

  Inputs at(int64_t i) const { return {first.at(i), two ? second.at(i) : second, two}; }
};

// A run of adjacent memory: (input, output); where a device's buffers may not begin anywhere, (input, offset, output).
// A second input stands before the output as the first one does.
kiln_status call_kernel(const Executor &executor, const Stage &kernel, bool placed, const Inputs &inputs,
                        const Array &output, int64_t extent) {
  const auto place = [&](const Array &from) { return placed ? executor.place(from) : Executor::Placed{from, 0}; };
  const Executor::Placed at = place(inputs.first);
  Buffer<1> x(at.base, {extent + at.offset}, {1}), y(output, {extent}, {1});
  if (!inputs.two) return placed ? kernel(x, at.offset, out(y)) : kernel(x, out(y));
  const Executor::Placed second_at = place(inputs.second);
  Buffer<1> second(second_at.base, {extent + second_at.offset}, {1});
  return placed ? kernel(x, at.offset, second, second_at.offset, out(y)) : kernel(x, second, out(y));
}

// The same in pieces.
kiln_status run_pieces(const Executor &executor, const Stage &kernel, bool placed, const Inputs &inputs,
                       const Array &output, int64_t count) {
  const int64_t grain = executor.grain(kernel);
  const int64_t piece = count > grain && !executor.on_device() && executor.workers(count) == 1 ? kMostInCall : grain;
  return executor.run(ceil_div(count, piece), [&](int64_t i, int) {
    const int64_t first = i * piece;
    return call_kernel(executor, kernel, placed, inputs.at(first), output.at(first), min(piece, count - first));
  });
}

// Those of the input's element type.
const KernelList *kernels_of(const Call &call) {
  return call.row.kernels[static_cast<int>(call.input().array.element)];
}

// Whether a device takes vectors of all.
bool takes_vectors(const Executor &executor, const Inputs &inputs, const Array &output) {
  const auto takes = [&](const Array &from) {
    return executor.aligned(from, output) && executor.place(from).offset == 0;
  };
  return executor.on_device() && takes(inputs.first) && (!inputs.two || takes(inputs.second));
}

// Whether there is a kernel of runs that begin there: on devices some types have one of aligned runs alone.
bool takes_run(const Executor &executor, const Inputs &inputs, const Array &output) {
  return !executor.on_device() || row(output.element).dense_on_device || takes_vectors(executor, inputs, output);
}

kiln_status run_dense(Call &call, const Inputs &inputs, const Array &output) {
  Executor &executor = call.executor;
  const KernelList &kernels = *kernels_of(call);
  const int64_t count = call.input().count;
  const bool device = executor.on_device(), vectors = takes_vectors(executor, inputs, output);
  Stage kernel, streamed;
  if (kiln_status s = executor.choose(kernels, vectors ? Form::aligned : Form::dense, count, &kernel)) return s;
  const auto streams_from = [&](const Array &input) { return executor.streams(input, output, count); };
  const bool streams = streams_from(inputs.first) && (!inputs.two || streams_from(inputs.second));
  if (!streams) return run_pieces(executor, kernel, device && !vectors, inputs, output, count);
  if (kiln_status s = executor.choose(kernels, Form::dense, count, &streamed, true)) return s;
  const int64_t before = min(count, output.values_to_line());
  if (kiln_status s = run_pieces(executor, kernel, false, inputs, output, before)) return s;
  return run_pieces(executor, streamed, false, inputs.at(before), output.at(before), count - before);
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
  const bool two = it.operands > 2;
  const int64_t of_worker = two ? 3 : 2;  // tiles
  if (kiln_status s =
          executor.allocate(it.operand[0].element, of_worker * Tiles::kMost * executor.workers(tasks), &memory))
    return s;
  return executor.run(tasks, [&](int64_t task, int worker) -> kiln_status {
    const int64_t first = task * together, end = min(first + together, tiles.count());
    const auto values = [&](int64_t i) { return memory.at((of_worker * worker + i % 2) * Tiles::kMost); };
    const auto tile = [&](int64_t i) { return values(i).pointer(); };
    const Array second = two ? memory.at((of_worker * worker + 2) * Tiles::kMost) : Array();
    for (int64_t i = first; i < end; ++i) {
      const int64_t count = tiles.read(i, tile(i));
      if (two) tiles.read_second(i, second.pointer());
      if (i > first) tiles.write(i - 1, tile(i - 1));
      if (kiln_status s = call_kernel(executor, kernel, false, {values(i), second, two}, values(i), count)) return s;
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
    if (it.operands == 2) return kernel(x, out(y));
    const Boxes::Part other = boxes.part(i, 2);
    Buffer<2> second(other.first, {other.extent[0], other.extent[1]}, {other.stride[0], other.stride[1]});
    return kernel(x, second, out(y));
  });
}

}  // namespace

kiln_status plan_elementwise(Call &call) {
  if (call.empty()) return KILN_STATUS_OK;
  const Executor &executor = call.executor;
  const Tensor &input = call.input(), &output = call.output();
  const Tensor *const second = call.operand();
  const Inputs whole{input.array, second ? second->array : Array(), second != nullptr};
  if (input.dense && output.dense && (!second || second->dense) && takes_run(executor, whole, output.array))
    return run_dense(call, whole, output.array);
  Iteration it(input, second, output);
  const int ndim = it.add(dims_from_to(0, input.ndim), Order::memory);
  const Inputs walked{it.operand[0], it.operand[2], second != nullptr};
  if (ndim == 1 && it.adjacent(it.dim[0]) && takes_run(executor, walked, it.operand[1]))
    return run_dense(call, walked, it.operand[1]);
  return run_strided(call, it);
}

}  // namespace kiln
