// What a call of Python is given, by the operator's row.
#pragma once

#include "operators.h"
#include "python.h"

namespace kiln::python {

// The objects of a call by their parameters; NULL where one is left to its default. Borrowed. False with an exception
// set.
bool bind(const Operator &op, PyObject *const *args, Py_ssize_t count, PyObject *keywords, PyObject **given);

// The values of a call's arguments, as Kiln takes them. False with an exception set.
class Values {
 public:
  bool read(const Operator &op, PyObject *const *given);
  const Value *all() const { return values_; }
  const Value &operator[](int place) const { return values_[place]; }
  // Whether statistics are written.
  bool writes_statistics(const Operator &op) const { return op.written_when >= 0 && values_[op.written_when].integer; }
  // The argument of type extents; NULL where there is none.
  const Value *extents() const { return extents_; }
  // The argument of type integer, which is one at most: groups, where results have their shape.
  int64_t integer() const { return integer_; }

 private:
  bool read_value(const Place &place, const Parameter &parameter, PyObject *object);
  bool read_integers(const Place &place, const Parameter &parameter, PyObject *object, Value *value);

  Value values_[kMost];
  int64_t integers_[KILN_MAX_NDIM];  // of the one argument that has several
  const Value *extents_ = nullptr;
  int64_t integer_ = 0;
};

// True, False, 1, 0, or NumPy's. False with an exception set.
bool read_boolean(const Place &place, PyObject *object, int64_t *value);

// Raises TypeError: "kiln_layer_norm: eps: expected a number, got str".
bool refuse(const Place &place, const char *expected, PyObject *object);

}  // namespace kiln::python
