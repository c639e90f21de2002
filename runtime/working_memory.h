// Working memory of calls on the CPU: kept with the context between calls, or the app's own. A call that needs no more
// than one before it takes nothing from the heap.
#pragma once

#include <kiln/kiln.h>
#include <stdint.h>

namespace kiln {

// Memory that one call at a time works in. Its first line is this header.
struct alignas(64) WorkingBlock {
  int64_t bytes;  // the header included
  char *place() { return reinterpret_cast<char *>(this + 1); }
};

// The blocks of a context. Without a lock: a child of fork() finds no lock that is held.
class WorkingMemory {
 public:
  WorkingMemory() = default;
  WorkingMemory(const WorkingMemory &) = delete;
  WorkingMemory &operator=(const WorkingMemory &) = delete;

  kiln_status take(WorkingBlock **block);
  // `needed`: bytes of the call, 0 of one that failed. The next one that needs as much finds them.
  void give_back(WorkingBlock *block, int64_t needed);
  // From now on the app's memory alone, at least KILN_WORKSPACE_MIN bytes; or, for NULL, the heap's, of which at most
  // `bytes` are kept between calls.
  void set(void *memory, int64_t bytes);
  bool is_the_apps() const { return is_the_apps_; }
  // What set() was given, or KILN_WORKSPACE_KEPT.
  int64_t bound() const { return limit_; }
  // The least workspace that all calls so far would have been served by; 0 before the first.
  int64_t peak() const {
    const int64_t most = __atomic_load_n(&peak_, __ATOMIC_RELAXED);
    return most == 0 || most > KILN_WORKSPACE_MIN ? most : KILN_WORKSPACE_MIN;
  }
  void free_all();

  static constexpr int64_t kLine = 64;  // to multiples of which sizes are rounded up

 private:
  WorkingBlock *find();
  WorkingBlock *grown(WorkingBlock *block);
  void release(WorkingBlock *block);

  static constexpr int kMostIdle = 64;
  WorkingBlock *idle_[kMostIdle] = {};  // atomic
  bool is_the_apps_ = false;
  int64_t limit_ = KILN_WORKSPACE_KEPT;
  int64_t kept_ = 0;         // atomic: bytes of the heap's blocks, those in use included
  int64_t peak_ = 0;         // atomic
  int64_t peak_within_ = 0;  // atomic: of calls that need no more than limit_
};

// What one call takes from a context's working memory, piece after piece, and from the heap beyond.
class CallMemory {
 public:
  explicit CallMemory(WorkingMemory &memory) : memory_(memory) {}
  ~CallMemory();
  CallMemory(const CallMemory &) = delete;
  CallMemory &operator=(const CallMemory &) = delete;

  kiln_status begin() { return memory_.take(&block_); }
  // Aligned to 64 bytes; there until the end of the call.
  kiln_status take(int64_t bytes, void **memory);

 private:
  struct alignas(64) Piece {
    Piece *next;
  };
  // A call that fails for want of memory says nothing of what calls need.
  kiln_status refuse(kiln_status status) {
    refused_ = true;
    return status;
  }

  WorkingMemory &memory_;
  WorkingBlock *block_ = nullptr;
  bool refused_ = false;
  Piece *pieces_ = nullptr;                // from the heap
  int64_t used_ = sizeof(WorkingBlock);    // of the block
  int64_t needed_ = sizeof(WorkingBlock);  // in all
};

}  // namespace kiln
