#include "status.h"

#include <stdarg.h>
#include <stdio.h>

namespace kiln {
namespace {
// Longest message: two shapes of 64 extents do not fit, and are cut; every other message does.
thread_local char message[1024];
}  // namespace

kiln_status fail(kiln_status status, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return status;
}

kiln_status invalid(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return KILN_STATUS_INVALID_ARGUMENT;
}

void set_error_text(const char *text) { snprintf(message, sizeof message, "%s", text); }

void say_operator(const char *name) {
  char text[sizeof message];
  snprintf(text, sizeof text, "%s", message);
  snprintf(message, sizeof message, "kiln_%s: %.*s", name, static_cast<int>(sizeof message) - 80, text);
}

}  // namespace kiln

#define KILN_STRING(x) #x
#define KILN_DOTTED(major, minor, patch) KILN_STRING(major) "." KILN_STRING(minor) "." KILN_STRING(patch)
const char *kiln_version(void) { return KILN_DOTTED(KILN_VERSION_MAJOR, KILN_VERSION_MINOR, KILN_VERSION_PATCH); }
#undef KILN_DOTTED
#undef KILN_STRING

const char *kiln_last_error(void) { return kiln::message; }

const char *kiln_status_name(kiln_status status) {
  switch (status) {
#define KILN_NAME(status) \
  case status:            \
    return #status
    KILN_NAME(KILN_STATUS_OK);
    KILN_NAME(KILN_STATUS_INVALID_ARGUMENT);
    KILN_NAME(KILN_STATUS_UNSUPPORTED);
    KILN_NAME(KILN_STATUS_UNSUPPORTED_CPU);
    KILN_NAME(KILN_STATUS_OUT_OF_MEMORY);
    KILN_NAME(KILN_STATUS_NO_DEVICE);
    KILN_NAME(KILN_STATUS_DEVICE_ERROR);
    KILN_NAME(KILN_STATUS_INTERNAL);
#undef KILN_NAME
  }
  return "KILN_STATUS_UNKNOWN";
}
