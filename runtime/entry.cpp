// The one way in: every call of every operator is read, checked and carried out here.
#include "entry.h"

#include <new>

#include "conversion.h"
#include "fp_environment.h"
#include "integers.h"
#include "status.h"

namespace kiln {
namespace {

// Kernels of the input's element type.
kiln_status expect_kernels(const Call &call) {
  const Element element = call.input().array.element;
  if (element == Element::float32) return KILN_STATUS_OK;
  const char *const type = row(element).name, *const input = call.row.tensors[0].name;
  if (!call.row.kernels[static_cast<int>(element)])
    return fail(KILN_STATUS_UNSUPPORTED,
                "%s: expected an element type whose kernels this program links, got %s: kiln_link_%s_%s() links them",
                input, type, call.row.name, type);
  if (call.executor.on_device() && !row(element).on_devices)
    return fail(KILN_STATUS_UNSUPPORTED, "%s: expected an element type that has kernels on devices, got %s", input,
                type);
  return KILN_STATUS_OK;
}

kiln_status carry_out(Call &call, const kiln_context &context, const DLTensor *const *given) {
  if (kiln_status s = read_arguments(call, given)) return s;
  if (kiln_status s = call.executor.begin(context, call.input().device)) return s;
  if (!call.executor.on_device() && choose_threads(context) == 0) return KILN_STATUS_INVALID_ARGUMENT;
  if (call.executor.on_device())
    for (int i = 0; i < call.row.tensor_count; ++i)
      if (call.present[i])
        if (kiln_status s = call.executor.check(call.row.tensors[i].name, call.tensors[i])) return s;
  if (kiln_status s = expect_kernels(call)) return s;
  return call.row.plan(call);
}

// The call itself lies in its working memory: threads with small stacks call too.
kiln_status in_memory(const OperatorRow &row, const kiln_context &context, const DLTensor *const *given,
                      const Value *values) {
  CallMemory memory(context.working_memory);
  if (kiln_status s = memory.begin()) return s;
  void *place;
  if (kiln_status s = memory.take(sizeof(Call), &place)) return s;
  Call *const call = new (place) Call(row, values, memory);
  const kiln_status status = carry_out(*call, context, given);
  call->~Call();
  return status;
}

}  // namespace

void make_dense(const Tensor &like, const Array &array, Dims inner, Tensor *dense) {
  *dense = like;
  dense->array = array;
  dense->dense = inner == 0;
  int64_t step = 1;
  for (bool kind : {true, false})
    for (int d = like.ndim - 1; d >= 0; --d) {
      if ((inner >> d & 1) != kind) continue;
      dense->strides[d] = step;
      step *= like.shape[d];
    }
}

kiln_status enter(const OperatorRow &row, const kiln_context *context, const DLTensor *const *given,
                  const Value *values) {
  const FpEnvironment environment;
  const kiln_status status = in_memory(row, settings(context), given, values);
  if (status != KILN_STATUS_OK) say_operator(row.name);
  return status;
}

kiln_status Call::bring(int i, Steps steps, int64_t count, Parameter *parameter) {
  *parameter = Parameter();
  if (!present[i]) return executor.identity(row.tensors[i].identity, &parameter->array);
  const Tensor &tensor = tensors[i];
  parameter->array = tensor.array;
  parameter->stride = 1;
  if (tensor.array.element != Element::float32) return widen(tensor, count, parameter);
  if (tensor.dense) return KILN_STATUS_OK;
  Iteration it(tensor, tensor);
  it.add(dims_from_to(0, tensor.ndim), Order::logical);
  const Axis &axis = *it.axis(0, it.ndim);
  const int64_t step = it.step(axis, 0);
  const bool fits = it.ndim <= 1 && count <= it.addressable(axis) && (step >= 0 || !executor.on_device());
  if (it.ndim == 0 || (fits && (steps == Steps::any || step == 1))) {
    parameter->stride = it.ndim == 0 ? 1 : step;
    return KILN_STATUS_OK;
  }
  parameter->stride = 1;
  return copy_dense(tensor, count, &parameter->array);
}

kiln_status Call::copy_dense(const Tensor &tensor, int64_t count, Array *array) {
  const Element element = executor.on_device() ? Element::float32 : tensor.array.element;
  if (kiln_status s = executor.allocate(element, count, array)) return s;
  if (kiln_status s = prepare_copies()) return s;
  Tensor dense;
  make_dense(tensor, *array, 0, &dense);
  return executor.copy(tensor, dense);
}

kiln_status Call::widen(const Tensor &tensor, int64_t count, Parameter *parameter) {
  if (executor.on_device()) return copy_dense(tensor, count, &parameter->array);
  Conversion conversion(tensor.array.element, row);
  if (kiln_status s = conversion.choose(executor)) return s;
  parameter->narrow = tensor.array;
  if (!tensor.dense)
    if (kiln_status s = copy_dense(tensor, count, &parameter->narrow)) return s;
  if (kiln_status s = executor.allocate(Element::float32, count, &parameter->array)) return s;
  return conversion.widen(parameter->narrow, parameter->array, count);
}

kiln_status Call::give_back(int i, const Parameter &parameter) {
  const Tensor &tensor = tensors[i];
  const bool converted = tensor.array.element != Element::float32 && !executor.on_device();
  const Array &values = converted ? parameter.narrow : parameter.array;
  if (converted) {
    Conversion conversion(tensor.array.element, row);
    if (kiln_status s = conversion.choose(executor)) return s;
    if (kiln_status s = conversion.narrow(parameter.array, values, tensor.count)) return s;
  }
  if (tensor.count == 0 || values.same_place(tensor.array)) return KILN_STATUS_OK;
  Tensor dense;
  make_dense(tensor, values, 0, &dense);
  return executor.copy(dense, tensor);
}

kiln_status Call::broadcast(int64_t values, int64_t count, Array *array) {
  Tensor some, all;
  some.array = *array;
  some.device = input().device;
  some.ndim = 2;
  some.dense = false;
  some.count = values * count;
  some.shape[0] = values;
  some.shape[1] = count;
  some.strides[0] = 1;
  some.strides[1] = 0;
  if (kiln_status s = executor.allocate(Element::float32, some.count, array)) return s;
  if (kiln_status s = prepare_copies()) return s;
  make_dense(some, *array, 0, &all);
  return executor.copy(some, all);
}

kiln_status Staging::allocate() {
  way_ = Way::dense;
  return call_.executor.allocate(call_.element, call_.output().count, &dense_.array);
}

bool Staging::in_order_of_output() {
  const Tensor &output = call_.output();
  const Span span = span_of(output);
  if (span.low != 0 || span.high != output.count * bytes_of(output.array.element)) return false;
  const Array memory = dense_.array;
  dense_ = output;
  dense_.array = memory;
  return true;
}

void Staging::in_rows(Dims inner) {
  const Array memory = dense_.array;
  make_dense(call_.output(), memory, inner, &dense_);
}

}  // namespace kiln
