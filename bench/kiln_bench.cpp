// Times every operator beside copy. bench/run.py runs this with the cases interleaved and prints the ratios.
//
// Names are OPERATOR/accuracy/bytes/threads; operators tanh and so on, copy:memcpy, copy:loop, copy:streaming, and
// overhead:call, overhead:kernel for 16 elements through the API and in the bare kernel.
#include <HalideRuntime.h>
#include <benchmark/benchmark.h>
#include <kiln/kiln.h>

#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "copies.h"

#define BARE_KERNEL(isa, symbol) extern "C" int symbol(const void *, halide_buffer_t *, halide_buffer_t *);
#include "bare_kernels.inc"

namespace {

using kiln::bench::copy_loop;
using kiln::bench::copy_streaming;

constexpr int64_t kColumns = 1024;  // of the 2-d tensor that normalizations see

struct Free {
  void operator()(float *p) const { std::free(p); }
};
using Memory = std::unique_ptr<float, Free>;

Memory allocate(int64_t count) {
  void *p = nullptr;
  if (posix_memalign(&p, 4096, count * sizeof(float)) != 0) std::abort();
  auto *f = static_cast<float *>(p);
  // Values over the range in which activations are not constant, in an order that no predictor learns.
  uint32_t state = 1;
  for (int64_t i = 0; i < count; ++i) {
    state = state * 1664525u + 1013904223u;
    f[i] = static_cast<float>(static_cast<int32_t>(state)) * 0x1p-28f;
  }
  return Memory(f);
}

// One pair of tensors a size, shared by all cases, so that interleaved cases meet the same memory.
struct Tensors {
  explicit Tensors(int64_t bytes) : count(bytes / sizeof(float)), x(allocate(count)), y(allocate(count)) {
    shape[0] = (count + kColumns - 1) / kColumns;
    shape[1] = count < kColumns ? count : kColumns;
    in = {x.get(), {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, nullptr, 0};
    out = {y.get(), {kDLCPU, 0}, 2, {kDLFloat, 32, 1}, shape, nullptr, 0};
  }
  int64_t count;
  Memory x, y;
  int64_t shape[2];
  DLTensor in, out;
};

void expect(kiln_status status) {
  if (status == KILN_STATUS_OK) return;
  std::fprintf(stderr, "kiln_bench: %s\n", kiln_last_error());
  std::exit(1);
}

using Body = std::function<void(Tensors &)>;

// bytes: of one tensor. It is read, and another written.
void add(const std::string &name, int64_t bytes, int threads, const Body &body) {
  static std::map<int64_t, std::shared_ptr<Tensors>> pool;
  auto &tensors = pool[bytes];
  if (!tensors) tensors = std::make_shared<Tensors>(bytes);
  const std::string full = name + "/" + std::to_string(bytes) + "/" + std::to_string(threads);
  benchmark::RegisterBenchmark(full.c_str(), [tensors, body, bytes](benchmark::State &state) {
    for (auto _ : state) {
      body(*tensors);
      benchmark::ClobberMemory();
    }
    state.SetBytesProcessed(state.iterations() * 2 * bytes);
  })->UseRealTime();
}

struct Operator {
  const char *name;
  bool has_fast;
  std::function<kiln_status(const kiln_context *, Tensors &)> call;
};

const Operator kOperators[] = {
#define KILN_POINTWISE(name, accuracies, formula)     \
  {#name, std::strstr(accuracies, "fast") != nullptr, \
   [](const kiln_context *c, Tensors &t) { return kiln_##name(c, &t.in, &t.out); }},
#include <kiln/operators.def>
    {"layer_norm", false,
     [](const kiln_context *c, Tensors &t) {
       return kiln_layer_norm(c, &t.in, t.shape + 1, 1, nullptr, nullptr, 1e-5, &t.out);
     }},
};

void add_size(int64_t bytes, int threads) {
  const auto copy = [&](const char *name, void (*function)(float *, const float *, size_t)) {
    add(name, bytes, threads, [function, threads](Tensors &t) {
      const int64_t piece = (t.count / threads + 15) / 16 * 16;
#pragma omp parallel for num_threads(threads) schedule(static)
      for (int i = 0; i < threads; ++i) {
        const int64_t first = i * piece, count = i + 1 < threads ? piece : t.count - first;
        function(t.y.get() + first, t.x.get() + first, count);
      }
    });
  };
  copy("copy:memcpy/-", [](float *to, const float *from, size_t n) { std::memcpy(to, from, n * sizeof(float)); });
  copy("copy:loop/-", copy_loop);
  copy("copy:streaming/-", copy_streaming);
  for (const Operator &op : kOperators) {
    for (int fast = 0; fast <= op.has_fast; ++fast) {
      kiln_context *context = nullptr;
      expect(kiln_context_create(&context));
      expect(kiln_context_set_num_threads(context, threads));
      expect(kiln_context_set_accuracy(context, fast ? KILN_ACCURACY_FAST : KILN_ACCURACY_EXACT));
      add(op.name + std::string(fast ? "/fast" : "/exact"), bytes, threads,
          [context, &op](Tensors &t) { expect(op.call(context, t)); });
    }
  }
}

// 16 elements through the API, and in the kernel that it picks.
void add_overhead() {
  static kiln_context *context = nullptr;
  expect(kiln_context_create(&context));
  add("overhead:call/exact", 64, 1, [](Tensors &t) { expect(kiln_tanh(context, &t.in, &t.out)); });
  const std::string isa = kiln_context_isa(context);
#define BARE_KERNEL(name, symbol)                        \
  if (isa == name)                                       \
    add("overhead:kernel/exact", 64, 1, [](Tensors &t) { \
      halide_dimension_t dim{0, 16, 1, 0};               \
      halide_buffer_t x{}, y{};                          \
      x.host = reinterpret_cast<uint8_t *>(t.x.get());   \
      y.host = reinterpret_cast<uint8_t *>(t.y.get());   \
      x.type = y.type = halide_type_of<float>();         \
      x.dimensions = y.dimensions = 1;                   \
      x.dim = y.dim = &dim;                              \
      if (symbol(nullptr, &x, &y) != 0) std::exit(1);    \
    });
#include "bare_kernels.inc"
}

}  // namespace

int main(int argc, char **argv) {
  std::vector<int> threads = {1};
  if (const int all = kiln_context_num_threads(nullptr); all > 1) threads.push_back(all);
  add_overhead();
  for (int n : threads)
    for (int64_t bytes : {16 << 10, 1 << 20, 128 << 20}) add_size(bytes, n);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
