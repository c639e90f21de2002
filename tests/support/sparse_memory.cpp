#include "support/sparse_memory.h"

#include <sys/mman.h>
#include <unistd.h>

namespace kiln::test {
namespace {
// On either side: more than an index of 32 bits, taken wrongly, reaches.
constexpr int64_t kGuard = int64_t{1} << 35;
}  // namespace

SparseMemory::SparseMemory(const Layout &layout, int64_t bytes) : offsets_(layout.offsets()) {
  const int64_t page = sysconf(_SC_PAGESIZE);
  const int64_t elements = layout.high() - layout.low() + 1;
  const int64_t used = (elements * bytes + page - 1) / page * page;
  bytes_ = used + 2 * kGuard;
  void *const all = mmap(nullptr, bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) return;
  base_ = static_cast<char *>(all);
  void *const middle = mmap(base_ + kGuard, used, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (middle == MAP_FAILED) {
    munmap(base_, bytes_);
    base_ = nullptr;
    return;
  }
  madvise(middle, used, MADV_NOHUGEPAGE);
  origin_ = base_ + kGuard - layout.low() * bytes;
}

SparseMemory::~SparseMemory() {
  if (base_) munmap(base_, bytes_);
}

void SparseMemory::set(const std::vector<float> &values) {
  for (size_t i = 0; i < offsets_.size(); ++i) data()[offsets_[i]] = values[i];
}

std::vector<float> SparseMemory::get() const {
  std::vector<float> values;
  values.reserve(offsets_.size());
  for (int64_t offset : offsets_) values.push_back(data()[offset]);
  return values;
}

}  // namespace kiln::test
