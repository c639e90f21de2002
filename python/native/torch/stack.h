
// The arguments of a call as PyTorch hands them over, and its results.
#pragma once

#include <initializer_list>
#include <optional>
#include <vector>

#include "place.h"
#include "tensor.h"

namespace kiln::torch {

class Integers {
 public:
  explicit Integers(std::vector<int64_t> values) : values_(std::move(values)) {}
  const int64_t *data() const { return values_.data(); }
  int count() const { return static_cast<int>(values_.size()); }
  const std::vector<int64_t> &values() const { return values_; }

 private:
  std::vector<int64_t> values_;
};

// Reads the arguments in their order; each is owned by the one who has read it.
class Stack {
 public:
  explicit Stack(StableIValue *values) : values_(values) {}

  bool boolean() { return next<bool>(); }
  int64_t integer() { return next<int64_t>(); }
  double real() { return next<double>(); }
  std::optional<double> optional_real();
  Integers integers();
  Tensor tensor() { return Tensor(next<AtenTensorHandle>(), Tensor::Access::read); }
  Tensor optional_tensor();

  // What is not there is a tensor of the shape (0,).
  void results(std::initializer_list<Tensor *> tensors);

 private:
  template <class T>
  T next();

  StableIValue *values_;
  size_t read_ = 0;
};

// Throws what Kiln says of a call that failed.
void check(kiln_status status);

// Of a statistic, by the row's word for it (operators.toml).
std::vector<int64_t> channels(const Tensor &input);
std::vector<int64_t> planes(const Tensor &input);
std::vector<int64_t> groups(const Tensor &input, int64_t num_groups);
std::vector<int64_t> rows(const Tensor &input, const Integers &normalized_shape);
Tensor measured(const std::vector<int64_t> &shape, const Place &place);
// Of the weight's type, or where there is none of the input's.
Tensor gradient_of_parameter(const std::vector<int64_t> &shape, const Tensor &weight, const Tensor &input);

}  // namespace kiln::torch
