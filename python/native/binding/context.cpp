#include "context.h"

#include <stdlib.h>
#include <string.h>

#include "names.h"

namespace kiln::python {
namespace {

// One of Kiln's contexts for each CUDA stream, as a context may be in use in another thread when the next stream comes.
struct OfStream {
  void *stream;
  kiln_context *context;
  OfStream *next;
};

struct Context {
  PyObject_HEAD int threads;
  kiln_accuracy accuracy;
  char isa[16];  // "" for the best
  OfStream *streams;
};

// Settings that nobody has asked for, on streams.
PyObject *defaults;

kiln_status make(const Context &settings, void *stream, kiln_context **context) {
  kiln_status s = kiln_context_create(context);
  if (s != KILN_STATUS_OK) return s;
  s = kiln_context_set_num_threads(*context, settings.threads);
  if (s == KILN_STATUS_OK) s = kiln_context_set_accuracy(*context, settings.accuracy);
  if (s == KILN_STATUS_OK) s = kiln_context_set_isa(*context, settings.isa[0] ? settings.isa : nullptr);
  if (s == KILN_STATUS_OK) s = kiln_context_set_cuda_stream(*context, stream);
  if (s != KILN_STATUS_OK) kiln_context_destroy(*context);
  return s;
}

const kiln_context *find(Context *settings, void *stream) {
  for (OfStream *each = settings->streams; each; each = each->next)
    if (each->stream == stream) return each->context;
  auto *added = static_cast<OfStream *>(malloc(sizeof(OfStream)));
  if (!added) {
    PyErr_NoMemory();
    return nullptr;
  }
  const kiln_status s = make(*settings, stream, &added->context);
  if (s != KILN_STATUS_OK) {
    free(added);
    raise(s);
    return nullptr;
  }
  added->stream = stream;
  added->next = settings->streams;
  settings->streams = added;
  return added->context;
}

bool read_accuracy(const char *word, kiln_accuracy *accuracy) {
  const bool exact = strcmp(word, "exact") == 0;
  *accuracy = exact ? KILN_ACCURACY_EXACT : KILN_ACCURACY_FAST;
  if (exact || strcmp(word, "fast") == 0) return true;
  PyErr_Format(PyExc_ValueError, "accuracy: expected exact or fast, got %s", word);
  return false;
}

// Context(threads, accuracy, isa): 0, "exact" and "" are the defaults. Kiln refuses here what it does not have.
PyObject *new_context(PyTypeObject *type, PyObject *args, PyObject *) {
  int threads;
  const char *accuracy, *isa;
  if (!PyArg_ParseTuple(args, "iss", &threads, &accuracy, &isa)) return nullptr;
  auto allocate = reinterpret_cast<allocfunc>(PyType_GetSlot(type, Py_tp_alloc));
  Owned made(allocate(type, 0));
  if (!made) return nullptr;
  auto *const settings = reinterpret_cast<Context *>(made.get());
  settings->threads = threads;
  if (!read_accuracy(accuracy, &settings->accuracy)) return nullptr;
  if (strlen(isa) >= sizeof settings->isa) {
    PyErr_Format(PyExc_ValueError, "isa: expected the name of an instruction set, got %s", isa);
    return nullptr;
  }
  strcpy(settings->isa, isa);
  return find(settings, nullptr) ? made.release() : nullptr;
}

void end_context(PyObject *self) {
  auto *const settings = reinterpret_cast<Context *>(self);
  while (OfStream *first = settings->streams) {
    settings->streams = first->next;
    kiln_context_destroy(first->context);
    free(first);
  }
  PyTypeObject *const type = Py_TYPE(self);
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DecRef(reinterpret_cast<PyObject *>(type));
}

PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void *>(new_context)},
                       {Py_tp_dealloc, reinterpret_cast<void *>(end_context)},
                       {Py_tp_doc, const_cast<char *>("How calls are carried out: Context(threads, accuracy, isa).")},
                       {0, nullptr}};
PyType_Spec spec = {"kiln._native.Context", sizeof(Context), 0, Py_TPFLAGS_DEFAULT, slots};

bool current(Owned *settings, const kiln_context **context) {
  return current_settings(settings) && context_for(settings->get(), Stream(), context);
}

}  // namespace

bool add_context_type(PyObject *module) {
  Owned type(PyType_FromSpec(&spec));
  if (!type || PyModule_AddObjectRef(module, "Context", type.get()) < 0) return false;
  defaults = PyObject_CallFunction(type.get(), "iss", 0, "exact", "");
  return defaults != nullptr;
}

bool current_settings(Owned *settings) {
  Owned found(PyObject_CallNoArgs(names.settings));
  if (!found) return false;
  if (found.get() == Py_None) return true;
  PyObject *const inner = PyTuple_GetItem(found.get(), 0);
  settings->reset(inner ? keep(inner) : nullptr);
  return inner != nullptr;
}

bool context_for(PyObject *settings, const Stream &stream, const kiln_context **context) {
  *context = nullptr;
  if (!settings && !stream.handle) return true;
  *context = find(reinterpret_cast<Context *>(settings ? settings : defaults), stream.handle);
  return *context != nullptr;
}

void raise(kiln_status status) {
  PyObject *kind = PyExc_RuntimeError;
  if (status == KILN_STATUS_INVALID_ARGUMENT || status == KILN_STATUS_UNSUPPORTED_CPU) kind = PyExc_ValueError;
  if (status == KILN_STATUS_UNSUPPORTED) kind = PyExc_TypeError;
  if (status == KILN_STATUS_OUT_OF_MEMORY) kind = PyExc_MemoryError;
  PyErr_SetString(kind, kiln_last_error());
}

PyObject *isa(PyObject *, PyObject *) {
  Owned settings;
  const kiln_context *context;
  if (!current(&settings, &context)) return nullptr;
  if (const char *name = kiln_context_isa(context)) return PyUnicode_FromString(name);
  raise(KILN_STATUS_UNSUPPORTED_CPU);
  return nullptr;
}

PyObject *num_threads(PyObject *, PyObject *) {
  Owned settings;
  const kiln_context *context;
  if (!current(&settings, &context)) return nullptr;
  if (const int count = kiln_context_num_threads(context)) return PyLong_FromLong(count);
  raise(KILN_STATUS_INVALID_ARGUMENT);
  return nullptr;
}

}  // namespace kiln::python
