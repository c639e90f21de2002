#include "exchange.h"

namespace kiln::python {
namespace {

const Exchange *find(PyTypeObject *type) {
  Owned capsule(PyObject_GetAttrString(reinterpret_cast<PyObject *>(type), "__dlpack_c_exchange_api__"));
  const void *pointer = capsule ? PyCapsule_GetPointer(capsule.get(), "dlpack_exchange_api") : nullptr;
  PyErr_Clear();
  const auto *header = static_cast<const ExchangeHeader *>(pointer);
  while (header && header->version.major > 1) header = header->previous;
  if (!header || header->version.major != 1) return nullptr;
  const auto *exchange = reinterpret_cast<const Exchange *>(header);
  return exchange->tensor_of ? exchange : nullptr;
}

// Whether one of PyTorch's tensors is more than its memory: autograd would have to know of what is done with it, or its
// values are those in memory with the other sign (a view of a conjugate's imaginary part).
bool is_more_than_memory(PyObject *object) {
  static PyObject *const is_neg = PyUnicode_InternFromString("is_neg");
  Owned gradient(PyObject_GetAttrString(object, "requires_grad"));
  Owned negative(gradient ? PyObject_CallMethodObjArgs(object, is_neg, nullptr) : nullptr);
  PyErr_Clear();
  return gradient.get() == Py_True || negative.get() == Py_True;
}

void end_managed(PyObject *capsule) {
  auto *managed = static_cast<DLManagedTensorVersioned *>(PyCapsule_GetPointer(capsule, nullptr));
  if (managed && managed->deleter) managed->deleter(managed);
}

// What is written is taken with its flags, which a tensor alone does not have.
bool take_managed(const Exchange &exchange, PyObject *object, bool *read_only, Array *array) {
  DLManagedTensorVersioned *managed;
  if (exchange.managed_of(object, &managed) != 0) return false;
  array->owner.reset(PyCapsule_New(managed, nullptr, end_managed));
  array->tensor = managed->dl_tensor;
  *read_only = managed->flags & DLPACK_FLAG_BITMASK_READ_ONLY;
  return static_cast<bool>(array->owner);
}

bool take_stream(const Exchange &exchange, const DLDevice &device, Stream *stream) {
  if (stream->known || (device.device_type != kDLCUDA && device.device_type != kDLCUDAManaged)) return true;
  stream->known = exchange.stream_of(device.device_type, device.device_id, &stream->handle) == 0;
  return stream->known;
}

void set_error(void *, const char *, const char *message) {
  const PyGILState_STATE state = PyGILState_Ensure();
  PyErr_SetString(PyExc_RuntimeError, message);
  PyGILState_Release(state);
}

}  // namespace

const Exchange *exchange_of(PyObject *object) {
  // The types of the last arrays, which are kept: an address is one type's for good.
  static struct {
    PyTypeObject *type;
    const Exchange *exchange;
  } known[4];
  static int next = 0;
  PyTypeObject *const type = Py_TYPE(object);
  for (const auto &each : known)
    if (each.type == type) return each.exchange;
  const Exchange *const found = find(type);
  if (!found) return nullptr;
  PyTypeObject *const old = known[next].type;
  keep(reinterpret_cast<PyObject *>(type));
  known[next] = {type, found};
  next = (next + 1) % 4;
  Py_DecRef(reinterpret_cast<PyObject *>(old));
  return found;
}

bool read_exchanged(const Exchange &exchange, const Place &place, PyObject *object, bool writes, Stream *stream,
                    Array *array) {
  if (is_more_than_memory(object)) return read_other(place, object, writes, stream, array);  // which sees to it
  bool read_only = false;
  const bool found =
      writes ? take_managed(exchange, object, &read_only, array) : exchange.tensor_of(object, &array->tensor) == 0;
  if (!found || !take_stream(exchange, array->tensor.device, stream)) {
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_Exception)) return false;
    PyErr_Clear();
    return read_other(place, object, writes, stream, array);  // which finds a way, or says what is wrong
  }
  return !read_only || refuse_read_only(place);
}

PyObject *make_exchanged(const Exchange &exchange, const Array &like, const Extents &extents, const DLDataType &type) {
  DLTensor prototype = {};
  prototype.device = like.tensor.device;
  prototype.ndim = extents.ndim;
  prototype.dtype = type;
  prototype.shape = const_cast<int64_t *>(extents.shape);
  DLManagedTensorVersioned *managed;
  void *object;
  if (exchange.allocate(&prototype, &managed, nullptr, set_error) != 0) return nullptr;
  return exchange.object_of(managed, &object) == 0 ? static_cast<PyObject *>(object) : nullptr;
}

}  // namespace kiln::python
