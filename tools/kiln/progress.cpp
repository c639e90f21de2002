#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace kiln::tool {
namespace {
constexpr double kFirstLine = 2, kMostBetweenLines = 60;  // seconds; the time between lines doubles
}  // namespace

Progress::Progress(int64_t total, int64_t done)
    : total_(total), before_(done), done_(done), on_terminal_(isatty(STDERR_FILENO)), next_line_(kFirstLine) {}

Progress::~Progress() {
  if (on_terminal_ && total_ > 1) std::fputs("\r\033[K", stderr);
}

void Progress::step(const std::string &label) {
  ++done_;
  if (total_ <= 1) return;
  const double gone = std::chrono::duration<double>(Clock::now() - start_).count();
  if (on_terminal_)
    draw(label, gone);
  else if (gone >= next_line_ && done_ < total_)
    write_line(label, gone);
}

std::string Progress::state(double gone) const {
  const auto here = static_cast<double>(done_ - before_), rest = static_cast<double>(total_ - done_);
  const int left = static_cast<int>(gone / here * rest + 0.5);
  char text[64];
  std::snprintf(text, sizeof text, "%3d %%  %d:%02d left", static_cast<int>(100 * done_ / total_), left / 60,
                left % 60);
  return text;
}

void Progress::draw(const std::string &label, double gone) const {
  constexpr int kWidth = 30;
  std::string bar(kWidth * done_ / total_, '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "\r\033[K[%s] %s  %s", bar.c_str(), state(gone).c_str(), label.c_str());
  std::fflush(stderr);
}

void Progress::write_line(const std::string &label, double gone) {
  std::fprintf(stderr, "%s  %s\n", state(gone).c_str(), label.c_str());
  std::fflush(stderr);
  next_line_ = gone + std::min(gone, kMostBetweenLines);
}

}  // namespace kiln::tool
