// Threads that are there before anything is timed.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kiln::bench {

// The caller and size - 1 threads of its own, whose name is kTeamName.
class Team {
 public:
  explicit Team(int size);
  ~Team();
  Team(const Team &) = delete;
  Team &operator=(const Team &) = delete;

  int size() const { return count; }
  // part(i) for i of 0 to size() - 1, each on a thread of its own, the caller's has 0; returns when all are done.
  void run(const std::function<void(int)> &part);

 private:
  void work(int index);
  void await(uint32_t seen);

  const int count;
  const std::chrono::microseconds look;  // for the next round before a thread sleeps; none where threads share CPUs
  const std::function<void(int)> *task = nullptr;
  std::atomic<uint32_t> round{0};
  std::atomic<int> running{0};
  bool stopping = false;
  std::mutex mutex;
  std::condition_variable begun;
  std::vector<std::thread> threads;
};

constexpr char kTeamName[] = "bench_team";

struct Part {
  int64_t first, end;
};

// The part of thread `index` of that many words of 16 bits: whole cache lines, but for the last one's end.
Part part_of(int64_t count, int threads, int index);

}  // namespace kiln::bench
