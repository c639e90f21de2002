// A driver library for KILN_OPENCL_DRIVER: hands every call to the real one, but for the one that is to fail.
#include <device/opencl_api.h>

#include <atomic>
#include <cstring>
#include <type_traits>

#include "support/failing_driver.h"

namespace {

using namespace kiln::opencl;

constexpr Result kFailure = -5;  // CL_OUT_OF_RESOURCES

std::atomic<uint64_t> calls_left{0};         // up to and with the one that fails; 0: none does
std::atomic<const char *> counted{nullptr};  // an entry point; NULL: all are
std::atomic<const char *> failed{nullptr};
std::atomic<uint64_t> images{0}, live{0};

bool fails(const char *symbol) {
  const char *const only = counted;
  if (calls_left == 0 || (only && std::strcmp(only, symbol) != 0) || --calls_left != 0) return false;
  failed = symbol;
  return true;
}

// NULL where it is not there.
const Api *real() {
  static Api api;
  static char error[300];
  static const char *const entries[] = {
#define KILN_OPENCL_ENTRY(name, symbol, result, parameters) #symbol,
      KILN_OPENCL_ENTRIES
#undef KILN_OPENCL_ENTRY
  };
  static const bool there =
      kiln::open_driver("KILN_REAL_OPENCL_DRIVER", "libOpenCL.so.1", entries, &api, error, sizeof error) != nullptr;
  return there ? &api : nullptr;
}

void store(Result *error) { *error = kFailure; }
template <class T>
void store(T) {}

// One for each entry point.
template <auto member>
struct Passed;
template <class R, class... P, R (*Api::*member)(P...)>
struct Passed<member> {
  static inline const char *symbol;
  static R call(P... p) {
    if (fails(symbol)) {
      if constexpr (std::is_same_v<R, Result>)
        return kFailure;
      else
        return (store(p), ...), nullptr;
    }
    const R result = (real()->*member)(p...);
    if constexpr (std::is_same_v<R, Memory>) live += result != nullptr;
    if constexpr (std::is_same_v<R, Program>) images += result != nullptr;
    if constexpr (std::is_same_v<Passed, Passed<&Api::program_release>>) images -= result == kSuccess;
    if constexpr (std::is_same_v<Passed, Passed<&Api::memory_release>>) live -= result == kSuccess;
    return result;
  }
};

}  // namespace

extern "C" {

using Any = void();

// The loader asks for an entry point's address here, and is given the one of its Passed, or none.
#define KILN_OPENCL_ENTRY(name, entry, result, parameters)                        \
  KILN_STAND_IN Any *resolve_##entry() {                                          \
    Passed<&Api::name>::symbol = #entry;                                          \
    return real() ? reinterpret_cast<Any *>(&Passed<&Api::name>::call) : nullptr; \
  }                                                                               \
  KILN_STAND_IN void entry() __attribute__((ifunc("resolve_" #entry)));
KILN_OPENCL_ENTRIES
#undef KILN_OPENCL_ENTRY

void kiln_fail_driver_call(const char *entry_point, uint64_t n) {
  failed = nullptr;
  counted = entry_point;
  calls_left = n;
}

const char *kiln_failed_driver_call(void) {
  calls_left = 0;
  return failed;
}

uint64_t kiln_driver_images(void) { return images; }
uint64_t kiln_live_driver_memory(void) { return live; }
}
