// How far a long run is, on standard error: a bar with the time left on a terminal, elsewhere a line now and then.
#ifndef KILN_TOOLS_PROGRESS_H
#define KILN_TOOLS_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <string>

namespace kiln::tool {

class Progress {
 public:
  // `done` of `total` steps were carried out in an earlier run.
  Progress(int64_t total, int64_t done);
  ~Progress();
  // One step more; `label` says what is at work.
  void step(const std::string &label);

 private:
  void draw(const std::string &label, double gone) const;
  void write_line(const std::string &label, double gone);
  std::string state(double gone) const;

  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
  const int64_t total_, before_;
  int64_t done_;
  const bool on_terminal_;
  double next_line_;  // seconds from the start
};

}  // namespace kiln::tool
#endif
