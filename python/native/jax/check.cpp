#include "check.h"

#include <sys/mman.h>

namespace kiln::jax {
namespace {

constexpr size_t kLine = 64;

// Bytes of a tensor in whole lines of the cache; 0 where they are too many for an address.
size_t bytes_of(const DLTensor &tensor) {
  size_t bytes = (tensor.dtype.bits + 7) / 8;
  for (int d = 0; d < tensor.ndim; ++d)
    if (__builtin_mul_overflow(bytes, static_cast<size_t>(tensor.shape[d]), &bytes)) return 0;
  return bytes <= SIZE_MAX / 2 ? (bytes / kLine + 1) * kLine : 0;
}

// Addresses behind which there is memory once somebody writes to it.
class Reserved {
 public:
  explicit Reserved(size_t bytes) : bytes_(bytes) {
    memory_ = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
  Reserved(const Reserved &) = delete;
  Reserved &operator=(const Reserved &) = delete;
  ~Reserved() {
    if (*this) munmap(memory_, bytes_);
  }
  explicit operator bool() const { return memory_ != MAP_FAILED; }
  char *at(size_t offset) const { return static_cast<char *>(memory_) + offset; }

 private:
  void *memory_;
  size_t bytes_;
};

// In place of threads: nothing. A call that is small enough for one thread runs all the same, on zeros.
void run_nothing(void *, int64_t, kiln_parallel_body, void *) {}

// With two threads, so that work is cut into pieces, and these are left out.
const kiln_context *dry_context() {
  static kiln_context *made = nullptr;
  kiln_context *context = __atomic_load_n(&made, __ATOMIC_ACQUIRE);
  if (context || kiln_context_create(&context) != KILN_STATUS_OK) return context;
  kiln_context_set_num_threads(context, 2);
  kiln_context_set_parallel_for(context, run_nothing, nullptr);
  kiln_context *expected = nullptr;
  if (__atomic_compare_exchange_n(&made, &expected, context, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) return context;
  kiln_context_destroy(context);
  return expected;
}

}  // namespace

kiln_status check(const Operator &op, const DLTensor *tensors, const Value *values) {
  DLTensor views[kMost];
  DLTensor *given[kMost];
  size_t offsets[kMost], bytes = kLine;
  for (int i = 0; i < op.tensor_count; ++i) {
    views[i] = tensors[i];
    given[i] = tensors[i].ndim < 0 ? nullptr : &views[i];
    if (!given[i]) continue;
    offsets[i] = bytes;
    const size_t of_tensor = bytes_of(views[i]);
    if (of_tensor == 0 || __builtin_add_overflow(bytes, of_tensor, &bytes)) return KILN_STATUS_OK;
  }
  const Reserved memory(bytes);
  const kiln_context *context = dry_context();
  if (!memory || !context) return KILN_STATUS_OK;
  for (int i = 0; i < op.tensor_count; ++i)
    if (given[i]) views[i].data = memory.at(offsets[i]);
  const kiln_status status = op.call(context, given, values);
  return status == KILN_STATUS_OUT_OF_MEMORY ? KILN_STATUS_OK : status;
}

}  // namespace kiln::jax
