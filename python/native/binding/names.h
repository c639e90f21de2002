// What the binding calls of the package's modules, from when it is imported on.
#pragma once

#include "python.h"

namespace kiln::python {

struct Names {
  PyObject *read, *make, *written;  // of kiln._interop
  PyObject *settings;               // ContextVar.get of kiln.options' settings
};

extern Names names;

// False with an exception set.
bool import_names();

}  // namespace kiln::python
