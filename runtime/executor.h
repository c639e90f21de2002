// Carries out a plan's stages on the CPU or on a device: memory, copies, kernels, and work in blocks. On the CPU blocks
// are as large as a cache likes and are shared out over threads; on a device they are as large as one launch reaches.
//
// Everything that can fail comes first: a plan allocates and chooses its kernels before it writes the output.
#pragma once

#include <initializer_list>

#include "device/scratch_cache.h"
#include "integers.h"
#include "iteration.h"
#include "parallel.h"
#include "stages.h"
#include "working_memory.h"

namespace kiln {

class Executor {
 public:
  explicit Executor(CallMemory &memory) : memory_(memory) {}
  ~Executor() {
    if (blocks_ > 0) give_back_blocks();
  }
  Executor(const Executor &) = delete;
  Executor &operator=(const Executor &) = delete;

  // Finds the instruction set, or reaches the device.
  kiln_status begin(const kiln_context &context, DLDevice device);
  bool on_device() const { return call_.api != nullptr; }
  // Whether a tensor's memory is the device's.
  kiln_status check(const char *name, const Tensor &tensor);

  // Finds a kernel; on a device its code is loaded here, so that no driver refuses it once something is written.
  // streamed: one that streams its output, where there is one.
  kiln_status choose(const KernelList &kernels, Form form, int64_t extent, Stage *stage, bool streamed = false);
  // The same of what reads or writes tensors of an element type: where it has no kernel of that type, one of float32,
  // which streams nothing (conversion.h).
  kiln_status choose_of(Element element, const KernelList &kernels, Form form, int64_t extent, Stage *stage,
                        bool streamed = false);
  // Whether each of these has kernels of a type of 16 bits, in all their forms, as choose_of() then finds them.
  bool has(Element element, std::initializer_list<const KernelList *> stages) const;
  // Whether an output of `count` values is to be streamed: it is larger than what the caches hold of it until it is
  // read, and does not replace the input, whose lines are in them.
  bool streams(const Array &input, const Array &output, int64_t count) const;
  // The same of a walk, whose output has to lie on whole lines of the cache along an axis.
  bool streams(const Iteration &it, const Axis &along) const {
    return streams(it.operand[0], it.operand[1], it.count()) && it.on_lines_of_cache(along);
  }
  // Values that a kernel is called for at once, where nothing else limits them.
  int64_t grain(const Stage &stage) const { return on_device() ? kMostInLaunch : stage.grain(); }
  // Whether vectors of 4 may begin with all these arrays or buffers; the CPU's kernels do not ask.
  template <class... Memory>
  int32_t aligned(const Memory &...memory) const {
    return !on_device() || call_.alignment > 1 || (memory.begins_a_vector() && ...);
  }

  // Working memory of the call, aligned to 64 bytes.
  kiln_status allocate(Element element, int64_t count, Array *array);
  // Host memory of the call, wherever its kernels run: for what is too large for a small stack.
  kiln_status take_host_memory(int64_t bytes, void **memory) { return memory_.take(bytes, memory); }
  // On the CPU, memory that kernels take for themselves while they run, for each of run()'s workers on `count` items.
  // paged: every page of it is written, for kernels that choose between a value and one that they have not computed.
  // AVX-512 makes a masked load of that, which takes hundreds of cycles where a page was never written.
  kiln_status allocate_for_kernels(int64_t bytes, int64_t count, bool paged = false);
  // One float32 for all, which stands for parameters that are absent: 1 or -0. From 1 on, in turn: 1, -0, 1, -0, the
  // coefficients of channel_apply that change nothing.
  kiln_status identity(float value, Array *array);
  // To a tensor of the same shape, whatever the strides; it allocates nothing, and fails on a device alone. There,
  // values of another type become float32 and the other way round, by the kernels that prepare_copies() was given:
  // widen, narrow.
  kiln_status prepare_copies(const KernelList *conversions);
  kiln_status copy(const Tensor &from, const Tensor &to);

  // How many workers run() has for that many items.
  int workers(int64_t count) const { return on_device() ? 1 : workers_of(*context_, count); }
  // body(i, worker) for each i in [0, count): shared out over threads, or one launch after another.
  template <class Body>
  kiln_status run(int64_t count, const Body &body) const {
    if (on_device() || count == 1) {
      const KernelMemory memory = kernel_memory(0);
      for (int64_t i = 0; i < count; ++i)
        if (kiln_status s = body(i, 0)) return s;
      return KILN_STATUS_OK;
    }
    struct Data {
      const Executor &executor;
      const Body &body;
    };
    const Data data{*this, body};
    const auto task = [](const void *opaque, int64_t i, int worker) {
      const Data &d = *static_cast<const Data *>(opaque);
      const KernelMemory memory = d.executor.kernel_memory(worker);
      return d.body(i, worker);
    };
    return run_tasks(*context_, count, task, &data);
  }
  // The same with `together` items in one task.
  template <class Body>
  kiln_status run(int64_t count, int64_t together, const Body &body) const {
    return run(ceil_div(count, together), [&](int64_t task, int worker) -> kiln_status {
      const int64_t end = count - task * together < together ? count : (task + 1) * together;
      for (int64_t i = task * together; i < end; ++i)
        if (kiln_status s = body(i, worker)) return s;
      return KILN_STATUS_OK;
    });
  }

  // A device's place for kernels whose buffers begin at multiples of the alignment (OpenCL): base and, from there, the
  // number of elements to the first one.
  struct Placed {
    Array base;
    int32_t offset;
  };
  Placed place(const Array &array) const;

  static constexpr int64_t kMostInLaunch = int64_t{1} << 30;  // elements

 private:
  void give_back_blocks();
  const Kernel *find(const KernelList &kernels, Form form, int64_t extent, bool streamed) const;
  kiln_status make_stage(const Kernel *kernel, Stage *stage);
  KernelMemory kernel_memory(int worker) const {
    return KernelMemory(kernel_memory_ + kernel_bytes_ * worker, kernel_bytes_);
  }

  static constexpr int kMostBlocks = 20;
  CallMemory &memory_;
  const kiln_context *context_ = nullptr;
  Target target_{};
  CpuFamily cpu_family_{};
  DeviceCall call_;
  Stage copy_, widen_, narrow_;  // on the device
  void *copy_memory_ = nullptr;  // on the CPU
  char *kernel_memory_ = nullptr;
  int64_t kernel_bytes_ = 0;  // a worker's
  int blocks_ = 0;            // on the device
  ScratchBlock *block_[kMostBlocks];
};

}  // namespace kiln
