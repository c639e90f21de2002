// output[i] = f(input[i]): one kernel, over one run of memory where there is one, else over boxes.
#include "../copy.h"
#include "../entry.h"
#include "../integers.h"

namespace kiln {
namespace {

constexpr int64_t kMostInCall = int64_t{1} << 28;  // elements, where threads do not ask for less

// Runs of adjacent memory: (input, output); where a device's buffers may not begin anywhere, (input, offset, output).
kiln_status run_dense(const Executor &executor, const Stage &kernel, const Iteration &it, Form form, int64_t count) {
  const bool shared = executor.on_device() || executor.workers(count) > 1;
  const int64_t piece = shared ? min(executor.grain(kernel), Executor::kMostInLaunch) : kMostInCall;
  return executor.run(ceil_div(count, piece), [&](int64_t i, int) {
    const int64_t first = i * piece, extent = min(piece, count - first);
    const Array from = it.operand[0].at(first);
    Buffer<1> y(it.operand[1].at(first), {extent}, {1});
    if (executor.on_device() && form == Form::dense) {
      const Executor::Placed placed = executor.place(from);
      Buffer<1> x(placed.base, {extent + placed.offset}, {1});
      return kernel(x, placed.offset, out(y));
    }
    Buffer<1> x(from, {extent}, {1});
    return kernel(x, out(y));
  });
}

// Lines along dimension 0, some in one call along dimension 1.
kiln_status run_strided(const Executor &executor, const Stage &kernel, const Iteration &it) {
  if (executor.on_device()) return map_strided_on_device(executor, kernel, it);
  const Boxes boxes(it, 2, kernel.grain());
  return executor.run(boxes.count(), max(1, kernel.grain() / boxes.elements()), [&](int64_t i, int) {
    Boxes::Part from, to;
    boxes.part(i, 0, &from);
    boxes.part(i, 1, &to);
    Buffer<2> x(from.first, {from.extent[0], from.extent[1]}, {from.stride[0], from.stride[1]});
    Buffer<2> y(to.first, {to.extent[0], to.extent[1]}, {to.stride[0], to.stride[1]});
    return kernel(x, out(y));
  });
}

}  // namespace

kiln_status plan_elementwise(Call &call) {
  if (call.empty()) return KILN_STATUS_OK;
  const Executor &executor = call.executor;
  const int64_t count = call.input().count;
  Iteration it(&call.input(), call.output());
  const int ndim = it.add(dims_from_to(0, call.input().ndim), Order::memory);
  const Axis line = it.axis(0, ndim);
  Form form = ndim <= 1 && it.adjacent(line) ? Form::dense : Form::strided;
  const bool vectors = executor.aligned(it.operand[0], it.operand[1]) &&
                       (!executor.on_device() || executor.place(it.operand[0]).offset == 0);
  if (executor.on_device() && form == Form::dense && vectors) form = Form::aligned;
  Stage kernel;
  if (kiln_status s = call.executor.choose(*call.row.kernels, form, form == Form::dense ? count : line.extent, &kernel))
    return s;
  return form == Form::strided ? run_strided(executor, kernel, it) : run_dense(executor, kernel, it, form, count);
}

}  // namespace kiln
