// The ONNX operators that Kiln computes: operators.toml says which they are, and rules here what of ONNX's meaning they
// have of Kiln's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "call.h"
#include "node.h"

namespace kiln::onnx {

struct Rule {
  // The versions of ONNX's operator that it holds for, by the operator sets that brought them.
  int first, last;
  // Why Kiln cannot compute a node to ONNX's meaning, in words; "" where it can. Types and versions are looked at
  // elsewhere. NULL where it always can.
  std::string (*objection)(const Node &node);
  std::unique_ptr<Computation> (*make)(const Attributes &attributes);
};

struct Operator {
  const char *name;  // ONNX's
  std::vector<ort::ElementType> types;
  Rule rule;
};

// The table's, and what ONNX Runtime calls one of them, too.
const std::vector<Operator> &operators();
// By ONNX's name; NULL where there is none.
const Operator *operator_named(const std::string &name);

using ElementwiseFunction = kiln_status (*)(const kiln_context *, const DLTensor *, DLTensor *);
std::unique_ptr<Computation> elementwise(ElementwiseFunction function);

// normalizations.cpp
std::unique_ptr<Computation> make_batch_norm(const Attributes &attributes);
std::unique_ptr<Computation> make_group_norm(const Attributes &attributes);
std::unique_ptr<Computation> make_instance_norm(const Attributes &attributes);
std::unique_ptr<Computation> make_local_response_norm(const Attributes &attributes);
std::unique_ptr<Computation> make_normalize(const Attributes &attributes);
// row_normalizations.cpp
std::unique_ptr<Computation> make_layer_norm(const Attributes &attributes);
std::unique_ptr<Computation> make_rms_norm(const Attributes &attributes);

}  // namespace kiln::onnx
