// A node of a graph as the rules of operators look at it before Kiln takes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api.h"

namespace kiln::onnx {

// A node's attributes, from wherever ONNX Runtime has them.
class Attributes {
 public:
  virtual ~Attributes() = default;
  virtual int64_t integer(const char *name, int64_t otherwise) const = 0;
  virtual float real(const char *name, float otherwise) const = 0;
};

// Of a kernel that is being made.
class KernelAttributes : public Attributes {
 public:
  KernelAttributes(const Api &api, const ort::KernelInfo *info) : api_(api), info_(info) {}
  int64_t integer(const char *name, int64_t otherwise) const override;
  float real(const char *name, float otherwise) const override;

 private:
  const Api &api_;
  const ort::KernelInfo *info_;
};

// What is known of an input or output before anything runs.
struct ValueFacts {
  ort::ElementType type = ort::kUndefined;
  std::optional<std::vector<int64_t>> shape;  // -1 for an extent that is not known
};

class Node : public Attributes {
 public:
  Node(const Api &api, const ort::Node *node);
  const ort::Node *get() const { return node_; }

  std::string name() const { return text(ort::api::node_get_name); }
  std::string op_type() const { return text(ort::api::node_get_operator_type); }
  bool in_onnx_domain() const;
  int64_t integer(const char *name, int64_t otherwise) const override;
  float real(const char *name, float otherwise) const override;
  // None of an attribute that is absent.
  std::optional<std::vector<int64_t>> integers(const char *name) const;

  // NULL where it is absent.
  const ort::ValueInfo *input(size_t i) const { return i < inputs_.size() ? inputs_[i] : nullptr; }
  const ort::ValueInfo *output(size_t i) const { return i < outputs_.size() ? outputs_[i] : nullptr; }
  size_t input_count() const { return inputs_.size(); }
  size_t output_count() const { return outputs_.size(); }
  bool has_input(size_t i) const { return input(i) != nullptr; }
  bool has_output(size_t i) const { return output(i) != nullptr; }
  ValueFacts facts(const ort::ValueInfo *value) const;
  ort::ElementType type(const ort::ValueInfo *value) const { return facts(value).type; }

 private:
  std::string text(ort::Slot<ort::Status *(const ort::Node *, const char **)> slot) const;
  template <class T>
  bool read(const char *name, ort::AttributeType type, T *value) const;

  const Api &api_;
  const ort::Node *node_;
  std::vector<const ort::ValueInfo *> inputs_, outputs_;
};

std::string name_of(const Api &api, const ort::ValueInfo *value);

}  // namespace kiln::onnx
