// What is timed beside what: Kiln, in each accuracy and instruction set that is asked for, and copies of the same
// tensor. Peers of other languages join through library.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "case.h"
#include "team.h"

namespace kiln::bench {

struct Implementation {
  std::string name;               // "kiln/exact/avx2", "copy/memcpy", "torch eager"
  std::function<bool()> call;     // false: it failed, and is not timed further
  std::vector<double> samples{};  // seconds of one call, one a round
};

// `isas`: instruction sets that Kiln is forced to; none: the best one. `repeat`: how often one timed call of Kiln calls
// it, 1 but where a test slows an operator down. On a `device`, unless it is NULL, a call ends when its work is done.
void add_kiln(std::vector<Implementation> &to, Case &given, int threads, const std::vector<std::string> &isas,
              int repeat, devices::Device *device);
// Each thread of the team copies its own part, `turns` times a call.
void add_copies(std::vector<Implementation> &to, Case &given, const std::shared_ptr<Team> &team, int turns);
void add_device_copy(std::vector<Implementation> &to, Case &given, devices::Device &device);
// tanh of 16 elements in the kernel that a call picks: what the call itself costs is the difference.
void add_bare_kernel(std::vector<Implementation> &to, Case &given);

std::vector<std::string> runnable_isas();  // best first

}  // namespace kiln::bench
