// CPython's limited API, by which one library serves Python 3.11 and all later ones, and Kiln's.
#pragma once

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
// clang-format off
#include <kiln/kiln_dlpack.h>  // first: of whatever dlpack.h this machine has, kiln.h would take the types
#include <kiln/kiln.h>
// clang-format on

namespace kiln::python {

// Where an error is: it begins with "kiln_layer_norm: weight: ".
struct Place {
  const char *op;
  const char *name;
};

// Another reference to an object, counted by the interpreter itself: macros of 3.11 know of no immortal objects,
// which 3.12 has.
inline PyObject *keep(PyObject *object) {
  Py_IncRef(object);
  return object;
}

// A new reference that is given back at the end of its block.
class Owned {
 public:
  explicit Owned(PyObject *object = nullptr) : object_(object) {}
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  ~Owned() { give_back(); }

  explicit operator bool() const { return object_ != nullptr; }
  PyObject *get() const { return object_; }
  void reset(PyObject *object) {
    give_back();
    object_ = object;
  }
  PyObject *release() {
    PyObject *const object = object_;
    object_ = nullptr;
    return object;
  }

 private:
  void give_back() {
    if (object_) Py_DecRef(object_);
  }
  PyObject *object_;
};

}  // namespace kiln::python
