#include "launch.h"

#include <stdlib.h>
#include <string.h>

#include "../status.h"

namespace kiln {
namespace {

pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

// The image of a list for the call's context, or NULL.
Image *find_image(void *list, const DeviceCall &call) {
  for (Image *image = static_cast<Image *>(list); image; image = image->next)
    if (image->driver_context == call.driver_context && image->context_number == call.context_number) return image;
  return nullptr;
}

}  // namespace

EntryPoint *Image::find(const char *name) {
  const int count = __atomic_load_n(&entry_count, __ATOMIC_ACQUIRE);
  for (int i = 0; i < count; ++i)
    if (entries[i].name == name || strcmp(entries[i].name, name) == 0) return &entries[i];
  return nullptr;
}

EntryPoint *Image::add(const char *name, void *function) {
  if (entry_count == static_cast<int>(sizeof entries / sizeof entries[0])) return nullptr;
  EntryPoint *entry = &entries[entry_count];
  *entry = {name, function, 0};
  __atomic_store_n(&entry_count, entry_count + 1, __ATOMIC_RELEASE);
  return entry;
}

kiln_status ensure_image(void **list, DeviceCall *call, const char *source, int bytes,
                         kiln_status (*load)(DeviceCall *, const char *, int, void **)) {
  if (find_image(__atomic_load_n(list, __ATOMIC_ACQUIRE), *call)) return KILN_STATUS_OK;
  pthread_mutex_lock(&loading);
  kiln_status status = KILN_STATUS_OK;
  if (!find_image(*list, *call)) {
    Image *image = static_cast<Image *>(calloc(1, sizeof(Image)));
    status = image ? load(call, source, bytes, &image->module)
                   : fail(KILN_STATUS_OUT_OF_MEMORY, "memory for a kernel's image could not be had");
    if (status == KILN_STATUS_OK) {
      image->driver_context = call->driver_context;
      image->context_number = call->context_number;
      pthread_mutex_init(&image->mutex, nullptr);
      image->next = static_cast<Image *>(*list);
      __atomic_store_n(list, image, __ATOMIC_RELEASE);
    } else {
      free(image);
    }
  }
  pthread_mutex_unlock(&loading);
  return call->record(status);
}

int run_kernel(void *user_context, void *list, const char *name, const Grid &grid, const Arguments &arguments,
               kiln_status (*launch)(DeviceCall *, Image *, const char *, const Grid &, const Arguments &)) {
  auto *call = static_cast<DeviceCall *>(user_context);
  // Kernels go on after what fails in them: nothing more is launched, and the first failure's words stay.
  if (call->status != KILN_STATUS_OK) return call->status;
  Image *image = find_image(list, *call);
  if (image) return call->record(launch(call, image, name, grid, arguments));
  return call->record(fail(KILN_STATUS_INTERNAL, "%s: the kernel %s has not been loaded", call->api->name, name));
}

const halide_device_interface_t *device_interface() {
  static const halide_device_interface_t none = {};
  return &none;
}

}  // namespace kiln

// Buffers are on their device already, or the call would not be here. Halide's own takes a lock of the whole process.
extern "C" int halide_copy_to_device(void *, halide_buffer_t *buffer, const halide_device_interface_t *) {
  if (buffer->device) return halide_error_code_success;
  kiln::fail(KILN_STATUS_INTERNAL, "a kernel on a device was given a buffer of the host");
  return halide_error_code_copy_to_device_failed;
}
