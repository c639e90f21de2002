// The C++ face of Kiln (C++17; std::span where C++20 has it): views on memory that you own, PyTorch's default
// arguments, exceptions for errors. Header only, over kiln.h, whose conventions hold here too.
//
//   std::vector<float> x = ..., y(x.size());
//   kiln::silu(kiln::view(x), kiln::view(y));
//   kiln::layer_norm(kiln::view(x.data(), {8, 768}), {768}, kiln::view(y.data(), {8, 768}));
#ifndef KILN_KILN_HPP
#define KILN_KILN_HPP

#include <kiln/kiln.h>

#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>
#if defined(__has_include) && __cplusplus >= 202002L
#if __has_include(<span>)
#include <span>
#endif
#endif

namespace kiln {

// What a call throws that does not return KILN_STATUS_OK; what() is kiln_last_error().
class Error : public std::runtime_error {
 public:
  Error(kiln_status status, const char *message) : std::runtime_error(message), status_(status) {}
  kiln_status status() const noexcept { return status_; }

 private:
  kiln_status status_;
};

inline void check(kiln_status status) {
  if (status != KILN_STATUS_OK) throw Error(status, kiln_last_error());
}

using Shape = std::vector<int64_t>;

// A float32 tensor in memory that somebody else owns. Strides are in elements, as in DLPack; empty means row-major and
// dense. Copies are views of the same memory; one view may serve many threads at once.
class View {
 public:
  View(float *data, Shape shape, Shape strides = {}) : View(data, std::move(shape), std::move(strides), true) {}
  // Inputs are only read; an output needs memory that may be written.
  View(const float *data, Shape shape, Shape strides = {})
      : View(const_cast<float *>(data), std::move(shape), std::move(strides), false) {}

  // The view of an address on a device.
  View on(DLDevice device) const {
    View other = *this;
    other.device_ = device;
    return other;
  }
  // The same shape and strides in memory on a device, which may be written: an address there, or a cl_mem and the place in
  // it.
  View on(DLDevice device, void *data, uint64_t byte_offset = 0) const {
    View other = on(device);
    other.data_ = static_cast<float *>(data);
    other.byte_offset_ = byte_offset;
    other.writable_ = true;
    return other;
  }

  const Shape &shape() const noexcept { return shape_; }
  bool writable() const noexcept { return writable_; }

  // The DLPack tensor; it points into this view and is valid as long as that.
  DLTensor tensor() const noexcept {
    DLTensor t{};
    t.data = data_;
    t.device = device_;
    t.byte_offset = byte_offset_;
    t.ndim = static_cast<int>(shape_.size());
    t.dtype = DLDataType{kDLFloat, 32, 1};
    t.shape = const_cast<int64_t *>(shape_.data());
    t.strides = strides_.empty() ? nullptr : const_cast<int64_t *>(strides_.data());
    return t;
  }

 private:
  View(float *data, Shape shape, Shape strides, bool writable)
      : data_(data), shape_(std::move(shape)), strides_(std::move(strides)), writable_(writable) {
    if (!strides_.empty() && strides_.size() != shape_.size())
      throw std::invalid_argument("kiln::View: strides has " + std::to_string(strides_.size()) +
                                  " entries, expected one per dimension: " + std::to_string(shape_.size()));
  }

  float *data_;
  Shape shape_, strides_;
  bool writable_;
  DLDevice device_{kDLCPU, 0};
  uint64_t byte_offset_ = 0;
};

inline View view(float *data, Shape shape, Shape strides = {}) { return {data, std::move(shape), std::move(strides)}; }
inline View view(const float *data, Shape shape, Shape strides = {}) {
  return {data, std::move(shape), std::move(strides)};
}
inline View view(std::vector<float> &v) { return {v.data(), {static_cast<int64_t>(v.size())}}; }
inline View view(const std::vector<float> &v) { return {v.data(), {static_cast<int64_t>(v.size())}}; }
#ifdef __cpp_lib_span
inline View view(std::span<float> v) { return {v.data(), {static_cast<int64_t>(v.size())}}; }
inline View view(std::span<const float> v) { return {v.data(), {static_cast<int64_t>(v.size())}}; }
#endif

// Owns a kiln_context. A default-made one has every setting at its default.
class Context {
 public:
  Context() {
    kiln_context *raw = nullptr;
    check(kiln_context_create(&raw));
    context_.reset(raw);
  }
  Context &num_threads(int n) { return set(kiln_context_set_num_threads(get(), n)); }
  Context &accuracy(kiln_accuracy a) { return set(kiln_context_set_accuracy(get(), a)); }
  Context &cuda_stream(void *stream) { return set(kiln_context_set_cuda_stream(get(), stream)); }
  Context &opencl_queue(void *queue) { return set(kiln_context_set_opencl_queue(get(), queue)); }
  Context &isa(const char *name) { return set(kiln_context_set_isa(get(), name)); }
  Context &parallel_for(kiln_parallel_for f, void *data) { return set(kiln_context_set_parallel_for(get(), f, data)); }
  kiln_context *get() const noexcept { return context_.get(); }

 private:
  Context &set(kiln_status status) {
    check(status);
    return *this;
  }
  struct Destroy {
    void operator()(kiln_context *c) const noexcept { kiln_context_destroy(c); }
  };
  std::unique_ptr<kiln_context, Destroy> context_;
};

namespace detail {

// An argument in the form that the C functions take: a DLTensor that lives as long as the call, or NULL.
class Argument {
 public:
  explicit Argument(const View &view) : tensor_(view.tensor()), present_(true) {}
  explicit Argument(const View *view) : present_(view != nullptr) {
    if (view) tensor_ = view->tensor();
  }
  const DLTensor *input() const noexcept { return present_ ? &tensor_ : nullptr; }

