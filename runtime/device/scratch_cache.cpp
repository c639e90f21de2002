#include "scratch_cache.h"

#include <stdlib.h>

#include "../status.h"
#include "device.h"

namespace kiln {
namespace {

// Sizes are rounded up, so that a tensor that grows a little does not allocate anew.
int64_t rounded(int64_t bytes) {
  int64_t size = 4096;
  while (size < bytes && size < (int64_t{1} << 30)) size *= 2;
  return size < bytes ? bytes : size;
}

}  // namespace

// The smallest idle block of the call's queue that is large enough; else one that is too small; NULL where none is
// idle.
ScratchBlock *ScratchCache::find(const DeviceCall &call, int64_t bytes) {
  ScratchBlock *best = nullptr;
  for (ScratchBlock *b = blocks_; b; b = b->next) {
    if (b->busy || b->api != call.api || b->driver_context != call.driver_context ||
        b->context_number != call.context_number || b->queue != call.queue)
      continue;
    const bool fits = b->memory.bytes >= bytes, best_fits = best && best->memory.bytes >= bytes;
    if (!best || (fits && (!best_fits || b->memory.bytes < best->memory.bytes))) best = b;
  }
  return best;
}

kiln_status ScratchCache::take(DeviceCall *call, int64_t bytes, ScratchBlock **block) {
  pthread_mutex_lock(&mutex_);
  ScratchBlock *b = find(*call, bytes);
  if (b) {
    b->busy = true;
  } else if ((b = static_cast<ScratchBlock *>(calloc(1, sizeof(ScratchBlock))))) {
    *b = {call->api, call->driver_context, call->context_number, call->queue, {nullptr, 0, 0, true}, true, blocks_};
    blocks_ = b;
  }
  pthread_mutex_unlock(&mutex_);
  if (!b) return call->record(fail(KILN_STATUS_OUT_OF_MEMORY, "working memory could not be had"));
  if (b->memory.bytes < bytes) {
    if (b->memory.bytes > 0) call->api->release(call->driver_context, b->memory);
    b->memory = {nullptr, 0, 0, true};
    if (kiln_status s = call->api->allocate(call, rounded(bytes), &b->memory)) {
      give_back(b);
      return s;
    }
  }
  *block = b;
  return KILN_STATUS_OK;
}

void ScratchCache::give_back(ScratchBlock *block) {
  pthread_mutex_lock(&mutex_);
  block->busy = false;
  pthread_mutex_unlock(&mutex_);
}

kiln_status ScratchCache::identity_values(DeviceCall *call, DeviceMemory *memory) {
  pthread_mutex_lock(&mutex_);
  ScratchBlock *b = blocks_;
  while (b && (b->queue != this || b->api != call->api || b->driver_context != call->driver_context ||
               b->context_number != call->context_number))
    b = b->next;
  kiln_status status = KILN_STATUS_OK;
  if (!b) {
    DeviceMemory made{};
    b = static_cast<ScratchBlock *>(calloc(1, sizeof(ScratchBlock)));
    status = b ? call->api->allocate(call, sizeof kIdentityValues, &made)
               : call->record(fail(KILN_STATUS_OUT_OF_MEMORY, "working memory could not be had"));
    if (status == KILN_STATUS_OK) status = call->api->upload(call, kIdentityValues, made);
    if (b) *b = {call->api, call->driver_context, call->context_number, this, made, true, blocks_};
    if (b && status == KILN_STATUS_OK) blocks_ = b;
    if (b && status != KILN_STATUS_OK) {
      if (made.bytes > 0) call->api->release(call->driver_context, made);
      free(b);
    }
  }
  if (status == KILN_STATUS_OK) *memory = b->memory;
  pthread_mutex_unlock(&mutex_);
  return status;
}

void ScratchCache::free_all() {
  while (ScratchBlock *b = blocks_) {
    blocks_ = b->next;
    if (b->memory.bytes > 0) b->api->release(b->driver_context, b->memory);
    free(b);
  }
}

kiln_status DeviceScratch::allocate(DeviceCall *call, int64_t bytes) {
  cache_ = &call->context->device_scratch;
  return cache_->take(call, bytes, &block_);
}

}  // namespace kiln
