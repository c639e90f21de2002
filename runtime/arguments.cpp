// Arguments read and checked by the operator's row.
#include <inttypes.h>

#include "entry.h"
#include "integers.h"
#include "overlap.h"
#include "status.h"

namespace kiln {
namespace {

kiln_status check_rank(const Call &call) {
  const int least = call.row.tensors[0].least_rank;
  if (call.input().ndim >= least) return KILN_STATUS_OK;
  return invalid("%s: expected rank %d or more, got shape %s", call.row.tensors[0].name, least,
                 ShapeText(call.input()).text);
}

kiln_status read_input_and_output(Call &call, const DLTensor *const *given) {
  const int last = call.row.tensor_count - 1;
  const char *input_name = call.row.tensors[0].name, *output_name = call.row.tensors[last].name;
  Tensor &input = call.tensors[0], &output = call.tensors[last];
  if (kiln_status s = read_tensor(input_name, given[0], call.row.elements, &input)) return s;
  if (!call.present[last]) return check_rank(call);
  if (kiln_status s = read_tensor(output_name, given[last], call.row.elements, &output)) return s;
  if (kiln_status s = expect_element(output_name, output, input_name, input)) return s;
  if (kiln_status s = expect_device(output_name, output, input_name, input)) return s;
  if (kiln_status s = expect_shape(output_name, output, input.ndim, input.shape, input_name)) return s;
  if (kiln_status s = expect_distinct_elements(output_name, output)) return s;
  if (kiln_status s = expect_no_overlap(input_name, input, output_name, output, true)) return s;
  return check_rank(call);
}

kiln_status check_divisor(const char *name, const Tensor &input, int64_t given) {
  const int64_t channels = input.shape[1];
  if (given < 1) return invalid("%s: expected 1 or more, got %" PRId64, name, given);
  if (channels % given == 0) return KILN_STATUS_OK;
  return invalid("%s: expected a divisor of the number of channels, %" PRId64 ", got %" PRId64, name, channels, given);
}

kiln_status check_trailing_extents(const char *name, const Tensor &input, int ndim, const int64_t *shape) {
  if (ndim < 1) return invalid("%s: expected 1 or more extents, got %d", name, ndim);
  if (!shape) return invalid("%s: expected %d extents, got NULL", name, ndim);
  bool tail = ndim <= input.ndim;
  for (int d = 0; tail && d < ndim; ++d) tail = shape[d] == input.shape[input.ndim - ndim + d];
  if (tail) return KILN_STATUS_OK;
  return invalid("%s: expected the trailing extents of input, %s, got %s", name, ShapeText(input).text,
                 ShapeText(ndim < KILN_MAX_NDIM ? ndim : KILN_MAX_NDIM, shape).text);
}

// Of a dimension, negative ones counted from the end; a 0-d tensor answers to 0 and -1.
int64_t place_of(int64_t dim, int ndim) { return dim < 0 ? dim + max(ndim, 1) : dim; }

kiln_status check_dimensions(const char *name, const Tensor &input, int count, const int64_t *dims) {
  if (count < 0) return invalid("%s: expected 0 or more dimensions, got %d", name, count);
  if (count > 0 && !dims) return invalid("%s: expected %d dimensions, got NULL", name, count);
  const int64_t rank = max(input.ndim, 1);
  Dims seen = 0;
  for (int i = 0; i < count; ++i) {
    if (dims[i] < -rank || dims[i] >= rank)
      return invalid("%s: expected %" PRId64 " to %" PRId64 ", got %" PRId64, name, -rank, rank - 1, dims[i]);
    const int64_t place = place_of(dims[i], input.ndim);
    if (seen >> place & 1) return invalid("%s: expected different dimensions, got %" PRId64 " twice", name, place);
    seen |= Dims{1} << place;
  }
  return KILN_STATUS_OK;
}

kiln_status check_argument(const ArgumentRow &row, const Value &value, const Tensor &input) {
  switch (row.allowed) {
    case Allowed::any:
      return KILN_STATUS_OK;
    case Allowed::number:
      if (value.real == value.real) return KILN_STATUS_OK;
      return invalid("%s: expected a number, got %g", row.name, value.real);
    case Allowed::at_least_zero:
      if (value.real >= 0) return KILN_STATUS_OK;
      return invalid("%s: expected 0 or more, got %g", row.name, value.real);
    case Allowed::at_least_one:
      if (value.integer >= 1) return KILN_STATUS_OK;
      return invalid("%s: expected 1 or more, got %" PRId64, row.name, value.integer);
    case Allowed::divisor_of_channels:
      return check_divisor(row.name, input, value.integer);
    case Allowed::trailing_extents:
      return check_trailing_extents(row.name, input, value.integers.count, value.integers.data);
    case Allowed::distinct_dimensions:
      return check_dimensions(row.name, input, value.integers.count, value.integers.data);
  }
  return KILN_STATUS_OK;
}

// The shape that a tensor must have, and whose it is, in messages.
struct Expected {
  int ndim;
  const int64_t *shape;
  const char *like;
  int64_t groups[2];  // where the shape is no part of another
};
void shape_for(const Call &call, ShapeRule rule, Expected *e) {
  const Tensor &input = call.input();
  e->ndim = input.ndim;
  e->shape = input.shape;
  e->like = call.row.tensors[0].name;
  if (rule == ShapeRule::channels) {
    e->ndim = 1;
    e->shape = input.shape + 1;
  }
  if (rule == ShapeRule::channels || rule == ShapeRule::planes || rule == ShapeRule::groups) e->like = "channels";
  if (rule == ShapeRule::planes || rule == ShapeRule::groups) e->ndim = 2;
  for (int i = 0; i < call.row.argument_count; ++i) {
    const auto &argument = call.row.arguments[i];
    const auto &extents = call.values[i].integers;
    if (rule == ShapeRule::groups && argument.allowed == Allowed::divisor_of_channels) {
      e->groups[0] = input.shape[0];
      e->groups[1] = call.integer(i);
      e->shape = e->groups;
    }
    if (argument.type != ArgumentType::extents) continue;
    if (rule == ShapeRule::rows) {
      e->ndim -= extents.count;
      e->like = "rows";
    }
    if (rule != ShapeRule::normalized_shape) continue;
    e->ndim = extents.count;
    e->shape = extents.data;
    e->like = argument.name;
  }
}

// What is read or written beside input and output. An operand is walked with the input: it has its type, and may be the
// output itself.
kiln_status read_beside(Call &call, int i, const DLTensor *given) {
  const TensorRow &row = call.row.tensors[i];
  if (!given && row.optional) return KILN_STATUS_OK;
  const int last = call.row.tensor_count - 1;
  const bool operand = row.role == Role::operand, of_float32 = row.role == Role::moment || row.role == Role::measured;
  const Tensor &input = call.input();
  Tensor &tensor = call.tensors[i];
  const uint32_t elements = bit_of(Element::float32) | (of_float32 ? 0 : bit_of(input.array.element));
  if (kiln_status s = read_tensor(row.name, given, operand ? call.row.elements : elements, &tensor)) return s;
  call.present[i] = true;
  if (operand)
    if (kiln_status s = expect_element(row.name, tensor, call.row.tensors[0].name, input)) return s;
  const int first = operand || !call.present[last] ? 0 : last;
  if (kiln_status s = expect_device(row.name, tensor, call.row.tensors[first].name, call.tensors[first])) return s;
  Expected expected;
  shape_for(call, row.shape, &expected);
  if (kiln_status s = expect_shape(row.name, tensor, expected.ndim, expected.shape, expected.like)) return s;
  if (!call.present[last]) return KILN_STATUS_OK;
  return expect_no_overlap(row.name, tensor, call.row.tensors[last].name, call.output(), operand);
}

bool is_result(Role role) { return role == Role::result || role == Role::measured; }

// What is written shares no memory with anything else, nor with itself; what the output is has been asked before.
kiln_status keep_apart(const Call &call, int written) {
  const Tensor &tensor = call.tensors[written];
  const char *name = call.row.tensors[written].name;
  if (kiln_status s = expect_distinct_elements(name, tensor)) return s;
  for (int i = 0; i < call.row.tensor_count - 1; ++i) {
    const Role role = call.row.tensors[i].role, own = call.row.tensors[written].role;
    const bool alike = is_result(own) ? is_result(role) : role == own;
    if (!call.present[i] || i == written || (alike && i < written)) continue;
    if (kiln_status s = expect_apart(name, tensor, call.row.tensors[i].name, call.tensors[i])) return s;
  }
  return KILN_STATUS_OK;
}

// Statistics come all or none.
kiln_status expect_all_statistics(const Call &call) {
  const char *names[2] = {};
  int found = 0, missing = -1;
  for (int i = 0; i < call.row.tensor_count; ++i) {
    if (call.row.tensors[i].role != Role::statistics) continue;
    names[found++ % 2] = call.row.tensors[i].name;
    if (!call.present[i]) missing = i;
  }
  for (int i = 0; missing >= 0 && i < call.row.tensor_count; ++i)
    if (call.row.tensors[i].role == Role::statistics && call.present[i])
      return invalid("%s: expected %s and %s or neither, got NULL for this one", call.row.tensors[missing].name,
                     names[0], names[1]);
  return KILN_STATUS_OK;
}

}  // namespace

Dims Call::dims(int argument) const {
  const auto &given = values[argument].integers;
  if (row.arguments[argument].type == ArgumentType::extents)
    return dims_from_to(input().ndim - given.count, input().ndim);
  if (given.count == 0) return dims_from_to(0, input().ndim);
  Dims all = 0;
  for (int i = 0; i < given.count; ++i) all |= Dims{1} << place_of(given.data[i], input().ndim);
  return all & dims_from_to(0, input().ndim);
}

kiln_status read_arguments(Call &call, const DLTensor *const *given) {
  const int last = call.row.tensor_count - 1;
  for (int i = 0; i <= last; ++i) call.present[i] = i == 0;
  call.present[last] = given[last] || !call.row.tensors[last].optional;
  if (kiln_status s = read_input_and_output(call, given)) return s;
  if (last == 1 && call.row.argument_count == 0) return KILN_STATUS_OK;
  for (int i = 0; i < call.row.argument_count; ++i)
    if (kiln_status s = check_argument(call.row.arguments[i], call.values[i], call.input())) return s;
  for (int i = 1; i < last; ++i)
    if (kiln_status s = read_beside(call, i, given[i])) return s;
  for (int i = 1; i < last; ++i)
    if (call.present[i] && is_result(call.row.tensors[i].role))
      if (kiln_status s = keep_apart(call, i)) return s;
  if (call.row.written_when < 0) return KILN_STATUS_OK;
  if (kiln_status s = expect_all_statistics(call)) return s;
  if (!call.is_set(call.row.written_when)) return KILN_STATUS_OK;
  for (int i = 1; i < last; ++i)
    if (call.row.tensors[i].role == Role::statistics && call.present[i])
      if (kiln_status s = keep_apart(call, i)) return s;
  return KILN_STATUS_OK;
}

}  // namespace kiln
