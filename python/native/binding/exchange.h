// Arrays of libraries that have DLPack's table of C functions, __dlpack_c_exchange_api__: read and made without a line
// of Python.
#pragma once

#include "array.h"

namespace kiln::python {

// DLPack 1.3's DLPackExchangeAPI, of which later minor versions have more at the end.
struct ExchangeHeader {
  DLPackVersion version;
  const ExchangeHeader *previous;  // of an older major version
};
struct Exchange {
  ExchangeHeader header;
  int (*allocate)(DLTensor *prototype, DLManagedTensorVersioned **made, void *error,
                  void (*set_error)(void *error, const char *kind, const char *message));
  int (*managed_of)(void *object, DLManagedTensorVersioned **found);
  int (*object_of)(DLManagedTensorVersioned *owned, void **object);
  int (*tensor_of)(void *object, DLTensor *found);  // NULL where a library has none
  int (*stream_of)(DLDeviceType type, int32_t device, void **stream);
};

// That of an object's type; NULL where it has none. No exception is set.
const Exchange *exchange_of(PyObject *object);

// Reads an array by it. False with an exception set.
bool read_exchanged(const Exchange &exchange, const Place &place, PyObject *object, bool writes, Stream *stream,
                    Array *array);

// A new, dense array of the library, on the device of `like`; NULL with an exception set.
PyObject *make_exchanged(const Exchange &exchange, const Array &like, const Extents &extents, const DLDataType &type);

}  // namespace kiln::python
