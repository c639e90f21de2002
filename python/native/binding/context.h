// kiln._native.Context: how calls are carried out, for kiln.options.
#pragma once

#include "array.h"

namespace kiln::python {

// False with an exception set.
bool add_context_type(PyObject *module);

// What is in force in this thread of execution: a Context, or NULL for the defaults. False with an exception set.
bool current_settings(Owned *settings);

// Kiln's context of these settings that works on a stream; it lives as long as they. False with an exception set.
bool context_for(PyObject *settings, const Stream &stream, const kiln_context **context);

// Raises what a status stands for, with Kiln's own text.
void raise(kiln_status status);

// kiln.isa() and kiln.num_threads()
PyObject *isa(PyObject *, PyObject *);
PyObject *num_threads(PyObject *, PyObject *);

}  // namespace kiln::python
