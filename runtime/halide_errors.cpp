// What kernels call when a check of theirs fails: halide_error_<what>, each with its code. The text names the check and
// the buffer; the kernel returns the code, and check_kernel() joins both. Kernels need nothing else of Halide's runtime
// than this file, halide_hooks.cpp and device/, so the archive has none of it.
#include <HalideRuntime.h>
#include <stdio.h>

#include "status.h"

namespace {

int failed(const char *what, const char *name, int code) {
  char text[200];
  snprintf(text, sizeof text, "%s: %s", name, what);
  kiln::set_error_text(text);
  return code;
}

}  // namespace

extern "C" {

int halide_error_access_out_of_bounds(void *, const char *name, int, int, int, int, int) {
  return failed("accessed beyond its bounds", name, halide_error_code_access_out_of_bounds);
}

int halide_error_bad_dimensions(void *, const char *name, int32_t, int32_t) {
  return failed("wrong number of dimensions", name, halide_error_code_bad_dimensions);
}

int halide_error_bad_type(void *, const char *name, uint32_t, uint32_t) {
  return failed("wrong element type", name, halide_error_code_bad_type);
}

int halide_error_buffer_allocation_too_large(void *, const char *name, uint64_t, uint64_t) {
  return failed("allocation too large", name, halide_error_code_buffer_allocation_too_large);
}

int halide_error_buffer_argument_is_null(void *, const char *name) {
  return failed("buffer is NULL", name, halide_error_code_buffer_argument_is_null);
}

int halide_error_buffer_extents_negative(void *, const char *name, int, int) {
  return failed("negative extent", name, halide_error_code_buffer_extents_negative);
}

int halide_error_buffer_extents_too_large(void *, const char *name, int64_t, int64_t) {
  return failed("extents too large", name, halide_error_code_buffer_extents_too_large);
}

int halide_error_constraint_violated(void *, const char *name, int, const char *, int) {
  return failed("constraint violated", name, halide_error_code_constraint_violated);
}

int halide_error_constraints_make_required_region_smaller(void *, const char *name, int, int, int, int, int) {
  return failed("constraints make the required region smaller", name,
                halide_error_code_constraints_make_required_region_smaller);
}

int halide_error_device_dirty_with_no_device_support(void *, const char *name) {
  return failed("memory of a device in a kernel of the host", name,
                halide_error_code_device_dirty_with_no_device_support);
}

int halide_error_host_is_null(void *, const char *name) {
  return failed("no memory of the host", name, halide_error_code_host_is_null);
}

int halide_error_out_of_memory(void *) { return failed("out of memory", "kernel", halide_error_code_out_of_memory); }

int halide_error_unaligned_host_ptr(void *, const char *name, int) {
  return failed("memory is not aligned", name, halide_error_code_unaligned_host_ptr);
}
}
