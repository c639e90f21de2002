// 32 threads of a block that run in lockstep, each with its own place in the program.
#pragma once

#include <stdexcept>
#include <vector>

#include "cuda_driver.h"
#include "program.h"
#include "shared_races.h"

namespace kilnsim {

class DeviceMemory;

// A kernel that cannot go on; the context keeps the code for every later call.
struct Fault : std::runtime_error {
  CUresult code;
  Fault(CUresult c, const std::string &text) : std::runtime_error(text), code(c) {}
};

// What the threads of one block have in common.
struct Block {
  const Kernel &kernel;
  DeviceMemory &memory;
  const uint8_t *parameters;
  std::vector<uint8_t> shared;
  SharedRaces races;
  uint64_t instruction_limit;  // of each warp
};

class Warp {
 public:
  Warp(const Kernel &kernel, Block &block, unsigned index);

  // Puts all threads at the kernel's start. `present`: lanes that have a thread.
  void start(const unsigned (&grid_index)[3], const unsigned (&grid)[3], const unsigned (&threads)[3],
             uint32_t present);

  // Runs every thread to a barrier or to its end.
  void run();

  uint64_t *slot(uint32_t s) { return slots_.data() + s * kWarpSize; }
  uint8_t *local(int lane) { return local_.data() + lane * kernel_.local_bytes; }

  // After run: the number of the barrier that threads wait at, -1 if all have ended.
  int barrier() const { return barrier_; }
  // Some wait, others have ended.
  bool parted() const { return waiting_ && waiting_ != present_; }
  void release() { waiting_ = 0; }
  unsigned index() const { return index_; }
  uint32_t running() const { return running_; }
  uint64_t thread_instructions() const { return thread_instructions_; }
  uint32_t barrier_line() const { return kernel_.operations[barrier_place_].line; }

  Block &block;

 private:
  void arrive(const Operation &op, uint32_t lanes);
  uint32_t guarded(const Operation &op, uint32_t lanes);

  const Kernel &kernel_;
  const unsigned index_;
  std::vector<uint64_t> slots_;
  std::vector<uint8_t> local_;
  uint32_t place_[kWarpSize];
  uint32_t present_ = 0;  // lanes that have a thread
  uint32_t running_ = 0;  // lanes that have not ended
  uint32_t waiting_ = 0;  // lanes at a barrier
  int barrier_ = -1;
  uint32_t barrier_place_ = 0;
  uint64_t executed_ = 0;  // in this block
  uint64_t thread_instructions_ = 0;
};

}  // namespace kilnsim
