#include "names.h"

namespace kiln::python {

Names names;

namespace {

bool take(PyObject **where, const char *module, const char *name) {
  Owned found(PyImport_ImportModule(module));
  *where = found ? PyObject_GetAttrString(found.get(), name) : nullptr;
  return *where != nullptr;
}

}  // namespace

bool import_names() {
  return take(&names.read, "kiln._interop", "read") && take(&names.make, "kiln._interop", "make") &&
         take(&names.written, "kiln._interop", "written") && take(&names.settings, "kiln._settings", "current");
}

}  // namespace kiln::python
