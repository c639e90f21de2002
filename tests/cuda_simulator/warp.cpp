#include "warp.h"

#include <algorithm>

namespace kilnsim {
namespace {
// What a register, local and shared memory hold before anything is written: NaN in both floating-point formats.
constexpr uint8_t kUnwritten = 0xff;
}  // namespace

Warp::Warp(const Kernel &kernel, Block &b, unsigned index)
    : block(b),
      kernel_(kernel),
      index_(index),
      slots_(size_t(kernel.slots) * kWarpSize, 0xffffffff),
      local_(size_t(kernel.local_bytes) * kWarpSize) {
  for (const auto &[s, value] : kernel.constants) {
    for (int l = 0; l < kWarpSize; ++l) slot(s)[l] = value;
  }
}

void Warp::start(const unsigned (&grid_index)[3], const unsigned (&grid)[3], const unsigned (&threads)[3],
                 uint32_t present) {
  for (int l = 0; l < kWarpSize; ++l) {
    const unsigned linear = index_ * kWarpSize + l;
    slot(tid_x)[l] = linear % threads[0];
    slot(tid_y)[l] = linear / threads[0] % threads[1];
    slot(tid_z)[l] = linear / threads[0] / threads[1];
    slot(laneid)[l] = l;
    slot(warpid)[l] = index_;
    for (int d = 0; d < 3; ++d) {
      slot(ntid_x + d)[l] = threads[d];
      slot(ctaid_x + d)[l] = grid_index[d];
      slot(nctaid_x + d)[l] = grid[d];
    }
    place_[l] = 0;
  }
  std::fill(local_.begin(), local_.end(), kUnwritten);
  present_ = running_ = present;
  waiting_ = 0;
  barrier_ = -1;
  executed_ = 0;
}

uint32_t Warp::guarded(const Operation &op, uint32_t lanes) {
  if (op.guard == kNoSlot) return lanes;
  const uint64_t *p = slot(op.guard);
  uint32_t on = 0;
  for (int l = 0; l < kWarpSize; ++l) on |= uint32_t(p[l] != 0) << l;
  return lanes & (op.guard_negated ? ~on : on);
}

// Threads at the least place go first, up to the place where the next ones wait: after an if or a loop, whose parts the
// compiler lays out before what follows them, all run together again.
void Warp::run() {
  const Operation *const code = kernel_.operations.data();
  while (uint32_t ready = running_ & ~waiting_) {
    uint32_t place = ~0u, limit = ~0u, lanes = 0;
    for (uint32_t rest = ready; rest; rest &= rest - 1) place = std::min(place, place_[__builtin_ctz(rest)]);
    for (uint32_t rest = ready; rest; rest &= rest - 1) {
      const int l = __builtin_ctz(rest);
      if (place_[l] == place) {
        lanes |= 1u << l;
      } else {
        limit = std::min(limit, place_[l]);
      }
    }
    const uint64_t threads = __builtin_popcount(lanes);
    while (place < limit) {
      const Operation &op = code[place];
      if (executed_++ >= block.instruction_limit) {
        throw Fault(CUDA_ERROR_LAUNCH_TIMEOUT, "kernel " + kernel_.name + ", line " + std::to_string(op.line) +
                                                   ": the limit of instructions is reached");
      }
      thread_instructions_ += threads;
      const uint32_t on = guarded(op, lanes);
      ++place;
      if (op.flow == Flow::next) {
        if (on) op.run(*this, op, on);
        continue;
      }
      if (op.flow == Flow::branch && on == lanes) {
        place = op.target;
        continue;
      }
      if (on == 0) continue;
      for (uint32_t rest = lanes; rest; rest &= rest - 1) place_[__builtin_ctz(rest)] = place;
      lanes = 0;
      if (op.flow == Flow::branch) {
        for (uint32_t rest = on; rest; rest &= rest - 1) place_[__builtin_ctz(rest)] = op.target;
      } else if (op.flow == Flow::barrier) {
        arrive(op, on);
      } else {
        running_ &= ~on;
      }
      break;
    }
    for (uint32_t rest = lanes; rest; rest &= rest - 1) place_[__builtin_ctz(rest)] = place;
  }
  if (!running_) barrier_ = -1;
}

// bar.sync is the aligned form: all threads of a warp wait at the same instruction, none has ended.
void Warp::arrive(const Operation &op, uint32_t lanes) {
  const uint32_t place = uint32_t(&op - kernel_.operations.data());
  const uint64_t number = slot(op.from[0])[__builtin_ctz(lanes)];
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    if (slot(op.from[0])[__builtin_ctz(rest)] != number || number > 15) {
      throw Fault(CUDA_ERROR_LAUNCH_FAILED, "kernel " + kernel_.name + ", line " + std::to_string(op.line) +
                                                ": a barrier's number is one of 0 to 15, the same in all threads");
    }
  }
  if (waiting_ && barrier_place_ != place) {
    throw Fault(CUDA_ERROR_LAUNCH_FAILED, "kernel " + kernel_.name + ", line " + std::to_string(op.line) +
                                              ": threads of one warp wait at two barriers, the other in line " +
                                              std::to_string(kernel_.operations[barrier_place_].line));
  }
  waiting_ |= lanes;
  barrier_ = int(number);
  barrier_place_ = place;
}

}  // namespace kilnsim
