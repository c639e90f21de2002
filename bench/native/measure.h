// Rounds: each implementation is timed once a round, in an order of its own, so that a slow spell of the machine meets
// all.
#pragma once

#include "implementations.h"

namespace kiln::bench {

struct Rounds {
  explicit Rounds(const Json &request);
  int count;       // of rounds
  double seconds;  // that an implementation is called for in a round
  double pause;    // seconds before: threads of peers spin for some milliseconds after a call
};

int threads_of(const Json &request);  // 1 where it says none

// Fills the samples, by Google Benchmark. An implementation whose call fails has none.
void measure(std::vector<Implementation> &implementations, const Rounds &rounds);

}  // namespace kiln::bench
