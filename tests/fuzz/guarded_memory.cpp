#include "fuzz/guarded_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace kiln::fuzz {
namespace {
constexpr int kPattern = 0xa5;  // of each type a small negative number
// Beside the place: it is compared too.
constexpr int64_t kSurroundings = 512;
}  // namespace

GuardedMemory::GuardedMemory(int64_t bytes) {
  const int64_t page = sysconf(_SC_PAGESIZE);
  size_ = (bytes + page - 1) / page * page;
  mapped_ = size_ + 2 * page;
  void *const all = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED || mprotect(static_cast<char *>(all) + page, size_, PROT_READ | PROT_WRITE) != 0) {
    std::perror("guarded memory");
    std::abort();
  }
  base_ = static_cast<char *>(all);
  begin_ = base_ + page;
}

GuardedMemory::~GuardedMemory() { munmap(base_, mapped_); }

char *GuardedMemory::place(int64_t bytes, bool at_end) {
  if (bytes > size_) {
    std::fprintf(stderr, "guarded memory: %lld bytes asked of %lld\n", static_cast<long long>(bytes),
                 static_cast<long long>(size_));
    std::abort();
  }
  used_bytes_ = std::min(size_, bytes + kSurroundings);
  used_ = at_end ? begin_ + size_ - used_bytes_ : begin_;
  std::memset(used_, kPattern, used_bytes_);
  return at_end ? begin_ + size_ - bytes : begin_;
}

void GuardedMemory::remember() { before_.assign(used_, used_ + used_bytes_); }

bool GuardedMemory::unchanged_but_for(const std::vector<char *> &written, int64_t bytes) const {
  std::vector<char> expected = before_;
  for (const char *element : written)
    if (element >= used_ && element < used_ + used_bytes_)
      std::memcpy(expected.data() + (element - used_), element, static_cast<size_t>(bytes));
  return std::memcmp(expected.data(), used_, used_bytes_) == 0;
}

}  // namespace kiln::fuzz
