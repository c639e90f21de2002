/* Sigmoid of three numbers, in place. */
#include <kiln/kiln.h>
#include <stdio.h>

int main(void) {
  float x[3] = {-2, 0, 2};
  int64_t shape[1] = {3};
  DLTensor t = {.data = x, .device = {kDLCPU, 0}, .ndim = 1, .dtype = {kDLFloat, 32, 1}, .shape = shape};
  if (kiln_sigmoid(NULL, &t, &t) != KILN_STATUS_OK) return 1;
  printf("%.4f %.4f %.4f\n", x[0], x[1], x[2]);
  return 0;
}
