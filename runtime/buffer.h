// Memory as kernels take it.
#pragma once

#include <HalideRuntime.h>

#include "../generators/limits.h"
#include "device/memory.h"
#include "kernel.h"

namespace kiln {

// Memory of one element type: the address of an element on the host or on a CUDA device, or its place in an OpenCL
// object, in bytes. It is a number, for it need not be what C++ may point to.
struct Array {
  static constexpr int64_t kVectorBytes = 16;

  int64_t address;
  void *object;  // OpenCL's cl_mem; NULL for everything else
  Element element;

  bool same_place(const Array &other) const { return address == other.address && object == other.object; }
  char *pointer() const { return reinterpret_cast<char *>(address); }
  // Whether vectors of 4 elements may begin here.
  bool begins_a_vector() const { return address % kVectorBytes == 0; }
  // Values before the next line of a cache begins: 0 where one begins here.
  int64_t values_to_line() const { return (-address & (kLineOfCache - 1)) >> log2_bytes_of(element); }
  // Element number i.
  Array at(int64_t i) const { return {address + i * bytes_of(element), object, element}; }
};

// Kernels load a type as one word, for which it has to be stored as one: it is copied from here. Types of 16 bits are
// unsigned integers to them.
const halide_type_t kTypes[] = {
#define KILN_ELEMENT(name, code, bits, forms, device_forms) \
  halide_type_t(bits == 32 ? halide_type_float : halide_type_uint, bits),
#include "../elements.def"
    halide_type_t(halide_type_float, 64)};

// A buffer of a kernel. Halide's extents, strides and indices have 32 bits: fits() says whether these do, and a stage
// refuses what does not, so callers split it before.
template <int dimensions>
struct Buffer {
  halide_dimension_t dim[dimensions];
  halide_buffer_t raw;
  DeviceMemory memory;

  // Extents and strides in elements, innermost first. The stride of an extent of 1 is never used: it may be any
  // number, and the kernel sees 1.
  Buffer(const Array &array, const int64_t (&extents)[dimensions], const int64_t (&strides)[dimensions]) : raw() {
    for (int d = 0; d < dimensions; ++d) {
      const int64_t stride = extents[d] > 1 ? strides[d] : 1;
      dim[d].min = 0;
      dim[d].extent = static_cast<int32_t>(extents[d]);
      dim[d].stride = static_cast<int32_t>(stride);
      dim[d].flags = 0;
      if (extents[d] > INT32_MAX || stride > INT32_MAX || stride < -INT32_MAX)
        reach_ = INT64_MAX / 2;
      else if (reach_ <= INT32_MAX)
        reach_ += (extents[d] - 1) * (stride < 0 ? -stride : stride);
    }
    raw.host = reinterpret_cast<uint8_t *>(array.address);
    raw.type = kTypes[static_cast<int>(array.element)];
    raw.dimensions = dimensions;
    raw.dim = dim;
    memory.object = array.object;
    memory.written = false;
  }
  Buffer(const Buffer &) = delete;  // raw points into dim
  Buffer &operator=(const Buffer &) = delete;

  // As an array's, of the first element.
  bool begins_a_vector() const { return reinterpret_cast<uintptr_t>(raw.host) % Array::kVectorBytes == 0; }
  bool fits() const { return reach_ <= INT32_MAX; }

  // Has raw name memory on a device, in the place of an address. No element lies before the first one.
  void move_to_device() {
    int64_t last = 0;
    for (const halide_dimension_t &d : dim) last += d.stride > 0 ? (d.extent - int64_t{1}) * d.stride : 0;
    memory.offset = reinterpret_cast<intptr_t>(raw.host);
    memory.bytes = (last + 1) * raw.type.bits / 8;
    raw.host = nullptr;
    raw.device = reinterpret_cast<uintptr_t>(&memory);
  }

 private:
  int64_t reach_ = 0;  // the sum of all dimensions' largest offsets, by their magnitude
};

// Marks a buffer as one that the kernel writes.
template <int dimensions>
Buffer<dimensions> &out(Buffer<dimensions> &buffer) {
  buffer.memory.written = true;
  return buffer;
}

}  // namespace kiln
