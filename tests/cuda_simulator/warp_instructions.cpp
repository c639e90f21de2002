// Instructions that see the other threads of a warp. All threads that their mask names have to arrive together, as they
// do unless the program parted them.
#include "instruction.h"

namespace kilnsim {
namespace {

[[noreturn]] void fail(Warp &warp, const Operation &op, const char *what) {
  throw Fault(CUDA_ERROR_LAUNCH_FAILED,
              "kernel " + warp.block.kernel.name + ", line " + std::to_string(op.line) + ": " + *op.name + ": " + what);
}

void check_members(Warp &warp, const Operation &op, uint32_t lanes, uint32_t mask_slot) {
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    const uint32_t members = uint32_t(warp.slot(mask_slot)[__builtin_ctz(rest)]) & warp.running();
    if (members != lanes) fail(warp, op, "the threads of the mask do not arrive together");
  }
}

enum class Shuffle { up, down, butterfly, index };

// The lane to read from, and whether it is within bounds: PTX's words in "shfl.sync".
template <Shuffle s>
std::pair<bool, int> source(int lane, uint32_t b, uint32_t c) {
  const int step = b & 31, clamp = c & 31, segment = c >> 8 & 31;
  const int most = (lane & segment) | (clamp & ~segment), least = lane & segment;
  int j = lane;
  bool inside = false;
  switch (s) {
    case Shuffle::up:
      j = lane - step, inside = j >= most;
      break;
    case Shuffle::down:
      j = lane + step, inside = j <= most;
      break;
    case Shuffle::butterfly:
      j = lane ^ step, inside = j <= most;
      break;
    case Shuffle::index:
      j = least | (step & ~segment), inside = j <= most;
      break;
  }
  return {inside, inside ? j : lane};
}

template <Shuffle s>
void shuffle(Warp &warp, const Operation &op, uint32_t lanes) {
  check_members(warp, op, lanes, op.from[3]);
  uint64_t result[kWarpSize], within[kWarpSize];
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    const auto [inside, from] = source<s>(l, uint32_t(warp.slot(op.from[1])[l]), uint32_t(warp.slot(op.from[2])[l]));
    if (!(lanes >> from & 1)) fail(warp, op, "reads from a thread that does not take part");
    result[l] = warp.slot(op.from[0])[from];
    within[l] = inside;
  }
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    warp.slot(op.to[0])[l] = result[l];
    if (op.to[1] != kNoSlot) warp.slot(op.to[1])[l] = within[l];
  }
}

enum class Vote { all, any, uniform, ballot };

template <Vote v>
void vote(Warp &warp, const Operation &op, uint32_t lanes) {
  check_members(warp, op, lanes, op.from[1]);
  uint32_t on = 0;
  for (uint32_t rest = lanes; rest; rest &= rest - 1) {
    const int l = __builtin_ctz(rest);
    on |= uint32_t(warp.slot(op.from[0])[l] != 0) << l;
  }
  const uint32_t result = v == Vote::all       ? on == lanes
                          : v == Vote::any     ? on != 0
                          : v == Vote::uniform ? on == 0 || on == lanes
                                               : on;
  for (uint32_t rest = lanes; rest; rest &= rest - 1) warp.slot(op.to[0])[__builtin_ctz(rest)] = result;
}

void synchronize(Warp &warp, const Operation &op, uint32_t lanes) { check_members(warp, op, lanes, op.from[0]); }

void active(Warp &warp, const Operation &op, uint32_t lanes) {
  for (uint32_t rest = lanes; rest; rest &= rest - 1) warp.slot(op.to[0])[__builtin_ctz(rest)] = lanes;
}

// Threads see each other's stores at once.
void fence(Warp &, const Operation &, uint32_t) {}

void trap(Warp &warp, const Operation &op, uint32_t) { fail(warp, op, "executed"); }

}  // namespace

void add_warp_instructions(InstructionTable &t) {
  t["shfl.sync.up.b32"] = {shuffle<Shuffle::up>, 32, {32, 32, 32, 32}};
  t["shfl.sync.down.b32"] = {shuffle<Shuffle::down>, 32, {32, 32, 32, 32}};
  t["shfl.sync.bfly.b32"] = {shuffle<Shuffle::butterfly>, 32, {32, 32, 32, 32}};
  t["shfl.sync.idx.b32"] = {shuffle<Shuffle::index>, 32, {32, 32, 32, 32}};
  t["vote.sync.all.pred"] = {vote<Vote::all>, 1, {1, 32}};
  t["vote.sync.any.pred"] = {vote<Vote::any>, 1, {1, 32}};
  t["vote.sync.uni.pred"] = {vote<Vote::uniform>, 1, {1, 32}};
  t["vote.sync.ballot.b32"] = {vote<Vote::ballot>, 32, {1, 32}};
  t["activemask.b32"] = {active, 32, {}};
  t["bar.warp.sync"] = {synchronize, 0, {32}};
  t["trap"] = {trap, 0, {}};
  for (const char *name : {"membar.cta", "membar.gl", "membar.sys", "fence.acq_rel.cta", "fence.acq_rel.gpu",
                           "fence.acq_rel.sys", "fence.sc.cta", "fence.sc.gpu", "fence.sc.sys"}) {
    t[name] = {fence, 0, {}};
  }
}

}  // namespace kilnsim
