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

bool is_of(const ScratchBlock &b, const DeviceCall &call, const void *queue) {
  return b.api == call.api && b.driver_context == call.driver_context && b.context_number == call.context_number &&
         b.queue == queue;
}

kiln_status make_identity_values(DeviceCall *call, DeviceMemory *memory) {
  DeviceMemory made{};
  if (kiln_status s = call->api->allocate(call, sizeof kIdentityValues, &made)) return s;
  const kiln_status status = call->api->upload(call, kIdentityValues, made);
  if (status == KILN_STATUS_OK)
    *memory = made;
  else
    call->api->release(call->driver_context, made);
  return status;
}

kiln_status refuse() { return fail(KILN_STATUS_OUT_OF_MEMORY, "working memory could not be had"); }

}  // namespace

// The smallest idle block of the call's queue that is large enough; else one that is too small; NULL where none is
// idle.
ScratchBlock *ScratchCache::find(const DeviceCall &call, int64_t bytes) {
  ScratchBlock *best = nullptr;
  for (ScratchBlock *b = blocks_; b; b = b->next) {
    if (b->busy || !is_of(*b, call, call.queue)) continue;
    const bool fits = b->memory.bytes >= bytes, best_fits = best && best->memory.bytes >= bytes;
    if (!best || (fits && (!best_fits || b->memory.bytes < best->memory.bytes))) best = b;
  }
  return best;
}

// A new one without memory; NULL where it cannot be had.
ScratchBlock *ScratchCache::add(const DeviceCall &call, void *queue) {
  ScratchBlock *b = static_cast<ScratchBlock *>(calloc(1, sizeof(ScratchBlock)));
  if (!b) return nullptr;
  *b = {call.api, call.driver_context, call.context_number, queue, {nullptr, 0, 0, true}, true, blocks_};
  return blocks_ = b;
}

kiln_status ScratchCache::take(DeviceCall *call, int64_t bytes, ScratchBlock **block) {
  pthread_mutex_lock(&mutex_);
  ScratchBlock *b = find(*call, bytes);
  if (b)
    b->busy = true;
  else
    b = add(*call, call->queue);
  pthread_mutex_unlock(&mutex_);
  if (!b) return call->record(refuse());
  if (b->memory.bytes < bytes) {
    if (b->memory.bytes > 0) call->api->release(call->driver_context, b->memory);
    b->memory = {nullptr, 0, 0, true};
    if (kiln_status s = call->api->allocate(call, rounded(bytes), &b->memory)) {
      give_back(b);
      return call->record(s);
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
  while (b && !is_of(*b, *call, this)) b = b->next;
  if (!b) b = add(*call, this);
  kiln_status status = b ? KILN_STATUS_OK : refuse();
  if (b && b->memory.bytes == 0) status = make_identity_values(call, &b->memory);
  if (status == KILN_STATUS_OK) *memory = b->memory;
  pthread_mutex_unlock(&mutex_);
  return call->record(status);
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
