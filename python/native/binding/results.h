// New arrays for what an operator computes, of the first array's kind.
#pragma once

#include "arguments.h"
#include "array.h"

namespace kiln::python {

struct Result {
  PyObject *given = nullptr;  // borrowed: where it is written, or NULL for a new array
  Owned made;                 // memory that Kiln writes
  Owned finish;               // makes the result of that memory; none where it is the result
};

// The extents of a result, by the rule of the table. False where arguments or input are none that have such a result,
// which Kiln says better than an array's maker.
bool extents_of(Shape rule, const DLTensor &input, const Values &values, Extents *extents);

// A new array like `first` and of its shape where `extents` is NULL. False with an exception set.
bool make_result(const Place &place, PyObject *first, const Array &like, const Extents *extents, const DLDataType &type,
                 Result *result);

}  // namespace kiln::python
