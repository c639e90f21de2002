#include "team.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>

namespace kiln::bench {
namespace {

using Clock = std::chrono::steady_clock;

// How long a thread looks for the next round before it sleeps: as OpenMP's do, but short enough to be out of the way of
// what is timed after it.
constexpr auto kLooking = std::chrono::microseconds(200);

}  // namespace

Team::Team(int size)
    : count(size), look(static_cast<unsigned>(size) <= std::thread::hardware_concurrency() ? kLooking : kLooking * 0) {
  for (int i = 1; i < count; ++i) {
    threads.emplace_back([this, i] { work(i); });
    pthread_setname_np(threads.back().native_handle(), kTeamName);
  }
}

Team::~Team() {
  {
    const std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
    round.fetch_add(1, std::memory_order_release);
  }
  begun.notify_all();
  for (std::thread &thread : threads) thread.join();
}

void Team::run(const std::function<void(int)> &part) {
  task = &part;
  running.store(count - 1, std::memory_order_relaxed);
  {
    const std::lock_guard<std::mutex> lock(mutex);
    round.fetch_add(1, std::memory_order_release);
  }
  begun.notify_all();
  part(0);
  while (running.load(std::memory_order_acquire) > 0)
    if (look.count() == 0) std::this_thread::yield();
}

void Team::work(int index) {
  for (uint32_t seen = 0;; ++seen) {
    await(seen);
    if (stopping) return;
    (*task)(index);
    running.fetch_sub(1, std::memory_order_release);
  }
}

// Until a round after `seen` has begun.
void Team::await(uint32_t seen) {
  for (const auto end = Clock::now() + look; Clock::now() < end;)
    if (round.load(std::memory_order_acquire) != seen) return;
  std::unique_lock<std::mutex> lock(mutex);
  begun.wait(lock, [&] { return round.load(std::memory_order_acquire) != seen; });
}

Part part_of(int64_t count, int threads, int index) {
  const int64_t piece = (count / threads + 31) / 32 * 32, first = std::min(index * piece, count);
  return {first, index + 1 < threads ? std::min(first + piece, count) : count};
}

}  // namespace kiln::bench
