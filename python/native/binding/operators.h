// An operator as a function of Python takes it. The build writes the rows from operators.toml:
// generated/python/operators.cpp.
#pragma once

#include <kinds.h>

#include "python.h"

namespace kiln::python {

using kinds::Role;
using kinds::Shape;
using kinds::Type;
using kinds::Value;

enum class Takes : uint8_t { tensor, argument, inplace, fixed, result };

constexpr int kMost = 16;        // parameters of a function
constexpr int kMostResults = 4;  // that it returns

// A parameter of the function, in the order of its signature.
struct Parameter {
  const char *name;
  Takes takes;
  int8_t place;      // among the operator's tensors, or among its arguments
  bool required;     // no default
  bool may_be_none;  // of a result: it need not be computed
  Role role;         // of a tensor or a result
  Shape shape;       // of a result
  int8_t typed_as;   // of a result: the place of the tensor whose element type it has where that is given; -1: float32
  bool alone;        // of a result: the only one, whose default is None and not True
  Type type;         // of an argument, and its default, or the one value:
  int64_t integer;
  double real;
};

constexpr Parameter tensor(const char *name, int8_t place, bool required, bool may_be_none, Role role) {
  return {name, Takes::tensor, place, required, may_be_none, role, Shape::any, 0, false, Type::boolean, 0, 0};
}
constexpr Parameter argument(const char *name, int8_t place, bool required, bool may_be_none, Type type,
                             int64_t integer, double real) {
  return {name, Takes::argument, place, required, may_be_none, Role::input, Shape::any, 0, false, type, integer, real};
}
constexpr Parameter result(const char *name, int8_t place, bool may_be_none, Role role, Shape shape, int8_t typed_as,
                           bool alone) {
  return {name, Takes::result, place, false, may_be_none, role, shape, typed_as, alone, Type::boolean, 0, 0};
}

// Whether the input is what is written.
constexpr Parameter inplace(const char *name) {
  return {name, Takes::inplace, 0, false, false, Role::input, Shape::any, 0, false, Type::boolean, 0, 0};
}

// What PyTorch's function takes, and Kiln has one value of.
constexpr Parameter fixed(const char *name, double real) {
  return {name, Takes::fixed, 0, false, false, Role::input, Shape::any, 0, false, Type::real, 0, real};
}

struct Operator {
  const char *name;  // "layer_norm"; messages begin with kiln_layer_norm
  const Parameter *parameters;
  int8_t parameter_count;
  int8_t input_count;       // those before the results
  int8_t positional_count;  // those that may be given by position; the rest by name alone
  int8_t tensor_count;
  int8_t written_when;  // the place of the boolean argument that has statistics written; -1 without any
  kiln_status (*call)(const kiln_context *context, DLTensor *const *tensors, const Value *values);
};

// The functions of kiln._native, one an operator.
extern PyMethodDef kFunctions[];

}  // namespace kiln::python
