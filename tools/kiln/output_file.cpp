#include "output_file.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <utility>

#include "text.h"

namespace kiln::tool {
namespace {

// The temporary files that exist now, for the signal handler: static memory, so that it is there until the very end.
struct Pending {
  std::atomic<bool> used;
  char name[PATH_MAX];
};
Pending g_pending[4];
pthread_t g_main_thread;

// Runs on the thread that makes the files, so that it comes either before a file is made or after, never between.
void remove_pending(int signal_number) {
  if (!pthread_equal(pthread_self(), g_main_thread)) {
    pthread_kill(g_main_thread, signal_number);
    return;
  }
  for (Pending &pending : g_pending)
    if (pending.used) unlink(pending.name);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void install_handlers() {
  static const bool installed = [] {
    g_main_thread = pthread_self();
    for (int number : {SIGINT, SIGTERM, SIGHUP}) {
      struct sigaction action {};
      sigaction(number, nullptr, &action);
      if (action.sa_handler == SIG_IGN) continue;
      action = {};
      action.sa_handler = remove_pending;
      sigaction(number, &action, nullptr);
    }
    // A file size limit then is an error of write().
    signal(SIGXFSZ, SIG_IGN);
    return true;
  }();
  static_cast<void>(installed);
}

const char *remember(const std::string &name) {
  for (Pending &pending : g_pending) {
    if (pending.used || name.size() >= sizeof pending.name) continue;
    std::memcpy(pending.name, name.c_str(), name.size() + 1);
    pending.used = true;
    return pending.name;
  }
  return nullptr;
}

void forget(const char *name) {
  for (Pending &pending : g_pending)
    if (pending.name == name) pending.used = false;
}

// The file behind a symbolic link; the path itself where there is none yet.
std::string resolve(const std::string &path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr), &std::free);
  return real ? real.get() : path;
}

std::string folder_of(const std::string &path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

std::string random_name() {
  std::random_device random;
  char name[40];
  std::snprintf(name, sizeof name, ".kiln-%08x%08x.tmp", random(), random());
  return name;
}

}  // namespace

OutputFile::OutputFile(const std::string &path) : path_(path), target_(resolve(path)) {
  install_handlers();
  struct stat status {};
  const bool exists = stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail_with("cannot write", EISDIR);
  if (exists && !S_ISREG(status.st_mode)) {
    fd_ = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd_ < 0) fail_with("cannot write", errno);
    return;
  }
  if (exists && access(path.c_str(), W_OK) != 0) fail_with("cannot write", errno);
  create_temporary(0666);
  if (exists) static_cast<void>(fchmod(fd_, status.st_mode & 0777));
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, nullptr)),
      fd_(std::exchange(other.fd_, -1)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) close(fd_);
  if (temporary_) {
    unlink(temporary_);
    forget(temporary_);
  }
}

void OutputFile::create_temporary(mode_t mode) {
  if (path_.empty() || path_.back() == '/') fail_with("cannot write", path_.empty() ? ENOENT : EISDIR);
  const char *name = remember(folder_of(target_) + random_name());
  if (!name) fail_with("cannot write", ENAMETOOLONG);
  fd_ = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd_ < 0) {
    const int error = errno;
    forget(name);
    fail_with("cannot make a file in its folder", error);
  }
  temporary_ = name;
}

void OutputFile::write(const void *data, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t n = ::write(fd_, static_cast<const char *>(data) + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_with("cannot write", errno);
    done += static_cast<size_t>(n);
  }
}

void OutputFile::finish() {
  // Pipes and terminals cannot be synchronized, and need not be.
  if (temporary_ && fsync(fd_) != 0) fail_with("cannot write", errno);
  if (close(std::exchange(fd_, -1)) != 0) fail_with("cannot write", errno);
}

void OutputFile::commit() {
  if (!temporary_) return;
  if (rename(temporary_, target_.c_str()) != 0) fail_with("cannot write", errno);
  forget(std::exchange(temporary_, nullptr));
}

void OutputFile::fail_with(const std::string &what, int error) const {
  fail((path_.empty() ? "''" : path_) + ": " + what + ": " + std::strerror(error));
}

void write_file(const std::string &path, const std::string &text) {
  OutputFile file(path);
  file.write(text.data(), text.size());
  file.finish();
  file.commit();
}

}  // namespace kiln::tool
