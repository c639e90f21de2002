// A row of the table of operators (operators.toml), as the build writes it for the runtime: what an operator is given,
// what is allowed, and which plan carries it out. generated/operators/<name>.cpp has one row and its function of
// kiln.h; generated/operators.h the places of tensors and arguments by name.
#pragma once

#include <kiln/kiln.h>
#include <kinds.h>

#include "kernel.h"

namespace kiln {

struct Call;  // entry.h

using kinds::Allowed;
using kinds::Role;
using kinds::Value;
using ArgumentType = kinds::Type;
using ShapeRule = kinds::Shape;

struct TensorRow {
  const char *name;
  Role role;
  ShapeRule shape;
  bool optional;
  float identity;  // of an optional parameter: the value that changes nothing, which stands for an absent one
  int least_rank;  // of the input
};

struct ArgumentRow {
  const char *name;
  ArgumentType type;
  Allowed allowed;
};

struct OperatorRow {
  const char *name;  // "batch_norm"; messages begin with kiln_batch_norm
  const TensorRow *tensors;
  int tensor_count;
  const ArgumentRow *arguments;
  int argument_count;
  int written_when;  // the place of the boolean argument that has statistics written; -1 without any
  // By element type: an elementwise operator's own; of one that is made of stages conversions to float32 and back, none
  // of float32. NULL of a type that it does not take, or whose kernels are not linked.
  const KernelList *kernels[kElements];
  uint32_t elements;                // that input and output may have
  kiln_status (*plan)(Call &call);  // in runtime/plans/
};

constexpr int kMostTensors = 12;

// The one way in: checks everything by the row and has the plan carry it out. `given` and `values` are in the row's
// order.
kiln_status enter(const OperatorRow &row, const kiln_context *context, const DLTensor *const *given,
                  const Value *values);

// The plan of all elementwise operators; a row declares its own otherwise.
kiln_status plan_elementwise(Call &call);

}  // namespace kiln
