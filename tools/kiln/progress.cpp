#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "text.h"

namespace kiln::tool {
namespace {
// Seconds. Short runs show nothing.
constexpr double kFirstBar = 0.5, kBetweenBars = 0.1;
constexpr double kFirstLine = 2, kMostBetweenLines = 60;  // the time between lines doubles
}  // namespace

Progress::Progress(int64_t total, int64_t done)
    : before_(done),
      total_(total),
      done_(done),
      on_terminal_(isatty(STDERR_FILENO)),
      next_(on_terminal_ ? kFirstBar : kFirstLine) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

int Progress::percent() const { return total_ > 0 ? static_cast<int>(100.0 * done_ / total_) : 0; }

void Progress::step(int64_t more, const std::string &label) {
  done_ = std::min(done_ + more, total_);
  const double gone = std::chrono::duration<double>(Clock::now() - start_).count();
  if (gone < next_ || done_ == before_) return;
  if (on_terminal_)
    draw(one_line(label), gone);
  else if (done_ < total_)
    write_line(one_line(label), gone);
}

std::string Progress::state(double gone) const {
  const auto here = static_cast<double>(done_ - before_), rest = static_cast<double>(total_ - done_);
  const int left = static_cast<int>(gone / here * rest + 0.5);
  char text[64];
  std::snprintf(text, sizeof text, "%3d %%  %d:%02d left", percent(), left / 60, left % 60);
  return text;
}

void Progress::draw(const std::string &label, double gone) {
  constexpr int kWidth = 30, kLabel = 30;
  std::string bar(kWidth * percent() / 100, '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "\r\033[K[%s] %s  %s", bar.c_str(), state(gone).c_str(), shortened(label, kLabel).c_str());
  std::fflush(stderr);
  drawn_ = true;
  next_ = gone + kBetweenBars;
}

void Progress::write_line(const std::string &label, double gone) {
  std::fprintf(stderr, "%s  %s\n", state(gone).c_str(), label.c_str());
  std::fflush(stderr);
  next_ = gone + std::min(gone, kMostBetweenLines);
}

}  // namespace kiln::tool
