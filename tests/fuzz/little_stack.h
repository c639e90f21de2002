// Calls on a stack as embedded systems and coroutines have.
#pragma once

#include <functional>

namespace kiln::fuzz {

// Runs `body` on a stack of kLittleStack bytes, below which lies a page that nothing may touch. Under a sanitizer,
// whose code takes more, on the caller's.
void run_on_little_stack(const std::function<void()> &body);

}  // namespace kiln::fuzz
