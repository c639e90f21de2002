#include "array.h"

#include "arguments.h"
#include "exchange.h"
#include "names.h"

namespace kiln::python {
namespace {

// A capsule that is not renamed gives its tensor back when it ends.
bool read_capsule(const Place &place, PyObject *capsule, bool writes, Array *array) {
  static const char kVersioned[] = "dltensor_versioned";
  array->owner.reset(keep(capsule));
  if (!PyCapsule_IsValid(capsule, kVersioned)) {
    if (!PyCapsule_IsValid(capsule, "dltensor"))
      return refuse(place, "a DLPack capsule that nothing has used", capsule);
    const auto *managed = static_cast<const DLManagedTensor *>(PyCapsule_GetPointer(capsule, "dltensor"));
    array->tensor = managed->dl_tensor;
    return true;
  }
  const auto *managed = static_cast<const DLManagedTensorVersioned *>(PyCapsule_GetPointer(capsule, kVersioned));
  if (managed->version.major != 1) {
    PyErr_Format(PyExc_TypeError, "kiln_%s: %s: expected DLPack 1, got version %u", place.op, place.name,
                 managed->version.major);
    return false;
  }
  if (writes && (managed->flags & DLPACK_FLAG_BITMASK_READ_ONLY)) return refuse_read_only(place);
  array->tensor = managed->dl_tensor;
  return true;
}

}  // namespace

// kiln._interop.read(array, stream, place, writes): a capsule, or a NumPy array, and the stream, None on the CPU.
bool read_other(const Place &place, PyObject *object, bool writes, Stream *stream, Array *array) {
  Owned where(PyUnicode_FromFormat("kiln_%s: %s", place.op, place.name));
  Owned given(stream->known ? PyLong_FromVoidPtr(stream->handle) : keep(Py_None));
  if (!where || !given) return false;
  array->by_python = true;
  Owned found(
      PyObject_CallFunctionObjArgs(names.read, object, given.get(), where.get(), writes ? Py_True : Py_False, nullptr));
  if (!found) return false;
  PyObject *const held = PyTuple_GetItem(found.get(), 0), *const handle = PyTuple_GetItem(found.get(), 1);
  if (!held || !handle) return false;
  if (handle != Py_None) {
    stream->handle = PyLong_AsVoidPtr(handle);
    if (PyErr_Occurred()) return false;
    stream->known = true;
  }
  return is_numpy(held) ? read_numpy(place, held, writes, array) : read_capsule(place, held, writes, array);
}

bool read_array(const Place &place, PyObject *object, bool writes, Stream *stream, Array *array) {
  if (is_numpy(object)) return read_numpy(place, object, writes, array);
  const Exchange *const exchange = exchange_of(object);
  return exchange ? read_exchanged(*exchange, place, object, writes, stream, array)
                  : read_other(place, object, writes, stream, array);
}

const char *name_of(const DLDataType &type) {
  if (same_type(type, kFloat32)) return "float32";
  if (same_type(type, kFloat16)) return "float16";
  return same_type(type, kBfloat16) ? "bfloat16" : nullptr;
}

bool same_type(const DLDataType &a, const DLDataType &b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

bool refuse_read_only(const Place &place) {
  PyErr_Format(PyExc_ValueError, "kiln_%s: %s: expected an array that may be written, got a read-only one", place.op,
               place.name);
  return false;
}

}  // namespace kiln::python
