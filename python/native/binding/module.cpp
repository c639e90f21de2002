// kiln._native: the operators, a function each, and what the package needs besides.
#include "context.h"
#include "names.h"
#include "operators.h"

namespace kiln::python {
namespace {

PyMethodDef others[] = {
    {"isa", isa, METH_NOARGS, "isa($module)\n--\n\nThe instruction set that calls run here: avx2, neon, ..."},
    {"num_threads", num_threads, METH_NOARGS, "num_threads($module)\n--\n\nHow many threads a call may use here."},
    {nullptr, nullptr, 0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "kiln._native",
                          "Kiln's C functions, on arrays.",
                          -1,
                          kFunctions,
                          nullptr,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace
}  // namespace kiln::python

PyMODINIT_FUNC PyInit__native(void) {
  using namespace kiln::python;
  Owned module(PyModule_Create(&definition));
  if (!module || !import_numpy() || !import_names() || PyModule_AddFunctions(module.get(), others) < 0 ||
      !add_context_type(module.get()) || PyModule_AddStringConstant(module.get(), "__version__", kiln_version()) < 0)
    return nullptr;
  return module.release();
}
