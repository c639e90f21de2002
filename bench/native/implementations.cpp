#include "implementations.h"

#include <HalideRuntime.h>

#include <algorithm>
#include <cstring>

#include "copies.h"

#define BARE_KERNEL(isa, symbol) extern "C" int symbol(const void *, halide_buffer_t *, halide_buffer_t *);
#include "bare_kernels.inc"

namespace kiln::bench {
namespace {

using Context = std::shared_ptr<kiln_context>;

Context make_context(int threads, bool fast, const std::string &isa) {
  kiln_context *made = nullptr;
  expect(kiln_context_create(&made));
  Context context(made, kiln_context_destroy);
  expect(kiln_context_set_num_threads(made, threads));
  expect(kiln_context_set_accuracy(made, fast ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT));
  if (!isa.empty()) expect(kiln_context_set_isa(made, isa.c_str()));
  return context;
}

// For what is enqueued; false where the device reports an error.
bool waited_for(devices::Device *device) try {
  if (device) device->wait();
  return true;
} catch (const std::runtime_error &) {
  return false;
}

void copy_memory(Word *to, const Word *from, size_t count) { std::memcpy(to, from, count * sizeof(Word)); }

}  // namespace

void add_kiln(std::vector<Implementation> &to, Case &given, int threads, const std::vector<std::string> &isas,
              int repeat, devices::Device *device) {
  for (const std::string &forced : isas.empty() ? std::vector<std::string>{""} : isas)
    for (int fast = 0; fast <= given.op.has_accuracy("fast"); ++fast) {
      const Context context = make_context(threads, fast, forced);
      const char *isa = kiln_context_isa(context.get());
      if (!isa) throw Error(kiln_last_error());
      if (device) device->use_in(context.get());
      expect(given.call(context.get()));
      const std::string name = device ? device->id().device_type == kDLCUDA ? "cuda" : "opencl" : isa;
      to.push_back({std::string("kiln/") + (fast ? "fast/" : "exact/") + name, [context, &given, repeat, device] {
                      bool fine = true;
                      for (int i = 0; i < repeat; ++i) fine = fine && given.call(context.get()) == KILN_STATUS_OK;
                      return fine && waited_for(device);
                    }});
    }
}

void add_copies(std::vector<Implementation> &to, Case &given, const std::shared_ptr<Team> &team, int turns) {
  const auto add = [&](const char *name, void (*copy)(Word *, const Word *, size_t)) {
    to.push_back({name, [&given, team, turns, copy] {
                    const auto part = [&](int index) {
                      const Part p = part_of(given.bytes() / static_cast<int64_t>(sizeof(Word)), team->size(), index);
                      for (int i = 0; i < turns; ++i)
                        copy(static_cast<Word *>(given.y().data()) + p.first,
                             static_cast<const Word *>(given.x().data()) + p.first, p.end - p.first);
                    };
                    if (team->size() == 1)
                      part(0);
                    else
                      team->run(part);
                    return true;
                  }});
  };
  add("copy/memcpy", copy_memory);
  add("copy/loop", copy_loop);
  add("copy/streaming", copy_streaming);
}

void add_device_copy(std::vector<Implementation> &to, Case &given, devices::Device &device) {
  to.push_back({"copy/device", [&given, &device] {
                  device.copy(given.y().tensor()->data, given.x().tensor()->data, given.bytes());
                  return waited_for(&device);
                }});
}

void add_bare_kernel(std::vector<Implementation> &to, Case &given) {
  if (given.op.name != "tanh" || given.x().count != 16 || !given.element.is("float32")) return;
  const std::string best = runnable_isas().front();
#define BARE_KERNEL(isa, symbol)                                       \
  if (best == isa)                                                     \
    to.push_back({std::string("bare kernel/exact/") + isa, [&given] {  \
                    halide_dimension_t dim{0, 16, 1, 0};               \
                    halide_buffer_t x{}, y{};                          \
                    x.host = static_cast<uint8_t *>(given.x().data()); \
                    y.host = static_cast<uint8_t *>(given.y().data()); \
                    x.type = y.type = halide_type_of<float>();         \
                    x.dimensions = y.dimensions = 1;                   \
                    x.dim = y.dim = &dim;                              \
                    return symbol(nullptr, &x, &y) == 0;               \
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
