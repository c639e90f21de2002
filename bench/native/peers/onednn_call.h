// A call of oneDNN: a primitive with its memory, ready to run.
#pragma once

#include <map>
#include <oneapi/dnnl/dnnl.hpp>
#include <stdexcept>
#include <string>
#include <vector>

// A tensor or a number of a call by name, as bench/peers/onednn.py lays it out.
struct Named {
  const char *name;
  void *tensor;  // NULL for a number
  double number;
};

// A case. `named`: input and output, of a gradient grad_output, input and grad_input, of the element type; the
// operator's other tensors, of float32; and its numbers.
struct Given {
  const char *op, *dtype;
  const int64_t *shape;
  const Named *named;
  int32_t rank, named_count, channels_last, threads;

  const Named &find(const std::string &name) const {
    for (int i = 0; i < named_count; ++i)
      if (name == named[i].name) return named[i];
    throw std::invalid_argument(std::string(op) + ": expected " + name);
  }
  void *tensor(const char *name) const { return find(name).tensor; }
  float number(const char *name) const { return static_cast<float>(find(name).number); }

  bool is_gradient() const { return forward() != op; }
  std::string forward() const {
    const std::string name = op, suffix = "_backward";
    const size_t at = name.rfind(suffix);
    return name.substr(0, at == std::string::npos || at + suffix.size() != name.size() ? name.size() : at);
  }
};

namespace kiln::onednn {

using namespace dnnl;

struct Eltwise {
  algorithm kind;
  float alpha, beta;
};

inline const std::map<std::string, Eltwise> ELTWISE = {
    {"tanh", {algorithm::eltwise_tanh, 0, 0}},
    {"sigmoid", {algorithm::eltwise_logistic, 0, 0}},
    {"silu", {algorithm::eltwise_swish, 1, 0}},
    {"mish", {algorithm::eltwise_mish, 0, 0}},
    {"softplus", {algorithm::eltwise_soft_relu, 1, 0}},
    {"hardsigmoid", {algorithm::eltwise_hardsigmoid, 1.0f / 6, 0.5f}},
};

inline const std::map<std::string, memory::data_type> TYPES = {
    {"float32", memory::data_type::f32}, {"float16", memory::data_type::f16}, {"bfloat16", memory::data_type::bf16}};

int64_t count_of(const memory::dims &shape);  // elements
memory::desc describe(const memory::dims &shape, memory::data_type type, bool channels_last = false);

class Call {
 public:
  explicit Call(const Given &given);
  bool run();

  void add(int argument, const memory::desc &desc, void *data);
  // Memory of the call's own.
  void add_own(int argument, const memory::desc &desc);
  // Carries out a primitive on what was added so far, and on memory for its other outputs, which is then let go.
  void carry_out(const dnnl::primitive &once, const std::map<int, memory::desc> &others);

  const Given &given;
  const memory::dims shape;
  const dnnl::engine engine;
  dnnl::stream stream;
  const memory::data_type type;  // of tensors of the case's shape
  dnnl::primitive primitive;

 private:
  std::vector<memory> memories;
  std::vector<dnnl_exec_arg_t> arguments;
};

// A table of an operator's name and what makes the primitive.
using Binders = std::map<std::string, void (*)(Call &)>;
extern const Binders FORWARD, BACKWARD;

}  // namespace kiln::onednn
