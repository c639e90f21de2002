// What the table of operators says of each, for tests.
#pragma once

#include <kiln/kiln.h>

#include <string>
#include <vector>

namespace kiln::descriptor {

enum class Role { input, parameter, statistics, output };
enum class ShapeRule { any, input, channels, normalized_shape };
enum class ArgumentType { boolean, integer, real, extents, dims };

struct Tensor {
  const char *name;
  Role role;
  ShapeRule shape;
  bool optional;
  float identity;
  int least_rank;
};

struct Argument {
  const char *name;
  ArgumentType type;
  bool has_default;
  double real;
  long long integer;
  std::vector<int64_t> integers;
};

union Value {
  int64_t integer;
  double real;
  struct {
    const int64_t *data;
    int count;
  } integers;
};

struct Operator {
  const char *name, *family;
  std::vector<Tensor> tensors;
  std::vector<Argument> arguments;
  std::vector<const char *> accuracies;
  kiln_status (*call)(const kiln_context *context, DLTensor *const *tensors, const Value *values);
};

const std::vector<Operator> &operators();
const Operator &operator_named(const std::string &name);

}  // namespace kiln::descriptor
