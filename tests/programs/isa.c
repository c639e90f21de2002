/* Calls Kiln under the KILN_ISA that the parent set. Prints "<status> <isa> <message>", twice for the default
 * context and once for one that forces the instruction set that the argument names. */
#include <kiln/kiln.h>
#include <stdio.h>

#include "tensor.h"

static void call(const kiln_context *context) {
  float x[] = {-1, 0, 1};
  int64_t shape[] = {3};
  DLTensor both = tensor(x, 1, shape);
  kiln_status status;
  const char *isa;
  status = kiln_hardsigmoid(context, &both, &both);
  isa = kiln_context_isa(context);
  printf("%s %s %s\n", kiln_status_name(status), isa ? isa : "none", kiln_last_error());
  if (status != KILN_STATUS_OK && (x[0] != -1 || x[1] != 0 || x[2] != 1)) printf("the output was written\n");
  if (status == KILN_STATUS_OK && x[1] != 0.5f) printf("the result is wrong\n");
}

int main(int argc, char **argv) {
  kiln_context *context;
  if (argc != 2) return 2;
  call(NULL);
  call(NULL); /* a bad KILN_ISA is reported by every call */
  if (kiln_context_create(&context) != KILN_STATUS_OK || kiln_context_set_isa(context, argv[1]) != KILN_STATUS_OK)
    return 1;
  call(context);
  kiln_context_destroy(context);
  return 0;
}
