// Errors: a kiln_status and a message per thread.
#pragma once

#include <kiln/kiln.h>

namespace kiln {

// Sets this thread's kiln_last_error() and returns `status`. The message names the argument, then what was expected,
// then what came.
[[gnu::format(printf, 2, 3), gnu::cold]] kiln_status fail(kiln_status status, const char *format, ...);

// The same with KILN_STATUS_INVALID_ARGUMENT.
[[gnu::format(printf, 1, 2), gnu::cold]] kiln_status invalid(const char *format, ...);

// Has this thread's message begin with the function that failed: "kiln_batch_norm: running_mean: ...".
[[gnu::cold]] void say_operator(const char *name);

// Where messages from inside a kernel go (halide_errors.cpp): as fail(KILN_STATUS_INTERNAL).
void set_error_text(const char *text);

}  // namespace kiln
