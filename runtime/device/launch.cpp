#include "launch.h"

#include <stdlib.h>
#include <string.h>

#include "../status.h"

namespace kiln {
namespace {

pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

kiln_status add_entry(DeviceCall *call, const char *name, size_t length, const Loader &loader, Image *image) {
  char text[256];
  if (image->entry_count == static_cast<int>(sizeof image->entries / sizeof image->entries[0]) || length >= sizeof text)
    return fail(KILN_STATUS_INTERNAL, "%s: there is no room for a kernel's entry points", call->api->name);
  memcpy(text, name, length);
  text[length] = '\0';
  void *function = nullptr;
  if (kiln_status s = loader.look_up(call, image->module, text, &function)) return s;
  image->entries[image->entry_count++] = {name, length, function, 0};
  return KILN_STATUS_OK;
}

kiln_status add_entries(DeviceCall *call, const char *source, const Loader &loader, Image *image) {
  const char *at = source;
  while ((at = strstr(at, loader.before_name))) {
    at += strlen(loader.before_name);
    if (kiln_status s = add_entry(call, at, strcspn(at, "( \n"), loader, image)) return s;
  }
  return KILN_STATUS_OK;
}

// Calls a kernel's host part, which comes back to take_code(), with buffers of one element and scalars of 0: what it
// does then does not depend on the app.
kiln_status load(DeviceCall *call, const DeviceCode &code, Image *image) {
  constexpr int kMostArguments = 32, kMostDimensions = 8;
  halide_dimension_t dims[kMostDimensions];
  for (halide_dimension_t &dim : dims) dim = {0, 1, 1, 0};
  halide_buffer_t anything = {};  // begins with zeros, for scalars
  anything.type = halide_type_t(halide_type_float, 32);
  anything.dim = dims;
  void *arguments[kMostArguments] = {&call};
  for (int i = 1; i < kMostArguments; ++i) arguments[i] = &anything;
  call->image = image;
  call->loading = true;
  code.host_part(arguments);
  call->loading = false;
  if (call->status != KILN_STATUS_OK || image->module) return call->status;
  return call->record(fail(KILN_STATUS_INTERNAL, "%s: a kernel has no code", call->api->name));
}

// Under the lock.
kiln_status add_image(DeviceCall *call, DeviceCode *code, Image **image) {
  Image *const made = static_cast<Image *>(calloc(1, sizeof(Image)));
  if (!made) return call->record(fail(KILN_STATUS_OUT_OF_MEMORY, "memory for a kernel's image could not be had"));
  if (kiln_status s = load(call, *code, made)) {
    free(made);
    return s;
  }
  made->driver_context = call->driver_context;
  made->context_number = call->context_number;
  pthread_mutex_init(&made->mutex, nullptr);
  made->next = code->images;
  __atomic_store_n(&code->images, made, __ATOMIC_RELEASE);
  *image = made;
  return KILN_STATUS_OK;
}

}  // namespace

// Halide's names are constants: once one was found by its letters, the next time its address is enough.
EntryPoint *Image::find(const char *name) {
  for (int i = 0; i < entry_count; ++i)
    if (__atomic_load_n(&entries[i].name, __ATOMIC_RELAXED) == name) return &entries[i];
  const size_t length = strlen(name);
  for (int i = 0; i < entry_count; ++i) {
    EntryPoint &entry = entries[i];
    if (entry.length != length || memcmp(__atomic_load_n(&entry.name, __ATOMIC_RELAXED), name, length) != 0) continue;
    __atomic_store_n(&entry.name, name, __ATOMIC_RELAXED);
    return &entry;
  }
  return nullptr;
}

kiln_status load_image(DeviceCall *call, DeviceCode *code, Image **image) {
  pthread_mutex_lock(&loading);
  *image = find_image(*code, *call);
  const kiln_status status = *image ? KILN_STATUS_OK : add_image(call, code, image);
  pthread_mutex_unlock(&loading);
  return status;
}

int take_code(void *user_context, const char *source, int bytes, const Loader &loader) {
  auto *call = static_cast<DeviceCall *>(user_context);
  if (!call->loading) return halide_error_code_success;
  Image *const image = call->image;
  kiln_status status = loader.load(call, source, bytes, &image->module);
  if (status == KILN_STATUS_OK && (status = add_entries(call, source, loader, image)) != KILN_STATUS_OK)
    loader.unload(call, *image);
  call->record(status);
  return halide_error_code_generic_error;
}

int run_kernel(void *user_context, const char *name, const Grid &grid, const Arguments &arguments,
               kiln_status (*launch)(DeviceCall *, Image *, EntryPoint *, const Grid &, const Arguments &)) {
  auto *call = static_cast<DeviceCall *>(user_context);
  // Kernels go on after what fails in them: nothing more is launched, and the first failure's words stay.
  if (call->loading || call->status != KILN_STATUS_OK) return call->status;
  if (EntryPoint *entry = call->image->find(name))
    return call->record(launch(call, call->image, entry, grid, arguments));
  return call->record(fail(KILN_STATUS_INTERNAL, "%s: the code has no kernel %s", call->api->name, name));
}

const halide_device_interface_t *device_interface() {
  static const halide_device_interface_t none = {};
  return &none;
}

}  // namespace kiln

// Buffers are on their device already, or the call would not be here. Halide's own takes a lock of the whole process.
extern "C" int halide_copy_to_device(void *user_context, halide_buffer_t *buffer, const halide_device_interface_t *) {
  if (buffer->device || static_cast<const kiln::DeviceCall *>(user_context)->loading) return halide_error_code_success;
  kiln::fail(KILN_STATUS_INTERNAL, "a kernel on a device was given a buffer of the host");
  return halide_error_code_copy_to_device_failed;
}
