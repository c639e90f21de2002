#include "cpu.h"

#include <string.h>

#include "device/device.h"
#include "integers.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace kiln {
namespace {

[[maybe_unused]] bool cpu_always() { return true; }

#if defined(__x86_64__)
struct CpuidLeaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  CpuidLeaf(unsigned leaf, unsigned subleaf) {
    if (!__get_cpuid_count(leaf, subleaf, &eax, &ebx, &ecx, &edx)) eax = ebx = ecx = edx = 0;
  }
};

// The register state that the operating system saves (XCR0); without it wide registers fault however the CPU is made.
unsigned long long saved_state() {
  if (!(CpuidLeaf(1, 0).ecx & bit_OSXSAVE)) return 0;
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<unsigned long long>(high) << 32 | low;
}

bool has(unsigned word, unsigned bits) { return (word & bits) == bits; }

[[maybe_unused]] bool cpu_has_avx2() {
  return has(CpuidLeaf(1, 0).ecx, bit_AVX | bit_FMA | bit_F16C | bit_SSE4_1) && has(CpuidLeaf(7, 0).ebx, bit_AVX2) &&
         (saved_state() & 0x6) == 0x6;
}

[[maybe_unused]] bool cpu_has_avx512() {
  return cpu_has_avx2() &&
         has(CpuidLeaf(7, 0).ebx, bit_AVX512F | bit_AVX512CD | bit_AVX512VL | bit_AVX512BW | bit_AVX512DQ) &&
         (saved_state() & 0xe6) == 0xe6;
}

// By one of the leaves that describe a cache in each subleaf, Intel's 4 or AMD's 0x8000001d, which are alike (Intel's
// Software Developer's Manual, volume 2, CPUID; AMD's Programmer's Manual, volume 3, appendix E).
int64_t last_cache_of(unsigned leaf) {
  constexpr unsigned kMostCaches = 16, kInstructions = 2;
  int64_t last = 0;
  for (unsigned i = 0; i < kMostCaches; ++i) {
    const CpuidLeaf cache(leaf, i);
    const unsigned type = cache.eax & 31;
    if (type == 0) break;
    const int64_t ways = (cache.ebx >> 22) + int64_t{1}, parts = (cache.ebx >> 12 & 1023) + 1;
    const int64_t line = (cache.ebx & 4095) + 1, sets = cache.ecx + int64_t{1};
    const int64_t cpus = (cache.eax >> 14 & 4095) + 1;
    if (type != kInstructions) last = max(last, share_of_cache(ways * parts * line * sets, cpus));
  }
  return last;
}
#endif

constexpr TargetRow rows[] = {
#define KILN_TARGET(name, architecture, isa, halide, cpu) {#name, #isa, "cpu", cpu},
#include "targets.inc"
#define KILN_DEVICE(name, device, dlpack, halide) \
  {#name, #device, #device, [] { return find_device(dlpack)->api->present(); }},
#include "built_devices.inc"
};

}  // namespace

const TargetRow &row(Target target) { return rows[static_cast<int>(target)]; }

bool best_target(Target *target) {
  for (int t = 0; t < static_cast<int>(Target::cpu_count); ++t) {
    if (!rows[t].runs_here()) continue;
    *target = static_cast<Target>(t);
    return true;
  }
  return false;
}

bool find_target(const char *isa, Target *target) {
  for (int t = 0; t < static_cast<int>(Target::cpu_count); ++t) {
    if (strcmp(rows[t].isa, isa) != 0) continue;
    *target = static_cast<Target>(t);
    return true;
  }
  return false;
}

int64_t last_cache_bytes() {
  static int64_t found = 0;  // atomic; 0: not yet
  int64_t bytes = __atomic_load_n(&found, __ATOMIC_RELAXED);
  if (bytes > 0) return bytes;
#if defined(__x86_64__)
  bytes = last_cache_of(4);
  if (bytes == 0) bytes = last_cache_of(0x8000001d);
#endif
  if (bytes == 0) bytes = INT64_MAX;
  __atomic_store_n(&found, bytes, __ATOMIC_RELAXED);
  return bytes;
}

const char *isa_names() {
  return ""
#define KILN_TARGET(name, architecture, isa, halide, cpu) " " #isa
#include "targets.inc"
      ;
}

}  // namespace kiln
