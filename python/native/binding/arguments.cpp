#include "arguments.h"

#include "array.h"

namespace kiln::python {
namespace {

int find(const Operator &op, PyObject *name) {
  for (int i = 0; i < op.parameter_count; ++i)
    if (PyUnicode_CompareWithASCIIString(name, op.parameters[i].name) == 0) return i;
  return -1;
}

bool bind_keywords(const Operator &op, PyObject *const *args, PyObject *keywords, PyObject **given) {
  const Py_ssize_t count = PyTuple_Size(keywords);
  for (Py_ssize_t k = 0; k < count; ++k) {
    PyObject *const name = PyTuple_GetItem(keywords, k);
    const int i = find(op, name);
    if (i < 0) {
      PyErr_Format(PyExc_TypeError, "kiln_%s: %U: no such argument", op.name, name);
      return false;
    }
    if (given[i]) {
      PyErr_Format(PyExc_TypeError, "kiln_%s: %U: given by position and by name", op.name, name);
      return false;
    }
    given[i] = args[k];
  }
  return true;
}

}  // namespace

bool refuse(const Place &place, const char *expected, PyObject *object) {
  Owned name(PyType_GetName(Py_TYPE(object)));
  if (name)
    PyErr_Format(PyExc_TypeError, "kiln_%s: %s: expected %s, got %U", place.op, place.name, expected, name.get());
  return false;
}

bool read_boolean(const Place &place, PyObject *object, int64_t *value) {
  if (!is_boolean(object)) return refuse(place, "True or False", object);
  *value = PyObject_IsTrue(object);
  return *value >= 0;
}

bool bind(const Operator &op, PyObject *const *args, Py_ssize_t count, PyObject *keywords, PyObject **given) {
  if (count > op.positional_count) {
    PyErr_Format(PyExc_TypeError, "kiln_%s: expected at most %d argument%s by position, got %zd", op.name,
                 static_cast<int>(op.positional_count), op.positional_count == 1 ? "" : "s", count);
    return false;
  }
  for (int i = 0; i < op.parameter_count; ++i) given[i] = i < count ? args[i] : nullptr;
  if (keywords && !bind_keywords(op, args + count, keywords, given)) return false;
  for (int i = 0; i < op.parameter_count; ++i) {
    if (given[i] || !op.parameters[i].required) continue;
    PyErr_Format(PyExc_TypeError, "kiln_%s: %s: expected, and not given", op.name, op.parameters[i].name);
    return false;
  }
  return true;
}

namespace {

bool read_real(const Place &place, PyObject *object, double *value) {
  *value = PyFloat_AsDouble(object);
  if (*value != -1 || !PyErr_Occurred()) return true;
  if (PyErr_ExceptionMatches(PyExc_TypeError)) refuse(place, "a number", object);
  if (PyErr_ExceptionMatches(PyExc_OverflowError))
    PyErr_Format(PyExc_ValueError, "kiln_%s: %s: expected a number in the range of float64", place.op, place.name);
  return false;
}

bool is_fixed(const Place &place, const Parameter &parameter, PyObject *object) {
  double value;
  if (!read_real(place, object, &value)) return false;
  if (value == parameter.real) return true;
  PyErr_Format(PyExc_ValueError, "kiln_%s: %s: expected %d, got %S", place.op, place.name,
               static_cast<int>(parameter.real), object);
  return false;
}

}  // namespace

bool Values::read(const Operator &op, PyObject *const *given) {
  for (int i = 0; i < op.parameter_count; ++i) {
    const Parameter &parameter = op.parameters[i];
    const Place place = {op.name, parameter.name};
    if (parameter.takes == Takes::argument && !read_value(place, parameter, given[i])) return false;
    if (parameter.takes == Takes::fixed && given[i] && !is_fixed(place, parameter, given[i])) return false;
  }
  return true;
}

bool Values::read_value(const Place &place, const Parameter &parameter, PyObject *object) {
  Value &value = values_[parameter.place];
  const bool by_default = !object || (parameter.may_be_none && parameter.type == Type::real && object == Py_None);
  switch (parameter.type) {
    case Type::boolean:
      value.integer = parameter.integer;
      return by_default || read_boolean(place, object, &value.integer);
    case Type::real:
      value.real = parameter.real;
      return by_default || read_real(place, object, &value.real);
    case Type::integer:
    case Type::extents:
    case Type::dims:
      return read_integers(place, parameter, object, &value);
  }
  return false;
}

namespace {

bool read_integer(const Place &place, const char *expected, PyObject *object, int64_t *value) {
  *value = PyNumber_AsSsize_t(object, PyExc_ValueError);
  if (*value != -1 || !PyErr_Occurred()) return true;
  if (PyErr_ExceptionMatches(PyExc_TypeError)) return refuse(place, expected, object);
  if (PyErr_ExceptionMatches(PyExc_ValueError))
    PyErr_Format(PyExc_ValueError, "kiln_%s: %s: expected an integer of 64 bits, got %S", place.op, place.name, object);
  return false;
}

}  // namespace

bool Values::read_integers(const Place &place, const Parameter &parameter, PyObject *object, Value *value) {
  if (parameter.type == Type::integer) {
    if (object && !read_integer(place, "an integer", object, &value->integer)) return false;
    if (!object) value->integer = parameter.integer;
    integer_ = value->integer;
    return true;
  }
  value->integers.data = integers_;
  value->integers.count = 1;
  if (parameter.type == Type::extents) extents_ = value;
  if (!object) {
    integers_[0] = parameter.integer;
    return true;
  }
  static const char expected[] = "an integer, or a tuple of integers";
  if (object == Py_None && parameter.may_be_none) {
    value->integers.count = 0;
    return true;
  }
  if (!PySequence_Check(object)) return read_integer(place, expected, object, &integers_[0]);
  const Py_ssize_t count = PySequence_Size(object);
  if (count < 0) return false;
  if (count > KILN_MAX_NDIM) {
    PyErr_Format(PyExc_ValueError, "kiln_%s: %s: expected %d integers at most, got %zd", place.op, place.name,
                 KILN_MAX_NDIM, count);
    return false;
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    Owned each(PySequence_GetItem(object, i));
    if (!each || !read_integer(place, expected, each.get(), &integers_[i])) return false;
  }
  value->integers.count = static_cast<int>(count);
  return true;
}

}  // namespace kiln::python
