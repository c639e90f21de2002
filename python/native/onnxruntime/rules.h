// One rule an operator, under Kiln's name of it: what of ONNX's operator Kiln computes. It is here that names of ONNX's
// attributes and their defaults stand, beside the functions that read them.
#pragma once

#include "operators.h"

namespace kiln::onnx::rules {

// Of an elementwise operator, whose computation is Kiln's function.
struct Elementwise {
  int first, last;
  std::string (*objection)(const Node &node);
};

std::string hardsigmoid_objection(const Node &node);
std::string swish_objection(const Node &node);
std::string batch_norm_objection(const Node &node);
std::string group_norm_objection(const Node &node);
std::string instance_norm_objection(const Node &node);
std::string layer_norm_objection(const Node &node);
std::string rms_norm_objection(const Node &node);

constexpr Elementwise tanh = {6, 13, nullptr};
constexpr Elementwise sigmoid = {6, 13, nullptr};
constexpr Elementwise hardsigmoid = {6, 22, hardsigmoid_objection};
constexpr Elementwise silu = {24, 24, swish_objection};
constexpr Elementwise mish = {18, 22, nullptr};
// ONNX has no threshold: log(1 + exp(x)) is x to within half a unit in the last place of float32 where x > 20.
constexpr Elementwise softplus = {1, 22, nullptr};
constexpr Rule batch_norm = {7, 15, batch_norm_objection, make_batch_norm};
// Version 18 had scale and bias by group.
constexpr Rule group_norm = {21, 21, group_norm_objection, make_group_norm};
constexpr Rule instance_norm = {6, 22, instance_norm_objection, make_instance_norm};
// Version 1 is what ONNX Runtime had before ONNX did.
constexpr Rule layer_norm = {1, 17, layer_norm_objection, make_layer_norm};
constexpr Rule rms_norm = {23, 23, rms_norm_objection, make_rms_norm};
// What ONNX Runtime had before ONNX had the operator, in ONNX's domain.
constexpr const char *kSimplifiedLayerNormalization = "SimplifiedLayerNormalization";
constexpr Rule simplified_layer_norm = {1, 1, rms_norm_objection, make_rms_norm};
constexpr Rule local_response_norm = {1, 13, nullptr, make_local_response_norm};
constexpr Rule normalize = {1, 22, nullptr, make_normalize};

}  // namespace kiln::onnx::rules
