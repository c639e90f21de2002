#include "implementations.h"

#include <HalideRuntime.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "copies.h"

#define BARE_KERNEL(isa, symbol) extern "C" int symbol(const void *, halide_buffer_t *, halide_buffer_t *);
#include "bare_kernels.inc"

namespace kiln::bench {
namespace {

using Context = std::shared_ptr<kiln_context>;
using Call = std::function<kiln_status(const kiln_context *)>;

Context make_context(int threads, bool fast, const std::string &isa) {
  kiln_context *made = nullptr;
  expect(kiln_context_create(&made));
  Context context(made, kiln_context_destroy);
  expect(kiln_context_set_num_threads(made, threads));
  expect(kiln_context_set_accuracy(made, fast ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT));
  if (!isa.empty()) expect(kiln_context_set_isa(made, isa.c_str()));
  return context;
}

Call bind_pointwise(Case &c) {
#define KILN_POINTWISE(name, accuracies, formula) \
  if (c.op == #name) return [&c](const kiln_context *k) { return kiln_##name(k, c.x.tensor(), c.y.tensor()); };
#include <kiln/operators.def>
  return nullptr;
}

// A normalization's call, with PyTorch's default arguments where the case names none.
Call bind_normalization(Case &c) {
  const auto tensor = [&](const char *name) {
    Array *found = c.find(name);
    return found ? found->tensor() : nullptr;
  };
  DLTensor *x = c.x.tensor(), *y = c.y.tensor(), *w = tensor("weight"), *b = tensor("bias");
  const auto number = [&](const char *name, double otherwise) { return c.arguments.value(name, otherwise); };
  const double eps = number("eps", 1e-5);
  if (c.op == "batch_norm") {
    DLTensor *mean = tensor("running_mean"), *var = tensor("running_var");
    const bool training = c.arguments.value("training", false);
    return [=](const kiln_context *k) { return kiln_batch_norm(k, x, mean, var, w, b, training, 0.1, eps, y); };
  }
  if (c.op == "group_norm") {
    const int64_t groups = c.arguments.at("num_groups");
    return [=](const kiln_context *k) { return kiln_group_norm(k, x, groups, w, b, eps, y); };
  }
  if (c.op == "instance_norm")
    return [=](const kiln_context *k) { return kiln_instance_norm(k, x, nullptr, nullptr, w, b, 1, 0.1, eps, y); };
  if (c.op == "layer_norm") {
    const auto shape = c.arguments.at("normalized_shape").get<std::vector<int64_t>>();
    return [=](const kiln_context *k) {
      return kiln_layer_norm(k, x, shape.data(), static_cast<int>(shape.size()), w, b, eps, y);
    };
  }
  if (c.op == "local_response_norm") {
    const int64_t size = c.arguments.at("size");
    const double alpha = number("alpha", 1e-4), beta = number("beta", 0.75), one = number("k", 1);
    return [=](const kiln_context *k) { return kiln_local_response_norm(k, x, size, alpha, beta, one, y); };
  }
  if (c.op == "normalize") {
    const int64_t dim = c.arguments.value("dim", 1);
    const bool infinite = c.arguments.contains("p") && c.arguments.at("p") == "inf";  // JSON has no number for it
    const double p = infinite ? HUGE_VAL : number("p", 2);
    return [=](const kiln_context *k) { return kiln_normalize(k, x, p, &dim, 1, 1e-12, y); };
  }
  return nullptr;
}

bool has_fast(const std::string &op) {
#define KILN_POINTWISE(name, accuracies, formula) \
  if (op == #name) return std::strstr(accuracies, "fast") != nullptr;
#include <kiln/operators.def>
  return false;
}

void copy_in_pieces(Case &c, int threads, void (*copy)(float *, const float *, size_t)) {
  const int64_t piece = (c.x.count / threads + 15) / 16 * 16;
#pragma omp parallel for num_threads(threads) schedule(static)
  for (int i = 0; i < threads; ++i) {
    const int64_t first = std::min(i * piece, c.x.count);
    const int64_t end = i + 1 < threads ? std::min(first + piece, c.x.count) : c.x.count;
    copy(c.y.data() + first, c.x.data() + first, end - first);
  }
}

// For what is enqueued; false where the device reports an error.
bool waited_for(devices::Device *device) try {
  if (device) device->wait();
  return true;
} catch (const std::runtime_error &) {
  return false;
}

void copy_memory(float *to, const float *from, size_t count) { std::memcpy(to, from, count * sizeof(float)); }

}  // namespace

void add_kiln(std::vector<Implementation> &to, Case &given, int threads, const std::vector<std::string> &isas, int repeat,
              devices::Device *device) {
  Call call = bind_pointwise(given);
  if (!call) call = bind_normalization(given);
  if (!call) throw Error("op: no operator \"" + given.op + "\"");
  for (const std::string &forced : isas.empty() ? std::vector<std::string>{""} : isas)
    for (int fast = 0; fast <= has_fast(given.op); ++fast) {
      const Context context = make_context(threads, fast, forced);
      const char *isa = kiln_context_isa(context.get());
      if (!isa) throw Error(kiln_last_error());
      if (device) device->use_in(context.get());
      expect(call(context.get()));
      const std::string name = device ? device->id().device_type == kDLCUDA ? "cuda" : "opencl" : isa;
      to.push_back({std::string("kiln/") + (fast ? "fast/" : "exact/") + name, [context, call, repeat, device] {
                      bool fine = true;
                      for (int i = 0; i < repeat; ++i) fine = fine && call(context.get()) == KILN_STATUS_OK;
                      return fine && waited_for(device);
                    }});
    }
}

void add_copies(std::vector<Implementation> &to, Case &given, int threads) {
  const auto add = [&](const char *name, void (*copy)(float *, const float *, size_t)) {
    to.push_back({name, [&given, threads, copy] {
                    if (threads == 1)
                      copy(given.y.data(), given.x.data(), given.x.count);
                    else
                      copy_in_pieces(given, threads, copy);
                    return true;
                  }});
  };
  add("copy/memcpy", copy_memory);
  add("copy/loop", copy_loop);
  add("copy/streaming", copy_streaming);
}

void add_device_copy(std::vector<Implementation> &to, Case &given, devices::Device &device) {
  to.push_back({"copy/device", [&given, &device] {
                  device.copy(given.y.tensor()->data, given.x.tensor()->data, given.bytes());
                  return waited_for(&device);
                }});
}

void add_bare_kernel(std::vector<Implementation> &to, Case &given) {
  if (given.op != "tanh" || given.x.count != 16) return;
  const std::string best = runnable_isas().front();
#define BARE_KERNEL(isa, symbol)                                          \
  if (best == isa)                                                        \
    to.push_back({std::string("bare kernel/exact/") + isa, [&given] {     \
                    halide_dimension_t dim{0, 16, 1, 0};                  \
                    halide_buffer_t x{}, y{};                             \
                    x.host = reinterpret_cast<uint8_t *>(given.x.data()); \
                    y.host = reinterpret_cast<uint8_t *>(given.y.data()); \
                    x.type = y.type = halide_type_of<float>();            \
                    x.dimensions = y.dimensions = 1;                      \
                    x.dim = y.dim = &dim;                                 \
                    return symbol(nullptr, &x, &y) == 0;                  \
                  }});
#include "bare_kernels.inc"
}

std::vector<std::string> runnable_isas() {
  std::vector<std::string> isas;
  kiln_kernel_info info;
  for (int64_t i = 0; kiln_kernel_at(i, &info) == KILN_STATUS_OK; ++i)
    if (info.runs_here && std::strcmp(info.device, "cpu") == 0 &&
        std::find(isas.begin(), isas.end(), info.isa) == isas.end())
      isas.push_back(info.isa);
  const char *best = kiln_context_isa(nullptr);
  if (!best) throw Error(kiln_last_error());
  const auto at = std::find(isas.begin(), isas.end(), best);
  if (at != isas.end()) std::rotate(isas.begin(), at, at + 1);
  return isas;
}

}  // namespace kiln::bench
