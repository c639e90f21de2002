// Which family of families.def this CPU is of: some kernels have variants for it.
#pragma once

#include <kiln/kiln.h>
#include <stdint.h>

namespace kiln {

// The families of this architecture. A kernel of `general` is for every CPU; a CPU of it is of no family.
enum class CpuFamily : uint8_t {
  general,
#define KILN_FAMILY(name) name,
#include "families.inc"
  count
};

// As the table has it.
const char *cpu_family_name(CpuFamily family);

// The family of a CPU by what CPUID says of it; `number` is CPUID's family.
CpuFamily cpu_family_of(const char *vendor, int number, int model);

// The process's: KILN_CPU_FAMILY's, else this CPU's, found by the first call that asks. A bad KILN_CPU_FAMILY is not
// stored, so that every call reports it.
kiln_status process_cpu_family(CpuFamily *family);

}  // namespace kiln
