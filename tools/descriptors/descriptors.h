// What the tables (operators.toml, elements.def) say of each operator and element type, for the tool, the tests and the
// benchmark: what an operator takes, and how it is called by position instead of by name. Nothing here knows of the
// runtime.
#ifndef KILN_TOOLS_DESCRIPTORS_H
#define KILN_TOOLS_DESCRIPTORS_H

#include <kiln/kiln.h>
#include <kinds.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kiln::descriptor {

using kinds::Allowed;
using kinds::Role;
using kinds::Shape;
using kinds::Type;
using kinds::Value;

struct Tensor {
  std::string name;
  Role role;
  Shape shape;
  bool optional;             // NULL may stand for it
  float identity;            // of an optional parameter: the value that an absent one stands for
  int least_rank;            // of the input
  std::string written_when;  // of statistics: the boolean argument that has them updated
  std::string doc;

  // Written beside the output.
  bool is_result() const { return role == Role::result || role == Role::measured; }
};

const char *name_of(Type type);

struct Argument {
  std::string name;
  Type type;
  Allowed allowed;
  bool has_default;
  // PyTorch's, by the type. For an integer without default, a usual value, for measurements.
  int64_t integer;  // boolean, too
  double real;
  std::vector<int64_t> integers;
  std::string default_text;  // "1e-5", "machine epsilon"; "" without default
  std::string doc;
};

struct Operator {
  std::string name;
  std::string family;     // as operators.toml has it: "elementwise"
  std::string direction;  // "forward", or "backward" of a gradient
  std::string forward;    // the operator whose gradient it is; its own name where it is none
  std::string formula;
  std::string torch;  // the function of torch.nn.functional
  std::string onnx;
  std::vector<Tensor> tensors;      // the input first, the output last
  std::vector<Argument> arguments;  // in the C function's order
  std::vector<std::string> accuracies, dtypes;
  std::vector<std::string> kernels;  // the stages of stages.def; of an elementwise operator, its name
  // Calls the C function. `tensors` and `values` in the order above; an absent tensor is NULL. For a number that C
  // takes by a pointer, NULL is passed where it has its default.
  kiln_status (*call)(const kiln_context *context, DLTensor *const *tensors, const Value *values);

  // The place of a tensor or an argument by name; aborts where there is none.
  int tensor(const std::string &name) const;
  int argument(const std::string &name) const;
  bool has_argument(const std::string &name) const;
  // Its own kernels, where others share stages.
  bool elementwise() const { return family.rfind("elementwise", 0) == 0; }
  bool has_accuracy(const std::string &accuracy) const;
};

// A type of elements.def.
struct Element {
  std::string name;
  DLDataType dlpack;
  size_t bytes() const { return dlpack.bits / 8; }
};
// In the table's order: float32 first.
const std::vector<Element> &elements();
// Aborts where there is none of this name, and says so.
const Element &element_named(const std::string &name);

// In the table's order.
const std::vector<Operator> &operators();
// Aborts where there is none of this name, and says so.
const Operator &operator_named(const std::string &name);
std::vector<const Operator *> operators_of_family(const std::string &family);

// The shape that a tensor has for an input of a shape and these arguments; its extents beyond the input's are 1.
std::vector<int64_t> shape_of(const Operator &op, const Tensor &tensor, const std::vector<int64_t> &input,
                              const std::vector<Value> &values);

// The arguments' defaults, in order. One without default is 0, no extents, or a usual value. They point into `op`.
std::vector<Value> default_values(const Operator &op);

}  // namespace kiln::descriptor
#endif
