// A row of the table of operators (operators.toml), as the build writes it for the runtime: what an operator is given,
// what is allowed, and which plan carries it out. generated/operators/<name>.cpp has one row and its function of
// kiln.h; generated/operators.h the places of tensors and arguments by name.
#pragma once

#include <kiln/kiln.h>

#include "kernel.h"

namespace kiln {

struct Call;  // entry.h

enum class Role : uint8_t {
  input,       // read; the first tensor
  parameter,   // read; weight, bias
  statistics,  // read, and written where OperatorRow::written_when is set: running_mean, running_var
  output       // written; the last tensor, of the input's shape
};

// The shape that a tensor must have.
enum class ShapeRule : uint8_t { any, input, channels, normalized_shape };

struct TensorRow {
  const char *name;
  Role role;
  ShapeRule shape;
  bool optional;
  float identity;  // of an optional parameter: the value that changes nothing, which stands for an absent one
  int least_rank;  // of the input
};

enum class ArgumentType : uint8_t {
  boolean,  // int: 0 or not
  integer,  // int64_t
  real,     // double
  extents,  // const int64_t *, int: a shape
  dims      // const int64_t *, int: dimensions; none means all
};

// What an argument may be. An error says it in words: docs and messages have them from the table as well.
enum class Allowed : uint8_t {
  any,
  number,               // not NaN
  at_least_zero,        // 0 or more, which NaN is not
  at_least_one,         // 1 or more
  divisor_of_channels,  // 1 or more, and divides the input's second extent
  trailing_extents,     // 1 or more extents, the last ones of the input's shape
  distinct_dimensions   // of the input, negative ones from the end, each once
};

struct ArgumentRow {
  const char *name;
  ArgumentType type;
  Allowed allowed;
};

// The value of an argument, by its row's type.
union Value {
  int64_t integer;  // boolean, too
  double real;
  struct {
    const int64_t *data;
    int count;
  } integers;
};

struct OperatorRow {
  const char *name;  // "batch_norm"; messages begin with kiln_batch_norm
  const TensorRow *tensors;
  int tensor_count;
  const ArgumentRow *arguments;
  int argument_count;
  int written_when;                 // the place of the boolean argument that has statistics written; -1 without any
  const KernelList *kernels;        // of an elementwise operator; else NULL
  kiln_status (*plan)(Call &call);  // in runtime/plans/
};

constexpr int kMostTensors = 8;

// The one way in: checks everything by the row and has the plan carry it out. `given` and `values` are in the row's
// order.
kiln_status enter(const OperatorRow &row, const kiln_context *context, const DLTensor *const *given,
                  const Value *values);

// The plan of all elementwise operators; a row declares its own otherwise.
kiln_status plan_elementwise(Call &call);

}  // namespace kiln
