#include "working_memory.h"

#include <inttypes.h>
#include <stdlib.h>

#include "integers.h"
#include "status.h"

namespace kiln {
namespace {

// A block that is new: what small calls need.
constexpr int64_t kLeast = KILN_WORKSPACE_MIN;

// The heap's memory, aligned to a line.
void *from_heap(int64_t bytes) {
  void *memory = nullptr;
  return posix_memalign(&memory, WorkingMemory::kLine, static_cast<size_t>(bytes)) == 0 ? memory : nullptr;
}

kiln_status no_memory(int64_t bytes) {
  return fail(KILN_STATUS_OUT_OF_MEMORY, "%" PRId64 " bytes of working memory could not be had", bytes);
}

void raise_to(int64_t *most, int64_t value) {
  int64_t now = __atomic_load_n(most, __ATOMIC_RELAXED);
  while (now < value && !__atomic_compare_exchange_n(most, &now, value, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

// Where a thread begins to look: threads differ in it, so that each finds the block that it gave back.
int first_place(int places) {
  const uint64_t mixed = reinterpret_cast<uintptr_t>(kiln_last_error()) * uint64_t{0x9e3779b97f4a7c15};
  return static_cast<int>((mixed >> 32) % static_cast<unsigned>(places));
}

}  // namespace

WorkingBlock *WorkingMemory::find() {
  const int first = first_place(kMostIdle);
  for (int i = 0; i < kMostIdle; ++i) {
    WorkingBlock **place = &idle_[(first + i) % kMostIdle];
    if (!__atomic_load_n(place, __ATOMIC_RELAXED)) continue;
    if (WorkingBlock *block = __atomic_exchange_n(place, nullptr, __ATOMIC_ACQUIRE)) return block;
  }
  return nullptr;
}

// In the place of a block, or of none, one for what calls have needed: the same one where it is enough, or where
// more would be beyond the limit.
WorkingBlock *WorkingMemory::grown(WorkingBlock *block) {
  int64_t wanted = max(kLeast, __atomic_load_n(&peak_within_, __ATOMIC_RELAXED));
  const int64_t has = block ? block->bytes : 0;
  if (has >= wanted) return block;
  if (__atomic_load_n(&kept_, __ATOMIC_RELAXED) + wanted - has > limit_) wanted = kLeast;
  if (has >= wanted) return block;
  WorkingBlock *larger = static_cast<WorkingBlock *>(from_heap(wanted));
  if (!larger) return block;
  larger->bytes = wanted;
  __atomic_fetch_add(&kept_, wanted, __ATOMIC_RELAXED);
  if (block) release(block);
  return larger;
}

void WorkingMemory::release(WorkingBlock *block) {
  __atomic_fetch_sub(&kept_, block->bytes, __ATOMIC_RELAXED);
  free(block);
}

kiln_status WorkingMemory::take(WorkingBlock **block) {
  *block = find();
  if (is_the_apps_)
    return *block ? KILN_STATUS_OK
                  : fail(KILN_STATUS_OUT_OF_MEMORY, "workspace: another call is at work in the context's workspace");
  if (!*block) *block = grown(nullptr);
  return *block ? KILN_STATUS_OK : no_memory(kLeast);
}

void WorkingMemory::give_back(WorkingBlock *block, int64_t needed) {
  raise_to(&peak_, needed);
  if (needed <= limit_) raise_to(&peak_within_, needed);
  if (!is_the_apps_ && needed > block->bytes) block = grown(block);
  const bool is_too_much = __atomic_load_n(&kept_, __ATOMIC_RELAXED) > limit_;
  const int first = first_place(kMostIdle);
  for (int i = 0; i < kMostIdle && !is_too_much; ++i) {
    WorkingBlock **place = &idle_[(first + i) % kMostIdle], *none = nullptr;
    if (__atomic_compare_exchange_n(place, &none, block, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED)) return;
  }
  release(block);
}

void WorkingMemory::set(void *memory, int64_t bytes) {
  free_all();
  is_the_apps_ = memory != nullptr;
  limit_ = bytes;
  peak_within_ = 0;
  if (!memory) return;
  const int64_t skipped = -reinterpret_cast<intptr_t>(memory) & (kLine - 1);
  idle_[0] = reinterpret_cast<WorkingBlock *>(static_cast<char *>(memory) + skipped);
  idle_[0]->bytes = bytes - skipped;
}

void WorkingMemory::free_all() {
  while (WorkingBlock *block = find())
    if (!is_the_apps_) release(block);
}

CallMemory::~CallMemory() {
  if (!block_) return;
  while (Piece *piece = pieces_) {
    pieces_ = piece->next;
    free(piece);
  }
  // An app's memory may begin anywhere in a line.
  memory_.give_back(block_, refused_ ? 0 : needed_ + WorkingMemory::kLine);
}

kiln_status CallMemory::take(int64_t bytes, void **memory) {
  if (bytes > INT64_MAX / 4) return refuse(no_memory(bytes));
  bytes = ceil_div(bytes, WorkingMemory::kLine) * WorkingMemory::kLine;
  needed_ += bytes;
  if (bytes <= block_->bytes - used_) {
    *memory = reinterpret_cast<char *>(block_) + used_;
    used_ += bytes;
    return KILN_STATUS_OK;
  }
  if (memory_.is_the_apps())
    return refuse(fail(KILN_STATUS_OUT_OF_MEMORY,
                       "workspace: expected more than %" PRId64
                       " bytes, kiln_context_workspace_peak of the call without one, got %" PRId64,
                       needed_, memory_.bound()));
  Piece *piece = static_cast<Piece *>(from_heap(static_cast<int64_t>(sizeof(Piece)) + bytes));
  if (!piece) return refuse(no_memory(bytes));
  piece->next = pieces_;
  pieces_ = piece;
  *memory = piece + 1;
  return KILN_STATUS_OK;
}

}  // namespace kiln
