// What tests ask of a driver's stand-in: that a call of it fails. The CUDA simulator has these functions, and so has
// failing_opencl.cpp.
#ifndef KILN_TESTS_FAILING_DRIVER_H
#define KILN_TESTS_FAILING_DRIVER_H

#include <stdint.h>

#define KILN_STAND_IN __attribute__((visibility("default")))

extern "C" {

// Call number `n` (from 1 on) from now on, of the entry point, whichever it is where it is NULL, returns an error and
// does nothing else.
KILN_STAND_IN void kiln_fail_driver_call(const char *entry_point, uint64_t n);
// Ends that. Gives the entry point whose call failed, or NULL where there were fewer calls.
KILN_STAND_IN const char *kiln_failed_driver_call(void);
// Images of kernels that are loaded.
KILN_STAND_IN uint64_t kiln_driver_images(void);
// Pieces of device memory that have been allocated and not been freed.
KILN_STAND_IN uint64_t kiln_live_driver_memory(void);
}

#endif
