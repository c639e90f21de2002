// The contexts that calls are made with: none, and one for each instruction set that runs here, with one thread,
// several threads, and an app's own loop.
#pragma once

#include <kiln/kiln.h>

#include <string>
#include <vector>

namespace kiln::fuzz {

struct NamedContext {
  std::string name;
  kiln_context *context;
};
// Made at the first call, and kept.
const std::vector<NamedContext> &contexts();

}  // namespace kiln::fuzz
