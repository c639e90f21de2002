#include "executor.h"

#include <algorithm>
#include <cfenv>

#include "warp.h"

namespace kilnsim {
namespace {

// Rounding to nearest, subnormals kept: whatever the caller's thread has set.
struct DefaultFloats {
  fenv_t before;
  DefaultFloats() {
    fegetenv(&before);
    fesetenv(FE_DFL_ENV);
  }
  ~DefaultFloats() { fesetenv(&before); }
};

class BlockRunner {
 public:
  BlockRunner(const Launch &launch, DeviceMemory &memory, const Execution &execution)
      : launch_(launch),
        descending_(execution.descending),
        threads_(launch.block[0] * launch.block[1] * launch.block[2]),
        block_{*launch.kernel,
               memory,
               launch.parameters.data(),
               std::vector<uint8_t>(launch.kernel->shared_bytes + launch.dynamic_shared_bytes),
               SharedRaces(launch.kernel->shared_bytes + launch.dynamic_shared_bytes),
               execution.instruction_limit} {
    const unsigned count = (threads_ + kWarpSize - 1) / kWarpSize;
    for (unsigned w = 0; w < count; ++w) warps_.emplace_back(*launch.kernel, block_, w);
  }

  void run(const unsigned (&index)[3]) {
    std::fill(block_.shared.begin(), block_.shared.end(), uint8_t(0xff));
    for (size_t w = 0; w < warps_.size(); ++w) {
      const unsigned left = threads_ - unsigned(w) * kWarpSize;
      warps_[w].start(index, launch_.grid, launch_.block, left >= kWarpSize ? ~0u : (1u << left) - 1);
    }
    do {
      for (size_t w = 0; w < warps_.size(); ++w) warps_[descending_ ? warps_.size() - 1 - w : w].run();
    } while (pass_barrier());
  }

  uint64_t instructions() const {
    uint64_t sum = 0;
    for (const Warp &w : warps_) sum += w.thread_instructions();
    return sum;
  }

 private:
  // False: all threads have ended. A barrier passes when all threads of the block wait at it.
  bool pass_barrier() {
    const int number = warps_[0].barrier();
    for (const Warp &w : warps_) {
      if (w.barrier() != number || w.parted()) {
        const Warp &waiting = w.barrier() >= 0 ? w : warps_[0];
        throw Fault(CUDA_ERROR_LAUNCH_FAILED,
                    "kernel " + launch_.kernel->name + ", line " + std::to_string(waiting.barrier_line()) +
                        ": threads wait at this barrier, and others of the block have ended or wait at another");
      }
    }
    for (Warp &w : warps_) w.release();
    block_.races.pass_barrier();
    return number >= 0;
  }

  const Launch &launch_;
  const bool descending_;
  const unsigned threads_;
  Block block_;
  std::vector<Warp> warps_;
};

}  // namespace

void execute(const Launch &launch, DeviceMemory &memory, Execution &execution) {
  const DefaultFloats floats;
  memory.begin_launch();
  BlockRunner runner(launch, memory, execution);
  const uint64_t blocks = uint64_t(launch.grid[0]) * launch.grid[1] * launch.grid[2];
  for (uint64_t b = 0; b < blocks; ++b) {
    const uint64_t linear = execution.descending ? blocks - 1 - b : b;
    const unsigned index[3] = {unsigned(linear % launch.grid[0]), unsigned(linear / launch.grid[0] % launch.grid[1]),
                               unsigned(linear / launch.grid[0] / launch.grid[1])};
    runner.run(index);
  }
  execution.instructions += runner.instructions();
}

}  // namespace kilnsim
