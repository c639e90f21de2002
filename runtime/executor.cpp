#include "executor.h"

#include <inttypes.h>

#include "copy.h"
#include "device/launch.h"
#include "integers.h"
#include "status.h"

namespace kiln {

void Executor::give_back_blocks() {
  for (int i = 0; i < blocks_; ++i) context_->device_scratch.give_back(block_[i]);
}

kiln_status Executor::begin(const kiln_context &context, DLDevice device) {
  context_ = &context;
  if (device.device_type == kDLCPU) {
    if (kiln_status s = process_cpu_family(&cpu_family_)) return s;
    return choose_target(context, &target_);
  }
  if (kiln_status s = call_.begin(context, device)) return s;
  target_ = call_.target;
  return KILN_STATUS_OK;
}

kiln_status Executor::check(const char *name, const Tensor &tensor) {
  return on_device() ? call_.api->check(&call_, name, tensor) : KILN_STATUS_OK;
}

const Kernel *Executor::find(const KernelList &kernels, Form form, int64_t extent, bool streamed) const {
  return find_kernel(kernels,
                     {form, context_->accuracy, target_, cpu_family_, on_device() ? INT64_MAX : extent, streamed});
}

kiln_status Executor::choose(const KernelList &kernels, Form form, int64_t extent, Stage *stage, bool streamed) {
  const Kernel *kernel = find(kernels, form, extent, streamed);
  if (!kernel)
    return fail(KILN_STATUS_UNSUPPORTED, "no kernel %s of form %d for %s is built in", kernels.first->op,
                static_cast<int>(form), row(target_).name);
  return make_stage(kernel, stage);
}

kiln_status Executor::choose_of(Element element, const KernelList &kernels, Form form, int64_t extent, Stage *stage,
                                bool streamed) {
  const KernelList *const of = kernels.of[static_cast<int>(element)];
  const Kernel *const kernel = of ? find(*of, form, extent, streamed) : nullptr;
  if (kernel) return make_stage(kernel, stage);
  return choose(kernels, form, extent, stage, streamed && element == Element::float32);
}

bool Executor::has(Element element, std::initializer_list<const KernelList *> stages) const {
  for (const KernelList *stage : stages) {
    const KernelList *const of = stage->of[static_cast<int>(element)];
    bool found = false;
    if (of)
      for (const Kernel &kernel : *of) found = found || kernel.target == target_;
    if (!found) return false;
  }
  return true;
}

kiln_status Executor::make_stage(const Kernel *kernel, Stage *stage) {
  if (!on_device()) {
    *stage = Stage(kernel, context_);
    return KILN_STATUS_OK;
  }
  Image *image = find_image(*kernel->code, call_);
  if (!image)
    if (kiln_status s = call_.api->load_image(&call_, kernel->code, &image)) return s;
  *stage = Stage(kernel, &call_, image);
  return KILN_STATUS_OK;
}

bool Executor::streams(const Array &input, const Array &output, int64_t count) const {
  if (on_device() || input.same_place(output)) return false;
  const int64_t from = context_->streamed_from >= 0 ? context_->streamed_from : last_cache_bytes() / 2 + 1;
  return count >= ceil_div(from, bytes_of(output.element));
}

kiln_status Executor::allocate(Element element, int64_t count, Array *array) {
  int64_t bytes;
  if (__builtin_mul_overflow(count, bytes_of(element), &bytes))
    return fail(KILN_STATUS_OUT_OF_MEMORY, "working memory of %" PRId64 " values could not be had", count);
  *array = {0, nullptr, element};
  if (!on_device()) {
    void *memory;
    if (kiln_status s = memory_.take(bytes, &memory)) return s;
    array->address = reinterpret_cast<intptr_t>(memory);
    return KILN_STATUS_OK;
  }
  if (blocks_ == kMostBlocks) return fail(KILN_STATUS_INTERNAL, "a call needs more than %d arrays", kMostBlocks);
  ScratchBlock *&block = block_[blocks_];
  if (kiln_status s = context_->device_scratch.take(&call_, bytes, &block)) return s;
  ++blocks_;
  array->object = block->memory.object;
  array->address = block->memory.offset;
  return KILN_STATUS_OK;
}

kiln_status Executor::allocate_for_kernels(int64_t bytes, int64_t count, bool paged) {
  if (on_device()) return KILN_STATUS_OK;
  const int64_t all = bytes * workers(count);
  void *memory;
  if (kiln_status s = memory_.take(all, &memory)) return s;
  kernel_memory_ = static_cast<char *>(memory);
  kernel_bytes_ = bytes;
  constexpr int64_t kPage = 4096;
  for (int64_t at = 0; paged && at < all; at += kPage) kernel_memory_[at] = 0;
  return KILN_STATUS_OK;
}

kiln_status Executor::identity(float value, Array *array) {
  if (on_device()) {
    DeviceMemory memory{};
    if (kiln_status s = context_->device_scratch.identity_values(&call_, &memory)) return s;
    *array = {memory.offset, memory.object, Element::float32};
  } else {
    *array = {reinterpret_cast<intptr_t>(kIdentityValues), nullptr, Element::float32};
  }
  if (value == 0) *array = array->at(1);
  return KILN_STATUS_OK;
}

kiln_status Executor::prepare_copies(const KernelList *conversions) {
  if (!on_device())
    return copy_memory_ ? KILN_STATUS_OK : memory_.take(bytes_for_copies(workers(INT64_MAX)), &copy_memory_);
  if (conversions) {
    if (kiln_status s = choose(*conversions, Form::widen, INT64_MAX, &widen_)) return s;
    if (kiln_status s = choose(*conversions, Form::narrow, INT64_MAX, &narrow_)) return s;
  }
  return choose(copy_kernels, Form::strided, INT64_MAX, &copy_);
}

kiln_status Executor::copy(const Tensor &from, const Tensor &to) {
  if (!on_device()) return copy_on_host(*this, from, to, copy_memory_);
  Iteration it(from, to);
  it.add(dims_from_to(0, to.ndim), Order::memory);
  const Element element = from.array.element;
  const Stage &kernel = element == to.array.element ? copy_ : element == Element::float32 ? narrow_ : widen_;
  return map_strided_on_device(*this, kernel, it);
}

Executor::Placed Executor::place(const Array &array) const {
  const int64_t rest = array.address % call_.alignment;
  return {{array.address - rest, array.object, array.element}, static_cast<int32_t>(rest / bytes_of(array.element))};
}

kiln_status Stage::refuse() const {
  return fail(KILN_STATUS_INTERNAL, "%s: a buffer's indices need more than 32 bits", kernel_->op);
}

}  // namespace kiln
