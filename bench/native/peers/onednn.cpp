// libkiln_onednn.so: oneDNN as a peer. scripts/bench_peers.sh builds it against the wheel, bench/peers/onednn.py loads
// it; nothing else of Kiln needs oneDNN. Nothing is thrown.
#include <omp.h>

#include <map>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#define EXPORT extern "C" __attribute__((visibility("default")))

// A tensor or a number of a call by name, as bench/peers/onednn.py lays it out.
struct Named {
  const char *name;
  void *tensor;  // NULL for a number
  double number;
};

// A case. `named`: x and y, of the element type, the operator's other tensors, of float32, and its numbers.
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
};

namespace {

using namespace dnnl;

struct Eltwise {
  algorithm kind;
  float alpha, beta;
};

const std::map<std::string, Eltwise> ELTWISE = {
    {"tanh", {algorithm::eltwise_tanh, 0, 0}},
    {"sigmoid", {algorithm::eltwise_logistic, 0, 0}},
    {"silu", {algorithm::eltwise_swish, 1, 0}},
    {"mish", {algorithm::eltwise_mish, 0, 0}},
    {"softplus", {algorithm::eltwise_soft_relu, 1, 0}},
    {"hardsigmoid", {algorithm::eltwise_hardsigmoid, 1.0f / 6, 0.5f}},
};

const std::map<std::string, memory::data_type> TYPES = {
    {"float32", memory::data_type::f32}, {"float16", memory::data_type::f16}, {"bfloat16", memory::data_type::bf16}};

memory::desc describe(const memory::dims &shape, memory::data_type type, bool channels_last = false) {
  memory::dims strides(shape.size());
  int64_t step = 1;
  if (channels_last) strides[1] = 1, step = shape[1];
  for (size_t d = shape.size(); d-- > 0;) {
    if (channels_last && d == 1) continue;
    strides[d] = step;
    step *= shape[d];
  }
  return {shape, type, strides};
}

// A primitive with its memory, ready to run.
class Call {
 public:
  explicit Call(const Given &given) : engine(engine::kind::cpu, 0), stream(engine), type(TYPES.at(given.dtype)) {
    omp_set_num_threads(given.threads);
    const memory::dims shape(given.shape, given.shape + given.rank);
    const std::string op = given.op;
    if (const auto found = ELTWISE.find(op); found != ELTWISE.end())
      bind_eltwise(given, shape, found->second);
    else if (op == "batch_norm")
      bind_batch_norm(given, shape);
    else if (op == "layer_norm")
      bind_layer_norm(given, shape);
    else if (op == "local_response_norm")
      bind_local_response_norm(given, shape);
    else
      throw std::invalid_argument("no operator \"" + op + "\"");
  }

  bool run() {
    return dnnl_primitive_execute(primitive.get(), stream.get(), static_cast<int>(arguments.size()),
                                  arguments.data()) == dnnl_success &&
           dnnl_stream_wait(stream.get()) == dnnl_success;
  }

 private:
  void add(int argument, const memory::desc &desc, void *data) {
    memories.emplace_back(desc, engine, data);
    arguments.push_back({argument, memories.back().get()});
  }

  void finish(const Given &given, const memory::desc &desc, const dnnl::primitive &made) {
    primitive = made;
    add(DNNL_ARG_SRC, desc, given.tensor("x"));
    add(DNNL_ARG_DST, desc, given.tensor("y"));
  }

  // Elements in the order of memory: the layout does not matter.
  void bind_eltwise(const Given &given, const memory::dims &shape, const Eltwise &eltwise) {
    int64_t count = 1;
    for (int64_t extent : shape) count *= extent;
    const memory::desc flat = describe({count}, type);
    finish(
        given, flat,
        eltwise_forward({engine, prop_kind::forward_inference, eltwise.kind, flat, flat, eltwise.alpha, eltwise.beta}));
  }

  void bind_batch_norm(const Given &given, const memory::dims &shape) {
    const memory::desc tensor = describe(shape, type, given.channels_last);
    const memory::desc channels = describe({shape[1]}, memory::data_type::f32);
    const auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
    const bool training = given.number("training") != 0;
    if (training) {
      statistics.resize(2 * shape[1]);
      finish(given, tensor,
             batch_normalization_forward(
                 {engine, prop_kind::forward_training, tensor, tensor, given.number("eps"), flags}));
    } else {
      finish(given, tensor,
             batch_normalization_forward({engine, prop_kind::forward_inference, tensor, tensor, given.number("eps"),
                                          flags | normalization_flags::use_global_stats}));
    }
    add(DNNL_ARG_SCALE, channels, given.tensor("weight"));
    add(DNNL_ARG_SHIFT, channels, given.tensor("bias"));
    add(DNNL_ARG_MEAN, channels, training ? statistics.data() : given.tensor("running_mean"));
    add(DNNL_ARG_VARIANCE, channels, training ? statistics.data() + shape[1] : given.tensor("running_var"));
  }

  void bind_layer_norm(const Given &given, const memory::dims &shape) {
    const memory::desc tensor = describe(shape, type), row = describe({shape.back()}, memory::data_type::f32);
    const auto flags = normalization_flags::use_scale | normalization_flags::use_shift;
    finish(given, tensor,
           layer_normalization_forward(
               {engine, prop_kind::forward_inference, tensor, tensor, given.number("eps"), flags}));
    add(DNNL_ARG_SCALE, row, given.tensor("weight"));
    add(DNNL_ARG_SHIFT, row, given.tensor("bias"));
  }

  void bind_local_response_norm(const Given &given, const memory::dims &shape) {
    const memory::desc tensor = describe(shape, type, given.channels_last);
    finish(given, tensor,
           lrn_forward({engine, prop_kind::forward_inference, algorithm::lrn_across_channels, tensor, tensor,
                        static_cast<int64_t>(given.number("size")), given.number("alpha"), given.number("beta"),
                        given.number("k")}));
  }

  dnnl::engine engine;
  dnnl::stream stream;
  memory::data_type type;  // of x and y
  dnnl::primitive primitive;
  std::vector<memory> memories;
  std::vector<dnnl_exec_arg_t> arguments;
  std::vector<float> statistics;  // that training leaves
};

std::string text;

}  // namespace

// NULL, and *call takes the case; or why not.
EXPORT const char *kiln_onednn_open(const Given *given, void **call) {
  *call = nullptr;
  try {
    *call = new Call(*given);
    return nullptr;
  } catch (const std::exception &e) {
    text = e.what();
    return text.c_str();
  }
}

// 0 for success.
EXPORT int kiln_onednn_run(void *call) { return static_cast<Call *>(call)->run() ? 0 : 1; }

EXPORT void kiln_onednn_close(void *call) { delete static_cast<Call *>(call); }

// It is there where a case says its element type.
EXPORT int kiln_onednn_takes_types() { return 1; }

EXPORT const char *kiln_onednn_version() {
  const dnnl_version_t *v = dnnl_version();
  text = std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
  return text.c_str();
}
