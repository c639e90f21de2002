/* A dense float32 tensor on the CPU. */
#ifndef KILN_TESTS_TENSOR_H
#define KILN_TESTS_TENSOR_H

#include <kiln/kiln.h>
#include <string.h>

static DLTensor tensor(float *data, int ndim, int64_t *shape) {
  DLTensor t;
  memset(&t, 0, sizeof t);
  t.data = data;
  t.device.device_type = kDLCPU;
  t.ndim = ndim;
  t.dtype.code = kDLFloat;
  t.dtype.bits = 32;
  t.dtype.lanes = 1;
  t.shape = shape;
  return t;
}

#endif
