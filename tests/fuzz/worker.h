// Cases in a process of their own: one that crashes or hangs leaves what it was about to do.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/targets.h"

namespace kiln::fuzz {

using Bytes = std::vector<uint8_t>;

// Written by the worker, read by its parent, whatever becomes of the worker.
struct Progress {
  static constexpr size_t kMostBytes = 4096, kMostText = 8192;
  uint64_t index;  // of the case that is run, or that comes next
  uint64_t size;
  uint8_t bytes[kMostBytes];
  char about[kMostText], fault[kMostText];
};

enum class Outcome { done, fault, ended };  // ended: by a signal, which is a fault of the library too

class Worker {
 public:
  explicit Worker(const Target &target);
  ~Worker();
  Worker(const Worker &) = delete;
  Worker &operator=(const Worker &) = delete;

  // Runs cases `from` ... `to` - 1, made of these bytes, or by `seed`, in part from the corpus.
  void start(uint64_t seed, const std::vector<Bytes> &corpus, uint64_t from, uint64_t to);
  void start(const Bytes &bytes);
  // Whether it still runs; `milliseconds` are waited for it.
  bool runs(int milliseconds);
  // Once it runs no longer.
  Outcome outcome() const;
  void stop();
  const Progress &progress() const { return *shared_; }
  // What was wrong, in words.
  std::string fault() const;

 private:
  void run_one(const Bytes &bytes);
  pid_t fork_worker();

  const Target &target_;
  Progress *shared_;
  pid_t pid_ = 0;
  int status_ = 0;
};

// The bytes of case number `index`.
Bytes bytes_of(uint64_t seed, const std::vector<Bytes> &corpus, uint64_t index);

}  // namespace kiln::fuzz
