// A call of an operator from Python.
#pragma once

#include "operators.h"
#include "python.h"

namespace kiln::python {

// Its result, a new reference, or NULL with an exception set. `args` has `count` objects by position, then those by
// name.
PyObject *call(const Operator &op, PyObject *const *args, Py_ssize_t count, PyObject *keywords);

}  // namespace kiln::python
