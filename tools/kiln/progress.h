// How far a long run is, on standard error: a bar with the time left on a terminal, elsewhere a line now and then.
#ifndef KILN_TOOLS_PROGRESS_H
#define KILN_TOOLS_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <string>

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
  int percent() const;

 private:
  void draw(const std::string &label, double gone);
  void write_line(const std::string &label, double gone);
  std::string state(double gone) const;

  using Clock = std::chrono::steady_clock;
  const Clock::time_point start_ = Clock::now();
  const int64_t before_;
  int64_t total_, done_;
  const bool on_terminal_;
  bool drawn_ = false;
  double next_;  // when to draw or write next, in seconds from the start
};

}  // namespace kiln::tool
#endif
