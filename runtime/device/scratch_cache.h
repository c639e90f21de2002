// Working memory on devices. It is kept with the context between calls, apart for each queue: what was enqueued before
// on the same queue has finished with it when later work begins, so that no call waits and none allocates once the
// cache has what calls need.
#pragma once

#include <kiln/kiln.h>
#include <pthread.h>

#include "memory.h"

namespace kiln {

struct DeviceApi;
struct DeviceCall;

// Memory of one driver context and queue. `busy` while a call is being enqueued: another thread's call on the same
// queue takes another block, for the two may interleave.
struct ScratchBlock {
  const DeviceApi *api;
  void *driver_context;
  uint64_t context_number;
  void *queue;  // of identity values: the cache itself
  DeviceMemory memory;
  bool busy;
  ScratchBlock *next;
};

// Weight, bias, weight, bias: u * 1 + -0 is u, the sign of a zero included. As the coefficients of channel_apply they
// change nothing either.
constexpr float kIdentityValues[] = {1.0f, -0.0f, 1.0f, -0.0f};

class ScratchCache {
 public:
  ScratchCache() = default;
  ScratchCache(const ScratchCache &) = delete;
  ScratchCache &operator=(const ScratchCache &) = delete;

  kiln_status take(DeviceCall *call, int64_t bytes, ScratchBlock **block);
  void give_back(ScratchBlock *block);
  // kIdentityValues for kernels to read, in the place of parameters that are absent: made once a driver context.
  kiln_status identity_values(DeviceCall *call, DeviceMemory *memory);
  void free_all();

 private:
  ScratchBlock *find(const DeviceCall &call, int64_t bytes);
  ScratchBlock *add(const DeviceCall &call, void *queue);

  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  ScratchBlock *blocks_ = nullptr;
};

// A block for the life of the object, which must not outlast the call.
class DeviceScratch {
 public:
  DeviceScratch() = default;
  ~DeviceScratch() {
    if (block_) cache_->give_back(block_);
  }
  DeviceScratch(const DeviceScratch &) = delete;
  DeviceScratch &operator=(const DeviceScratch &) = delete;

  kiln_status allocate(DeviceCall *call, int64_t bytes);
  const DeviceMemory &memory() const { return block_->memory; }

 private:
  ScratchCache *cache_ = nullptr;
  ScratchBlock *block_ = nullptr;
};

}  // namespace kiln
