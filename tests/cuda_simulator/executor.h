// Runs a grid of blocks, one after the other.
#pragma once

#include <vector>

#include "device_memory.h"
#include "program.h"

namespace kilnsim {

struct Launch {
  const Kernel *kernel;
  unsigned grid[3], block[3];
  unsigned dynamic_shared_bytes;
  std::vector<uint8_t> parameters;
};

struct Execution {
  bool descending = false;
  uint64_t instruction_limit = uint64_t(1) << 32;
  uint64_t instructions = 0;  // of all threads, added to
};

// Throws Fault.
void execute(const Launch &, DeviceMemory &, Execution &);

}  // namespace kilnsim
