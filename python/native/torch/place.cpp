#include "place.h"

#include <atomic>
#include <map>
#include <mutex>
#include <stdexcept>

namespace kiln::torch {
namespace {

std::atomic<kiln_accuracy> accuracy_of_calls{KILN_ACCURACY_EXACT};

void ensure_kiln(kiln_status status) {
  if (status != KILN_STATUS_OK) throw std::runtime_error(kiln_last_error());
}

// The pieces of a call as PyTorch's pool runs them, so that a process has one pool and torch.set_num_threads holds.
struct Pieces {
  kiln_parallel_body body;
  void *data;
};
void run_pieces(int64_t begin, int64_t end, void *pieces) {
  const Pieces &all = *static_cast<const Pieces *>(pieces);
  for (int64_t i = begin; i < end; ++i) all.body(all.data, i);
}
void by_pool_of_torch(void *, int64_t count, kiln_parallel_body body, void *data) {
  Pieces pieces = {body, data};
  torch_parallel_for(0, count, 1, run_pieces, &pieces);
}

// A thread's context for tensors on the CPU. It is the thread's own, as its settings follow PyTorch's.
class CpuContext {
 public:
  CpuContext() = default;
  CpuContext(const CpuContext &) = delete;
  CpuContext &operator=(const CpuContext &) = delete;
  ~CpuContext() { kiln_context_destroy(context_); }

  kiln_context *get() {
    if (!context_) {
      ensure_kiln(kiln_context_create(&context_));
      ensure_kiln(kiln_context_set_parallel_for(context_, by_pool_of_torch, nullptr));
    }
    uint32_t threads = 0;
    ensure(torch_get_num_threads(&threads), "num_threads");
    if (threads != threads_) ensure_kiln(kiln_context_set_num_threads(context_, static_cast<int>(threads_ = threads)));
    const kiln_accuracy accuracy = accuracy_of_calls.load(std::memory_order_relaxed);
    if (accuracy != accuracy_) ensure_kiln(kiln_context_set_accuracy(context_, accuracy_ = accuracy));
    return context_;
  }

 private:
  kiln_context *context_ = nullptr;
  uint32_t threads_ = 0;
  kiln_accuracy accuracy_ = KILN_ACCURACY_EXACT;
};

// PyTorch's current stream of a device.
std::atomic<StreamOfDevice> stream_of_device{nullptr};

void *current_stream(int32_t device_index) {
  const StreamOfDevice get = stream_of_device.load();
  if (!get) throw std::runtime_error("kiln: a CUDA tensor, and PyTorch's libtorch_cuda.so is not loaded");
  void *stream = nullptr;
  ensure(get(device_index, &stream), "current_cuda_stream");
  return stream;
}

// A context for each stream and accuracy: its settings never change, so threads share it, and with it the working
// memory on the device. They live as long as the process, whose CUDA contexts end before static objects do.
kiln_context *cuda_context(void *stream) {
  static std::mutex &mutex = *new std::mutex;
  static auto &contexts = *new std::map<std::pair<void *, kiln_accuracy>, kiln_context *>;
  const std::lock_guard<std::mutex> lock(mutex);
  const kiln_accuracy accuracy = accuracy_of_calls.load(std::memory_order_relaxed);
  kiln_context *&context = contexts[{stream, accuracy}];
  if (!context) {
    kiln_context *made = nullptr;
    ensure_kiln(kiln_context_create(&made));
    ensure_kiln(kiln_context_set_cuda_stream(made, stream));
    ensure_kiln(kiln_context_set_accuracy(made, accuracy));
    context = made;
  }
  return context;
}

}  // namespace

Place::Place(const Tensor &input) : device_(device_of(input.handle())) {
  if (input.view().device.device_type == kDLCPU) {
    static thread_local CpuContext context;
    context_ = context.get();
    return;
  }
  context_ = cuda_context(current_stream(device_.index));
  ensure(aoti_torch_create_device_guard(device_.index, &guard_), "device_guard");
}

Place::~Place() {
  if (guard_) aoti_torch_delete_device_guard(guard_);
}

void set_accuracy(kiln_accuracy accuracy) { accuracy_of_calls.store(accuracy, std::memory_order_relaxed); }
void set_stream_of_device(StreamOfDevice function) { stream_of_device.store(function); }
kiln_accuracy get_accuracy() { return accuracy_of_calls.load(std::memory_order_relaxed); }

}  // namespace kiln::torch
