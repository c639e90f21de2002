#include "progress.h"

#include <unistd.h>

#include <cstdio>

namespace kiln::tool {

Progress::Progress(int64_t total, int64_t done)
    : total_(total), before_(done), done_(done), visible_(isatty(STDERR_FILENO) && total > 1) {}

Progress::~Progress() {
  if (visible_) std::fputs("\r\033[K", stderr);
}

void Progress::step(const std::string &label) {
  ++done_;
  if (visible_) draw(label);
}

void Progress::draw(const std::string &label) const {
  constexpr int kWidth = 30;
  const double gone = std::chrono::duration<double>(Clock::now() - start_).count();
  const int64_t here = done_ - before_;
  const int left = static_cast<int>(gone / static_cast<double>(here) * static_cast<double>(total_ - done_) + 0.5);
  const int full = static_cast<int>(kWidth * done_ / total_);
  std::string bar(full, '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "\r\033[K[%s] %3d %%  %d:%02d left  %s", bar.c_str(), static_cast<int>(100 * done_ / total_),
               left / 60, left % 60, label.c_str());
  std::fflush(stderr);
}

}  // namespace kiln::tool
