// For kernels that Halide's autoschedulers made: loops that they marked parallel run on the calling thread, one turn
// after the other. Kiln has cut the work into its threads' tasks before it calls a kernel. Linked ahead of the archive,
// this stands in the place of Halide's own, which is weak.
#include <cstdint>

extern "C" {

int halide_do_par_for(void *user_context, int (*task)(void *, int, uint8_t *), int first, int count, uint8_t *closure) {
  for (int64_t i = first; i < int64_t{first} + count; ++i)
    if (int error = task(user_context, static_cast<int>(i), closure)) return error;
  return 0;
}
}
