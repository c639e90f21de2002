/* What a call of Kiln's C functions takes, for measure.py: nanoseconds of this thread's CPU time, of the mean of
 * `count` calls. */
#include <kiln/kiln.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static DLTensor tensor(void *data, int bfloat16, int ndim, int64_t *shape) {
  DLTensor t = {0};
  t.data = data;
  t.device.device_type = kDLCPU;
  t.ndim = ndim;
  t.dtype.code = bfloat16 ? kDLBfloat : kDLFloat;
  t.dtype.bits = bfloat16 ? 16 : 32;
  t.dtype.lanes = 1;
  t.shape = shape;
  return t;
}

/* Less than 0 where a call fails. */
double tanh_calls(void *x, void *y, int bfloat16, int64_t rows, int64_t columns, int count) {
  int64_t shape[2] = {rows, columns};
  const DLTensor input = tensor(x, bfloat16, 2, shape);
  DLTensor output = tensor(y, bfloat16, 2, shape);
  const double begin = now();
  for (int i = 0; i < count; ++i)
    if (kiln_tanh(NULL, &input, &output) != KILN_STATUS_OK) return -1;
  return (now() - begin) / count;
}

double layer_norm_calls(void *x, void *weight, void *bias, void *y, int bfloat16, int64_t rows, int64_t columns,
                        int count) {
  int64_t shape[2] = {rows, columns};
  const DLTensor input = tensor(x, bfloat16, 2, shape);
  const DLTensor w = tensor(weight, bfloat16, 1, shape + 1), b = tensor(bias, bfloat16, 1, shape + 1);
  DLTensor output = tensor(y, bfloat16, 2, shape);
  const double begin = now();
  for (int i = 0; i < count; ++i)
    if (kiln_layer_norm(NULL, &input, shape + 1, 1, &w, &b, 1e-5, &output) != KILN_STATUS_OK) return -1;
  return (now() - begin) / count;
}
