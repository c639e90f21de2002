// Kernels: what identifies one, and the ordered list that selection walks. The build writes one list an operator or a
// stage, from operators.toml, stages.def, targets.def and schedules/.
#pragma once

#include <HalideRuntime.h>

#include <string_view>

#include "context.h"
#include "cpu_family.h"

namespace kiln {

// Layout forms: what a kernel takes its tensors as (docs/working/structure.md).
enum class Form : uint8_t { dense, strided, aligned, rows, contiguous, channels_last, combine, widen, narrow };
enum class Direction : uint8_t { forward, backward };
// The element types of tensors, and float64, which is of arrays between stages alone.
enum class Element : uint8_t {
#define KILN_ELEMENT(name, code, bits, forms, device_forms) name,
#include "../elements.def"
  float64
};
constexpr int kElements = static_cast<int>(Element::float64);  // of tensors

constexpr bool has_form(std::string_view forms, std::string_view form) { return forms.find(form) != forms.npos; }
// As DLPack describes one, and what elementwise kernels there are; float64 is the last.
struct ElementRow {
  const char *name;
  uint8_t code, bits;
  bool strided;                      // on CPUs
  bool on_devices, dense_on_device;  // of any form; of runs that begin anywhere
};
constexpr ElementRow kElementRows[] = {
#define KILN_ELEMENT(name, code, bits, forms, device_forms) \
  {#name, code, bits, has_form(forms, "strided"), *device_forms != '\0', has_form(device_forms, "dense")},
#include "../elements.def"
    {"float64", kDLFloat, 64, false, false, false}};
constexpr const ElementRow &row(Element element) { return kElementRows[static_cast<int>(element)]; }

constexpr int log2_bytes_of(Element element) {
  constexpr uint8_t log2_bytes[] = {
#define KILN_ELEMENT(name, code, bits, forms, device_forms) bits == 8 ? 0 : bits == 16 ? 1 : 2,
#include "../elements.def"
      3};
  return log2_bytes[static_cast<int>(element)];
}
constexpr int bytes_of(Element element) { return 1 << log2_bytes_of(element); }
// A set of them.
constexpr uint32_t bit_of(Element element) { return uint32_t{1} << static_cast<int>(element); }

struct Image;

// The code of a kernel on a device (device/launch.h).
struct DeviceCode {
  // The host part, with each argument behind a pointer: it hands the code over before all else.
  int (*host_part)(void **arguments);
  Image *images;  // as drivers have loaded it; atomic
};

struct Kernel {
  const char *op;  // or the stage
  Direction direction;
  Element element;
  Form form;
  // "dense" for an elementwise operator's, "channel_apply.contiguous" for a stage's; of a shape class,
  // "dense.up_to_256"; of a variant, "dense.for_zen4".
  const char *form_name;
  kiln_accuracy accuracy;
  Target target;
  CpuFamily cpu_family;  // whose variant it is; general where it serves every CPU
  // Cast to the stage's signature (stages.h).
  void (*function)();
  // Elements that are worth a task of their own: from the schedule, so that a tuner can set it.
  int64_t grain;
  // The largest extent of its shape class: from the schedule. INT64_MAX where it takes every shape.
  int64_t up_to;
  // Its output goes to memory past the caches. It begins at a multiple of kLineOfCache, and so does every line of it.
  bool streamed;
  DeviceCode *code;  // NULL on the CPU
};

// The kernels of one operator or stage and element type, best target first; shape classes in ascending order, then the
// kernel of every shape. Of each, first those that stream their output, then the others; of both, the variants for CPU
// families before the one for all.
struct KernelList {
  const Kernel *first;
  const Kernel *last;
  // Of a stage's kernels of float32: its kernels of other element types, by type. NULL where there are none, or none
  // are linked.
  const KernelList *of[kElements];
  const Kernel *begin() const { return first; }
  const Kernel *end() const { return last; }
};

// What a call needs of a kernel. `extent` tells shape classes apart (docs/speed/schedules.md).
struct KernelKey {
  Form form;
  kiln_accuracy accuracy;
  Target target;
  CpuFamily cpu_family;
  int64_t extent;
  bool streamed;  // where there is such a kernel
};

// Where an operator has no fast variant, the exact one; NULL where it has none.
inline const Kernel *find_kernel(const KernelList &kernels, const KernelKey &key) {
  const Kernel *exact = nullptr;
  for (const Kernel &k : kernels) {
    if (k.form != key.form || k.target != key.target || key.extent > k.up_to || (k.streamed && !key.streamed) ||
        (k.cpu_family != CpuFamily::general && k.cpu_family != key.cpu_family))
      continue;
    if (k.accuracy == key.accuracy) return &k;
    if (!exact && k.accuracy == KILN_ACCURACY_EXACT) exact = &k;
  }
  return exact;
}

// A kernel's result to a status; the text came through halide_errors.cpp, unless a call on a device has
// recorded a status of its own.
[[gnu::cold]] kiln_status say_failure(const Kernel &kernel, int result, kiln_status recorded);
inline kiln_status check_kernel(const Kernel &kernel, int result, kiln_status recorded) {
  return result == 0 && recorded == KILN_STATUS_OK ? KILN_STATUS_OK : say_failure(kernel, result, recorded);
}

}  // namespace kiln
