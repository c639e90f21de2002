/* A shared library made from libkiln.a, as apps load and unload. */
#include <kiln/kiln.h>
#include <string.h>

#include "tensor.h"

/* Runs sigmoid over `count` zeros in `memory`, in place; 0 where all went well. */
int plugin_run(float *memory, int64_t count, int threads) {
  DLTensor both = tensor(memory, 1, &count);
  kiln_context *context;
  kiln_status status;
  if (kiln_context_create(&context) != KILN_STATUS_OK) return 1;
  if (kiln_context_set_num_threads(context, threads) != KILN_STATUS_OK) return 2;
  status = kiln_sigmoid(context, &both, &both);
  kiln_context_destroy(context);
  return status == KILN_STATUS_OK ? 0 : 3;
}

/* A failing call, for the message's memory, which is the thread's. */
int plugin_fail(void) {
  return kiln_sigmoid(NULL, NULL, NULL) == KILN_STATUS_INVALID_ARGUMENT && strstr(kiln_last_error(), "input") ? 0 : 1;
}
