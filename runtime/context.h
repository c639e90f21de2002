// How a call is carried out.
#pragma once

#include <kiln/kiln.h>

#include "cpu.h"
#include "device/scratch_cache.h"
#include "working_memory.h"

struct kiln_context {
  int num_threads = 0;  // 0: the process's (threads.h)
  kiln_accuracy accuracy = KILN_ACCURACY_EXACT;
  kiln_parallel_for parallel_for = nullptr;
  void *parallel_for_data = nullptr;
  bool isa_is_forced = false;
  kiln::Target isa{};
  int64_t streamed_from = -1;    // bytes of an output; -1: more than half of the last cache
  void *cuda_stream = nullptr;   // CUstream; NULL is the default stream
  void *opencl_queue = nullptr;  // cl_command_queue
  mutable kiln::WorkingMemory working_memory;
  mutable kiln::ScratchCache device_scratch;
};

namespace kiln {

// The context, or one with every setting at its default for NULL.
extern const kiln_context kDefaults;
inline const kiln_context &settings(const kiln_context *context) { return context ? *context : kDefaults; }

// The target of calls with this context: the one forced by the context, else by KILN_ISA, else the CPU's best. Fails
// where KILN_ISA names an unknown one, or one that this CPU lacks.
kiln_status process_target(Target *target);
inline kiln_status choose_target(const kiln_context &context, Target *target) {
  *target = context.isa;
  return context.isa_is_forced ? KILN_STATUS_OK : process_target(target);
}

// The number of threads of calls with this context: the one that it sets, else the process's (threads.h). 0, and the
// error, where KILN_NUM_THREADS is bad.
int choose_threads(const kiln_context &context);

}  // namespace kiln
