// How far a long run is, on standard error: a bar with the time left on a terminal, elsewhere a line now and then.
#ifndef KILN_TOOLS_PROGRESS_H
#define KILN_TOOLS_PROGRESS_H

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace kiln::tool {

class Progress {
 public:
  // `done` of `total` were carried out in an earlier run. They are steps, bytes or the like.
  explicit Progress(int64_t total = 0, int64_t done = 0);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  // There is so much more to do than was known.
  void expect(int64_t more) { total_ += more; }
  // So much more is done; `label` says what is at work.
  void step(int64_t more, const std::string &label);
  // Shows `label` and the time since `since` of work that cannot tell how far it is.
  using Clock = std::chrono::steady_clock;
  void wait(const std::string &label, Clock::time_point since);
  int percent() const;

 private:
  void show(const std::string &state, const std::string &label);
  std::string time_left() const;
  double gone() const;

  const Clock::time_point start_ = Clock::now();
  const int64_t before_;
  int64_t total_, done_;
  const bool on_terminal_;
  bool drawn_ = false;
  double next_;  // when to draw or write next, in seconds from the start
};

// Calls wait() now and then, for as long as it lives; nothing else may use the progress meanwhile.
class Waiting {
 public:
  Waiting(Progress &progress, std::string label);
  ~Waiting();
  Waiting(const Waiting &) = delete;
  Waiting &operator=(const Waiting &) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace kiln::tool
#endif
