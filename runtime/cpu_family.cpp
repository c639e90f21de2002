#include "cpu_family.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace kiln {
namespace {

constexpr const char *names[] = {
    "general",
#define KILN_FAMILY(name) #name,
#include "families.inc"
};

struct CpuRow {
  CpuFamily family;
  const char *vendor;
  int number;
  const char *models;
};
constexpr CpuRow rows[] = {
#define KILN_CPU(family, architecture, microarchitecture, vendor, number, models) \
  {CpuFamily::family, vendor, number, models},
#include "cpus.inc"
    {}};  // so that there is an array where there is no row

// Of two hexadecimal digits, which it steps behind.
int read_model(const char **text) {
  int value = 0;
  for (int digit = 0; digit < 2; ++digit, ++*text)
    value = value * 16 + (**text <= '9' ? **text - '0' : **text - 'a' + 10);
  return value;
}

// Whether a model lies in "10-1f 60 a0-af".
bool holds(const char *models, int model) {
  while (*models) {
    const int first = read_model(&models);
    const int last = *models == '-' ? read_model(&++models) : first;
    if (first <= model && model <= last) return true;
    if (*models == ' ') ++models;
  }
  return false;
}

// The one that KILN_CPU_FAMILY names, "general" among them.
kiln_status forced_family(const char *name, CpuFamily *family) {
  for (const char *const &each : names) {
    if (strcmp(each, name) != 0) continue;
    *family = static_cast<CpuFamily>(&each - names);
    return KILN_STATUS_OK;
  }
  return invalid(
      "KILN_CPU_FAMILY: expected one of general"
#define KILN_FAMILY(name) " " #name
#include "families.inc"
      ", got \"%s\"",
      name);
}

#if defined(__x86_64__)
CpuFamily this_cpus_family() {
  unsigned highest, name[3], version, b, c, d;
  if (!__get_cpuid(0, &highest, &name[0], &name[2], &name[1]) || !__get_cpuid(1, &version, &b, &c, &d))
    return CpuFamily::general;
  char vendor[sizeof name + 1] = {};
  memcpy(vendor, name, sizeof name);
  const int base = version >> 8 & 0xf, model = version >> 4 & 0xf;
  const bool is_extended = base == 0x6 || base == 0xf;
  return cpu_family_of(vendor, base == 0xf ? base + (version >> 20 & 0xff) : base,
                       is_extended ? model + (version >> 16 & 0xf) * 16 : model);
}
#else
CpuFamily this_cpus_family() { return CpuFamily::general; }
#endif

}  // namespace

const char *cpu_family_name(CpuFamily family) { return names[static_cast<int>(family)]; }

CpuFamily cpu_family_of(const char *vendor, int number, int model) {
  for (const CpuRow &row : rows)
    if (row.vendor && row.number == number && strcmp(row.vendor, vendor) == 0 && holds(row.models, model))
      return row.family;
  return CpuFamily::general;
}

kiln_status process_cpu_family(CpuFamily *family) {
  static int found = -1;  // atomic; -1: not yet
  const int known = __atomic_load_n(&found, __ATOMIC_RELAXED);
  if (known >= 0) {
    *family = static_cast<CpuFamily>(known);
    return KILN_STATUS_OK;
  }
  const char *forced = getenv("KILN_CPU_FAMILY");
  if (!forced || !*forced)
    *family = this_cpus_family();
  else if (kiln_status s = forced_family(forced, family))
    return s;
  __atomic_store_n(&found, static_cast<int>(*family), __ATOMIC_RELAXED);
  return KILN_STATUS_OK;
}

}  // namespace kiln

const char *kiln_cpu_family(void) {
  kiln::CpuFamily family{};
  return kiln::process_cpu_family(&family) == KILN_STATUS_OK ? kiln::cpu_family_name(family) : nullptr;
}
