// Which targets of targets.def this CPU can run.
#pragma once

#include <stdint.h>

namespace kiln {

// One enumerator a row of this architecture, best first, then one a row of devices.def.
enum class Target : uint8_t {
#define KILN_TARGET(name, architecture, isa, halide, cpu) name,
#include "targets.inc"
  cpu_count,
  before_devices = cpu_count - 1,
#define KILN_DEVICE(name, device, dlpack, halide) name,
#include "devices.inc"
  count
};

constexpr bool is_device(Target target) { return target >= Target::cpu_count; }

struct TargetRow {
  const char *name;
  const char *isa;     // a device's name stands for its instruction set
  const char *device;  // "cpu", or as in devices.def
  bool (*runs_here)();
};
const TargetRow &row(Target target);

// The best target that this CPU runs; false where it runs none of those that are built in.
bool best_target(Target *target);

// Finds the CPU's target whose isa is `isa`; false where there is none.
bool find_target(const char *isa, Target *target);

// Bytes of this CPU's last cache, as this process may count on; INT64_MAX where it does not tell.
int64_t last_cache_bytes();
// Of a cache, by the number of CPUs that share it: no machine has more than 16 MiB for each. A virtual one may show the
// whole of a cache that its few CPUs share with those of others.
constexpr int64_t share_of_cache(int64_t bytes, int64_t cpus) {
  constexpr int64_t kMost = int64_t{16} << 20;
  return bytes / kMost < cpus ? bytes : cpus * kMost;
}

// "baseline, avx2, avx512": what find_target knows, for messages.
const char *isa_names();

}  // namespace kiln
