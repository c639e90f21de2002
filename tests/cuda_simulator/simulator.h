// What tests ask of the simulator beyond the driver's API.
#ifndef KILN_TESTS_SIMULATOR_H
#define KILN_TESTS_SIMULATOR_H

#include "cuda_driver.h"

#ifdef __cplusplus
extern "C" {
#endif

// Counts since the library was loaded or kilnsim_reset.
typedef struct {
  uint64_t contexts_made, modules_loaded, launches, allocations, frees, synchronizations;
  uint64_t copies_to_device, copies_to_host, copies_on_device, sets;
  uint64_t live_allocations, live_bytes;  // now
  uint64_t instructions;                  // of one thread each, in kernels that have run
  CUstream last_stream;                   // of the last launch or asynchronous copy
  unsigned last_grid[3], last_block[3], last_shared_bytes;
} kilnsim_counts;

KILNSIM_EXPORT kilnsim_counts kilnsim_counters(void);

// The next call of the named entry point returns `error` and does nothing else.
KILNSIM_EXPORT void kilnsim_fail_next(const char *entry_point, CUresult error);

// Why the last kernel stopped early or the last image was refused; "" if none was. Valid until the next call here.
KILNSIM_EXPORT const char *kilnsim_last_fault(void);

// Blocks of a grid and warps of a block run in ascending order (0, the default) or descending order (1). What a kernel
// computes must not depend on it.
KILNSIM_EXPORT void kilnsim_set_descending(int descending);

// Instructions of one warp in one block after which a kernel ends with CUDA_ERROR_LAUNCH_TIMEOUT.
KILNSIM_EXPORT void kilnsim_set_instruction_limit(uint64_t limit);

// Forgets everything: contexts, allocations, modules, streams, faults, counts, settings. No handle is valid afterwards.
KILNSIM_EXPORT void kilnsim_reset(void);

#ifdef __cplusplus
}
#endif
#endif
