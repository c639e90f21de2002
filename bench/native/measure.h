// Rounds: each contestant is timed once a round, in an order of its own, so that a slow spell of the machine meets all.
#pragma once

#include "contestants.h"

namespace kiln::bench {

struct Rounds {
  explicit Rounds(const Json &request);
  int count;       // of rounds
  double seconds;  // that a contestant is called for in a round
  double pause;    // seconds before: OpenMP's and ONNX Runtime's threads spin for some milliseconds after a call
};

// Fills the samples, by Google Benchmark. A contestant whose call fails has none.
void measure(std::vector<Contestant> &contestants, const Rounds &rounds);

}  // namespace kiln::bench
