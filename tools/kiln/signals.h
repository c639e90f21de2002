// Signals that would end the tool: its temporary files go first, and a long run may end in order.
#ifndef KILN_TOOLS_SIGNALS_H
#define KILN_TOOLS_SIGNALS_H

#include <csignal>
#include <stdexcept>
#include <string>

namespace kiln::tool {

// Every signal that can be caught, and would end the process, removes the temporary files before it does; one that was
// is ignored stays ignored. A file size limit is an error of write(), not a signal. Comes again before each piece of
// work that needs it, since a device's driver may bring handlers of its own. On the main thread only.
void install_signal_handlers();

// A temporary file for the handlers to remove; comes before the file is made. The result, which is the name in static
// memory, is what forget_temporary() takes; NULL where it is too long or there are too many.
const char *remember_temporary(const std::string &name);
void forget_temporary(const char *name);

// Ends the tool as the signal would have, after one line that says what became of the work.
struct Interrupted : std::runtime_error {
  Interrupted(int number, const std::string &what) : std::runtime_error(what), number(number) {}
  const int number;
};
[[noreturn]] void end_by_signal(int number);

// While one exists, SIGINT, SIGTERM and SIGHUP are requests, which long work looks at; a second one ends the tool.
class OrderlyEnd {
 public:
  OrderlyEnd();
  ~OrderlyEnd();
  OrderlyEnd(const OrderlyEnd &) = delete;
  OrderlyEnd &operator=(const OrderlyEnd &) = delete;
  // The signal that came, or 0.
  static int requested();
};

// Has signals wait, except those that nothing can hold up.
class SignalsWait {
 public:
  SignalsWait();
  ~SignalsWait();
  SignalsWait(const SignalsWait &) = delete;
  SignalsWait &operator=(const SignalsWait &) = delete;

 private:
  sigset_t before_;
};

}  // namespace kiln::tool
#endif
