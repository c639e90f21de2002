#include "signals.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstring>
#include <initializer_list>

namespace kiln::tool {
namespace {

// The temporary files that exist now: static memory, so that it is there until the very end.
struct Pending {
  std::atomic<bool> used;
  char name[PATH_MAX];
};
Pending g_pending[4];
pthread_t g_main_thread;
std::atomic<bool> g_orderly;
std::atomic<int> g_requested;
static_assert(std::atomic<int>::is_always_lock_free, "a handler may use it");

bool asks_to_end(int number) { return number == SIGINT || number == SIGTERM || number == SIGHUP; }

// Raised by the thread that it comes to, by what that thread does.
bool is_fault(int number) {
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS})
    if (number == fault) return true;
  return false;
}

// Those whose default does not end the process, that nothing catches, or that are left to the system.
bool ends_the_process(int number) {
  for (int other : {SIGKILL, SIGSTOP, SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH, SIGXFSZ})
    if (number == other) return false;
  return number < 32 || (number >= SIGRTMIN && number <= SIGRTMAX);  // the C library has those between
}

void handle(int number) {
  if (g_orderly && asks_to_end(number)) {
    int none = 0;
    if (g_requested.compare_exchange_strong(none, number)) return;
  }
  // On the thread that makes the files it comes either before a file is made or after, never between.
  if (!pthread_equal(pthread_self(), g_main_thread) && !is_fault(number)) {
    pthread_kill(g_main_thread, number);
    return;
  }
  for (Pending &pending : g_pending)
    if (pending.used) unlink(pending.name);
  signal(number, SIG_DFL);
  raise(number);
}

}  // namespace

void install_signal_handlers() {
  g_main_thread = pthread_self();
  for (int number = 1; number <= SIGRTMAX; ++number) {
    struct sigaction action {};
    if (!ends_the_process(number) || sigaction(number, nullptr, &action) != 0) continue;
    // Reports of faults, as sanitizers make them, are worth more.
    if (action.sa_handler == SIG_IGN || (is_fault(number) && action.sa_handler != SIG_DFL)) continue;
    action = {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    sigaction(number, &action, nullptr);
  }
  signal(SIGXFSZ, SIG_IGN);
}

const char *remember_temporary(const std::string &name) {
  for (Pending &pending : g_pending) {
    if (pending.used || name.size() >= sizeof pending.name) continue;
    std::memcpy(pending.name, name.c_str(), name.size() + 1);
    pending.used = true;
    return pending.name;
  }
  return nullptr;
}

void forget_temporary(const char *name) {
  for (Pending &pending : g_pending)
    if (pending.name == name) pending.used = false;
}

void end_by_signal(int number) {
  signal(number, SIG_DFL);
  raise(number);
  _exit(128 + number);
}

OrderlyEnd::OrderlyEnd() {
  install_signal_handlers();
  g_orderly = true;
}

OrderlyEnd::~OrderlyEnd() { g_orderly = false; }

int OrderlyEnd::requested() { return g_requested; }

SignalsWait::SignalsWait() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before_);
}

SignalsWait::~SignalsWait() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

}  // namespace kiln::tool
