#include "fuzz/worker.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/random.h"

namespace kiln::fuzz {
namespace {

constexpr unsigned kMostSeconds = 60;  // of one case; then SIGALRM ends it

Progress *told = nullptr;  // the worker's

void copy_text(const std::string &text, char *to) {
  const size_t size = std::min(text.size(), Progress::kMostText - 1);
  memcpy(to, text.data(), size);
  to[size] = '\0';
}

}  // namespace

Bytes bytes_of(uint64_t seed, const std::vector<Bytes> &corpus, uint64_t index) {
  test::Random random(seed * 0x9e3779b97f4a7c15 + index);
  Bytes bytes;
  if (!corpus.empty() && index % 4 == 3) {
    bytes = corpus[random.integer(0, static_cast<int64_t>(corpus.size()) - 1)];
    for (int64_t i = random.integer(1, 4); i > 0 && !bytes.empty(); --i)
      bytes[random.integer(0, static_cast<int64_t>(bytes.size()) - 1)] = static_cast<uint8_t>(random.bits());
    return bytes;
  }
  bytes.resize(random.integer(8, 400));
  for (uint8_t &byte : bytes) byte = static_cast<uint8_t>(random.bits());
  return bytes;
}

Worker::Worker(const Target &target)
    : target_(target),
      shared_(static_cast<Progress *>(
          mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
  if (shared_ == MAP_FAILED) std::abort();
}

Worker::~Worker() {
  stop();
  munmap(shared_, sizeof(Progress));
}

void Worker::run_one(const Bytes &bytes) {
  shared_->size = std::min(bytes.size(), Progress::kMostBytes);
  memcpy(shared_->bytes, bytes.data(), shared_->size);
  shared_->about[0] = '\0';
  alarm(kMostSeconds);
  const std::string fault =
      target_.run(bytes.data(), bytes.size(), [](const std::string &text) { copy_text(text, told->about); });
  alarm(0);
  if (fault.empty()) return;
  copy_text(fault, shared_->fault);
  _exit(1);
}

// 0 in the worker.
pid_t Worker::fork_worker() {
  shared_->fault[0] = '\0';
  std::fflush(nullptr);
  pid_ = fork();
  if (pid_ < 0) std::abort();
  if (pid_ == 0) {
    signal(SIGINT, SIG_IGN);  // the parent's to answer
    told = shared_;
  }
  return pid_;
}

void Worker::start(uint64_t seed, const std::vector<Bytes> &corpus, uint64_t from, uint64_t to) {
  shared_->index = from;
  if (fork_worker() != 0) return;
  for (; shared_->index < to; ++shared_->index) run_one(bytes_of(seed, corpus, shared_->index));
  _exit(0);
}

void Worker::start(const Bytes &bytes) {
  if (fork_worker() != 0) return;
  run_one(bytes);
  _exit(0);
}

bool Worker::runs(int milliseconds) {
  for (int waited = 0;; ++waited) {
    if (pid_ == 0) return false;
    if (waitpid(pid_, &status_, WNOHANG) == pid_) {
      pid_ = 0;
      return false;
    }
    if (waited >= milliseconds) return true;
    usleep(1000);
  }
}

void Worker::stop() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, &status_, 0);
  pid_ = 0;
}

Outcome Worker::outcome() const {
  if (WIFSIGNALED(status_)) return Outcome::ended;
  return WEXITSTATUS(status_) == 0 ? Outcome::done : Outcome::fault;
}

std::string Worker::fault() const {
  if (outcome() == Outcome::fault && shared_->fault[0]) return shared_->fault;
  const std::string about = shared_->about[0] ? shared_->about : "(before it was said what is done)";
  if (outcome() == Outcome::fault) return about + ": the process ended itself";
  return about + ": the process was ended by signal " + std::to_string(WTERMSIG(status_)) + ", " +
         (WTERMSIG(status_) == SIGALRM ? "after a minute" : strsignal(WTERMSIG(status_)));
}

}  // namespace kiln::fuzz
