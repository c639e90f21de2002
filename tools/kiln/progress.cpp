#include "progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "text.h"

namespace kiln::tool {
namespace {
// Seconds. Short runs show nothing.
constexpr double kFirstBar = 0.5, kBetweenBars = 0.1;
constexpr double kFirstLine = 2, kMostBetweenLines = 60;  // the time between lines doubles

std::string minutes(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  char text[32];
  std::snprintf(text, sizeof text, "%d:%02d", static_cast<int>(whole / 60), static_cast<int>(whole % 60));
  return text;
}

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
  if (gone() >= next_ && done_ > before_ && (on_terminal_ || done_ < total_)) show(time_left(), label);
}

void Progress::wait(const std::string &label, Clock::time_point since) {
  if (gone() >= next_) show(minutes(std::chrono::duration<double>(Clock::now() - since).count()) + " so far", label);
}

double Progress::gone() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

std::string Progress::time_left() const {
  const auto here = static_cast<double>(done_ - before_), rest = static_cast<double>(total_ - done_);
  return minutes(gone() / here * rest) + " left";
}

void Progress::show(const std::string &state, const std::string &label) {
  constexpr int kWidth = 30, kLabel = 30;
  if (on_terminal_) {
    std::string bar(kWidth * percent() / 100, '#');
    bar.resize(kWidth, '.');
    std::fprintf(stderr, "\r\033[K[%s] %3d %%  %s  %s", bar.c_str(), percent(), state.c_str(),
                 shortened(one_line(label), kLabel).c_str());
    drawn_ = true;
    next_ = gone() + kBetweenBars;
  } else {
    std::fprintf(stderr, "%3d %%  %s  %s\n", percent(), state.c_str(), one_line(label).c_str());
    next_ = gone() + std::min(gone(), kMostBetweenLines);
  }
  std::fflush(stderr);
}

Waiting::Waiting(Progress &progress, std::string label)
    : thread_([this, &progress, label = std::move(label), since = Progress::Clock::now()] {
        std::unique_lock<std::mutex> lock(mutex_);
        while (!changed_.wait_for(lock, std::chrono::milliseconds(200), [this] { return over_; }))
          progress.wait(label, since);
      }) {}

Waiting::~Waiting() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

}  // namespace kiln::tool
