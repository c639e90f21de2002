// A progress bar with the time left, on standard error where that is a terminal.
#ifndef KILN_TOOLS_PROGRESS_H
#define KILN_TOOLS_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <string>

namespace kiln::tool {

class Progress {
 public:
  // `done` of `total` steps were carried out in an earlier sitting.
  Progress(int64_t total, int64_t done);
  ~Progress();
  // One step more; `label` says what is at work.
  void step(const std::string &label);

 private:
  void draw(const std::string &label) const;

  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
  const int64_t total_, before_;
  int64_t done_;
  const bool visible_;
};

}  // namespace kiln::tool
#endif
