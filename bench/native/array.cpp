// Memory of a tensor of a case.
#include <cstdlib>
#include <cstring>
#include <utility>

#include "case.h"

namespace kiln::bench {

constexpr int kGap = 16;         // elements after a padded row
constexpr int64_t kLine = 4096;  // elements from one element of a column to the next

void Array::Free::operator()(void *p) const { std::free(p); }

Array::Array(std::vector<int64_t> extents, const std::string &layout, const Element &type)
    : element(&type), shape(std::move(extents)), strides(shape.size()) {
  count = 1;
  for (int64_t extent : shape) count *= extent;
  // From the innermost dimension outwards: the channels first where they are last in memory.
  int64_t stride = layout == "column" ? kLine : 1;
  const int rank = static_cast<int>(shape.size());
  const bool channels_last = layout == "channels_last";
  if (channels_last) strides[1] = 1, stride = shape[1];
  for (int i = 0; i < rank; ++i) {
    const int d = layout == "transposed" ? i : rank - 1 - i;
    if (channels_last && d == 1) continue;
    strides[d] = stride;
    stride *= shape[d];
    if (layout == "padded" && d == rank - 1) stride += kGap;
  }
  storage = stride;
  void *p = nullptr;
  if (posix_memalign(&p, 4096, bytes() + 4) != 0) throw Error("out of memory for the case's tensors");
  memory.reset(p);
  view = {p, {kDLCPU, 0}, rank, type.dlpack(), shape.data(), strides.data(), 0};
}

void Array::move_to(devices::Device &device) {
  there = std::make_unique<devices::Memory>(device, bytes());
  device.write(there->data(), 0, data(), bytes());
  view.data = there->data();
  view.device = device.id();
}

void Array::clear() {
  std::memset(data(), 0, bytes());
  if (there) there->device().write(there->data(), 0, data(), bytes());
}

void Array::fetch() {
  if (there) there->device().read(there->data(), 0, data(), bytes());
}

}  // namespace kiln::bench
