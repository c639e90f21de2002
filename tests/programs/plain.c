/* A plain C program, linked by the C compiler: Kiln needs nothing of the C++ runtime. */
#include <kiln/kiln.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tensor.h"

static int failures = 0;

static void expect(int condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "plain: %s (last error: \"%s\")\n", what, kiln_last_error());
  ++failures;
}

int main(void) {
  float x[] = {-2, 0, 2}, y[3] = {7, 7, 7}, rows[] = {1, 2, 3, 4, 5, 7};
  int64_t shape[] = {3}, row_shape[] = {2, 3};
  DLTensor input = tensor(x, 1, shape), output = tensor(y, 1, shape), both = tensor(rows, 2, row_shape);
  kiln_context *context = NULL;
  kiln_kernel_info kernel;

  expect(strcmp(kiln_last_error(), "") == 0, "there is an error before the first");
  expect(kiln_context_create(&context) == KILN_STATUS_OK, "no context");
  expect(kiln_context_set_num_threads(context, 2) == KILN_STATUS_OK, "no threads");
  expect(kiln_kernel_at(0, &kernel) == KILN_STATUS_OK, "no kernel 0");
  expect(kiln_sigmoid(context, &input, &output) == KILN_STATUS_OK, "sigmoid failed");
  expect(fabsf(y[0] - 0.1192f) < 1e-4f && y[1] == 0.5f && fabsf(y[2] - 0.8808f) < 1e-4f, "sigmoid is wrong");
  expect(kiln_layer_norm(NULL, &both, shape, 1, NULL, NULL, 1e-5, &both) == KILN_STATUS_OK, "layer_norm failed");
  expect(fabsf(rows[0] + 1.22474f) < 1e-4f && fabsf(rows[1]) < 1e-6f, "layer_norm is wrong");
  expect(kiln_tanh(NULL, NULL, &output) == KILN_STATUS_INVALID_ARGUMENT, "tanh took NULL");
  expect(strstr(kiln_last_error(), "input") != NULL, "the message does not name the argument");
  kiln_context_destroy(context);
  return failures != 0;
}
