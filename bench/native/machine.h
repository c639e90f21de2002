// What this machine is and what it can do at most, found out by itself.
#pragma once

#include "case.h"
#include "measure.h"

namespace kiln::bench {

// {"architecture", "cpu", "cpus", "caches": {"L1", "L2", "L3"}, "isas", "kiln", "compiler", "google_benchmark"}
Json describe_machine();

// {"bandwidth": [{"bytes", "read_write_per_second"}], "flops_per_second"}: the best of the copies of two tensors of
// each size, streaming stores among them, and fused multiply-adds on vectors of the compiler's choice, two operations
// each. All threads of the request do it at once, each its own part of the tensors, again and again.
Json measure_roof(const Json &request);

}  // namespace kiln::bench
