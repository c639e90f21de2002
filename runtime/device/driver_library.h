// A driver's shared library, opened when a device is first asked for. The library, the tool and the tests use this and
// the tables of entry points (cuda_api.h, opencl_api.h): nothing of a driver is needed to build or to link.
#pragma once

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

namespace kiln {

// Opens the library that the environment variable names, else `name`, and stores the address of each of `count` entry
// points in `functions`. Returns dlopen's handle, which stays open, or NULL, and why in `error`.
inline void *open_driver(const char *variable, const char *name, const char *const *entries, void **functions,
                         int count, char *error, size_t error_size) {
  const char *forced = getenv(variable);
  const char *path = forced && *forced ? forced : name;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    snprintf(error, error_size, "the driver's library could not be opened: %s", why ? why : path);
    return nullptr;
  }
  for (int i = 0; i < count; ++i) {
    functions[i] = dlsym(library, entries[i]);
    if (functions[i]) continue;
    snprintf(error, error_size, "%s has no %s", path, entries[i]);
    dlclose(library);
    return nullptr;
  }
  return library;
}

// An Api is a struct of nothing but function pointers, in the order of its table of names.
template <class Api, int count>
void *open_driver(const char *variable, const char *name, const char *const (&entries)[count], Api *api, char *error,
                  size_t error_size) {
  static_assert(sizeof(Api) == count * sizeof(void *), "one pointer an entry point");
  return open_driver(variable, name, entries, reinterpret_cast<void **>(api), count, error, error_size);
}

}  // namespace kiln
