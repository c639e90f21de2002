// libkiln_onednn.so: oneDNN as a peer. scripts/bench_peers.sh builds it against the wheel, bench/peers/onednn.py loads
// it; nothing else of Kiln needs oneDNN. Nothing is thrown.
#include <omp.h>

#include <cstring>
#include <unordered_map>

#include "onednn_call.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace kiln::onednn {

int64_t count_of(const memory::dims &shape) {
  int64_t count = 1;
  for (int64_t extent : shape) count *= extent;
  return count;
}

memory::desc describe(const memory::dims &shape, memory::data_type type, bool channels_last) {
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

Call::Call(const Given &of)
    : given(of),
      shape(of.shape, of.shape + of.rank),
      engine(engine::kind::cpu, 0),
      stream(engine),
      type(TYPES.at(of.dtype)) {
  omp_set_num_threads(given.threads);
  const Binders &binders = given.is_gradient() ? BACKWARD : FORWARD;
  const auto found = binders.find(given.forward());
  if (found == binders.end()) throw std::invalid_argument("no operator \"" + std::string(given.op) + "\"");
  found->second(*this);
}

bool Call::run() {
  return dnnl_primitive_execute(primitive.get(), stream.get(), static_cast<int>(arguments.size()), arguments.data()) ==
             dnnl_success &&
         dnnl_stream_wait(stream.get()) == dnnl_success;
}

void Call::add(int argument, const memory::desc &desc, void *data) {
  memories.emplace_back(desc, engine, data);
  arguments.push_back({argument, memories.back().get()});
}

void Call::add_own(int argument, const memory::desc &desc) {
  memories.emplace_back(desc, engine);
  arguments.push_back({argument, memories.back().get()});
}

void Call::carry_out(const dnnl::primitive &once, const std::map<int, memory::desc> &others) {
  std::unordered_map<int, memory> all;
  for (size_t i = 0; i < memories.size(); ++i) all[arguments[i].arg] = memories[i];
  for (const auto &[argument, desc] : others) {
    all[argument] = memory(desc, engine);
    std::memset(all[argument].get_data_handle(), 0, desc.get_size());
  }
  once.execute(stream, all);
  stream.wait();
}

}  // namespace kiln::onednn

namespace {

using kiln::onednn::Call;

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

// It is there where gradients are.
EXPORT int kiln_onednn_has_gradients() { return 1; }

EXPORT const char *kiln_onednn_version() {
  const dnnl_version_t *v = dnnl_version();
  text = std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
  return text.c_str();
}
