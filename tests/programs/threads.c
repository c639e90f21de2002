/* Prints how many threads a call may use by default, what such a call returns and says, and the same of a context that
 * says 3: "<status> <message> <threads>". */
#include <kiln/kiln.h>
#include <stdio.h>

#include "tensor.h"

static void call(const kiln_context *context) {
  float x[] = {-1, 0, 1};
  int64_t shape[] = {3};
  DLTensor both = tensor(x, 1, shape);
  kiln_status status;
  status = kiln_hardsigmoid(context, &both, &both);
  printf("%s %s ", kiln_status_name(status),
         status != KILN_STATUS_OK ? kiln_last_error() : x[1] == 0.5f ? "" : "the result is wrong");
  printf("%d\n", kiln_context_num_threads(context));
}

int main(void) {
  kiln_context *context;
  call(NULL);
  call(NULL); /* a bad KILN_NUM_THREADS is reported by every call */
  if (kiln_context_create(&context) != KILN_STATUS_OK) return 1;
  call(context);
  if (kiln_context_set_num_threads(context, 3) != KILN_STATUS_OK) return 1;
  call(context);
  kiln_context_destroy(context);
  return 0;
}
