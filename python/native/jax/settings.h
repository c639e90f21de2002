// How calls are carried out: kiln.jax.options.
#pragma once

#include <kiln/kiln.h>

namespace kiln::jax {

struct Settings {
  int threads = 0;  // 0 leaves it to the process
  bool fast = false;
  char isa[16] = "";  // "" for the best

  // What is longer than the name of any instruction set is cut.
  void set(int threads, bool fast, const char *isa, size_t length);

  // *context becomes NULL for the defaults. Contexts are made once for each stream and live as long as the process, for
  // all threads. `stream`: on a CUDA device.
  kiln_status context(void *stream, const kiln_context **context) const;
};

}  // namespace kiln::jax
