// Other processes: a function in a forked child, or a program with its output.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace kiln::test {

// Runs `body` in a forked child, which ends by _exit() with what it returns. Gives the child's exit status, or minus
// the signal that ended it.
int run_in_child(const std::function<int()> &body);

// Text that a child leaves for its parent, even where a signal ends it: what it was about to do.
class Told {
 public:
  Told();
  ~Told();
  Told(const Told &) = delete;
  Told &operator=(const Told &) = delete;
  void tell(const std::string &text);
  const char *text() const { return text_; }

 private:
  char *text_;
};

struct Finished {
  int status;  // as above
  std::string output, error;
};
// Runs a program with these variables set in its environment; a NULL value takes the variable away.
Finished run_program(const std::vector<std::string> &command,
                     const std::vector<std::pair<std::string, const char *>> &environment = {});

}  // namespace kiln::test