 protected:
  DLTensor tensor_{};
  bool present_;
};

class Output : public Argument {
 public:
  explicit Output(const View &view) : Argument(view) {
    if (!view.writable()) throw std::invalid_argument("kiln: output is a view of const memory, expected writable memory");
  }
  DLTensor *output() noexcept { return &tensor_; }
};

inline const kiln_context *raw(const Context *context) { return context ? context->get() : nullptr; }

}  // namespace detail

// Elementwise operators: kiln::tanh(input, output), and with a context as third argument.
#define KILN_POINTWISE(name, accuracies, formula)                                                  \
  inline void name(const View &input, const View &output, const Context *context = nullptr) {      \
    check(kiln_##name(detail::raw(context), detail::Argument(input).input(), detail::Output(output).output())); \
  }                                                                                                \
  inline void name(const View &input, const View &output, const Context &context) { name(input, output, &context); }
#include <kiln/operators.def>

// What a normalization may be given besides its tensors, with PyTorch's defaults. Views and contexts are borrowed; NULL
// means absent.
struct AffineOptions {
  const View *weight = nullptr;
  const View *bias = nullptr;
  double eps = 1e-5;
  const Context *context = nullptr;
};
using LayerNormOptions = AffineOptions;
using GroupNormOptions = AffineOptions;

struct BatchNormOptions {
  const View *running_mean = nullptr;  // writable where training
  const View *running_var = nullptr;
  const View *weight = nullptr;
  const View *bias = nullptr;
  bool training = false;
  double momentum = 0.1;
  double eps = 1e-5;
  const Context *context = nullptr;
};

struct InstanceNormOptions {
  const View *running_mean = nullptr;  // writable where use_input_stats
  const View *running_var = nullptr;
  const View *weight = nullptr;
  const View *bias = nullptr;
  bool use_input_stats = true;
  double momentum = 0.1;
  double eps = 1e-5;
  const Context *context = nullptr;
};

struct LocalResponseNormOptions {
  double alpha = 1e-4;
  double beta = 0.75;
  double k = 1;
  const Context *context = nullptr;
};

struct NormalizeOptions {
  double p = 2;
  std::vector<int64_t> dim = {1};  // empty: all dimensions
  double eps = 1e-12;
  const Context *context = nullptr;
};

namespace detail {

// Running statistics, which a call writes where `updated`.
class Statistic : public Argument {
 public:
  Statistic(const char *name, const View *view, bool updated) : Argument(view) {
    if (view && updated && !view->writable())
      throw std::invalid_argument(std::string("kiln: ") + name + " is a view of const memory, expected writable memory");
  }
  DLTensor *tensor() noexcept { return present_ ? &tensor_ : nullptr; }
};

}  // namespace detail

inline void batch_norm(const View &input, const View &output, const BatchNormOptions &o = {}) {
  check(kiln_batch_norm(detail::raw(o.context), detail::Argument(input).input(),
                        detail::Statistic("running_mean", o.running_mean, o.training).tensor(),
                        detail::Statistic("running_var", o.running_var, o.training).tensor(),
                        detail::Argument(o.weight).input(), detail::Argument(o.bias).input(), o.training, o.momentum,
                        o.eps, detail::Output(output).output()));
}

inline void group_norm(const View &input, int64_t num_groups, const View &output, const GroupNormOptions &o = {}) {
  check(kiln_group_norm(detail::raw(o.context), detail::Argument(input).input(), num_groups,
                        detail::Argument(o.weight).input(), detail::Argument(o.bias).input(), o.eps,
                        detail::Output(output).output()));
}

inline void instance_norm(const View &input, const View &output, const InstanceNormOptions &o = {}) {
  check(kiln_instance_norm(detail::raw(o.context), detail::Argument(input).input(),
                           detail::Statistic("running_mean", o.running_mean, o.use_input_stats).tensor(),
                           detail::Statistic("running_var", o.running_var, o.use_input_stats).tensor(),
                           detail::Argument(o.weight).input(), detail::Argument(o.bias).input(), o.use_input_stats,
                           o.momentum, o.eps, detail::Output(output).output()));
}

inline void layer_norm(const View &input, const Shape &normalized_shape, const View &output,
                       const LayerNormOptions &o = {}) {
  check(kiln_layer_norm(detail::raw(o.context), detail::Argument(input).input(), normalized_shape.data(),
                        static_cast<int>(normalized_shape.size()), detail::Argument(o.weight).input(),
                        detail::Argument(o.bias).input(), o.eps, detail::Output(output).output()));
}

inline void local_response_norm(const View &input, int64_t size, const View &output,
                                const LocalResponseNormOptions &o = {}) {
  check(kiln_local_response_norm(detail::raw(o.context), detail::Argument(input).input(), size, o.alpha, o.beta, o.k,
                                 detail::Output(output).output()));
}

inline void normalize(const View &input, const View &output, const NormalizeOptions &o = {}) {
  check(kiln_normalize(detail::raw(o.context), detail::Argument(input).input(), o.p, o.dim.data(),
                       static_cast<int>(o.dim.size()), o.eps, detail::Output(output).output()));
}

}  // namespace kiln
#endif
