#include "images.h"

#include <stdlib.h>
#include <string.h>

#include "../status.h"

namespace kiln {
namespace {
pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
}

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

Image *find_image(void *list, const DeviceCall &call) {
  for (Image *image = static_cast<Image *>(list); image; image = image->next)
    if (image->driver_context == call.driver_context && image->context_number == call.context_number) return image;
  return nullptr;
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

}  // namespace kiln
