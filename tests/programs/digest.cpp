// Prints a digest (64-bit FNV-1a) of each operator's results over a fixed sample, for each instruction set that this
// CPU has: "<operator> <accuracy> <isa> <digest>".
#include <cstdio>

#include "support/digests.h"
#include "support/inputs.h"
#include "support/operators.h"

namespace {

using namespace kiln::test;

void print(const std::string &op, const char *accuracy, const Isa &isa, uint64_t digest) {
  std::printf("%s %s %s %s\n", op.c_str(), accuracy, isa.name.c_str(), hex(digest).c_str());
}

}  // namespace

int main() {
  std::vector<float> inputs = every_pattern(262139);
  const std::vector<float> thresholds = threshold_values();
  inputs.insert(inputs.end(), thresholds.begin(), thresholds.end());
  for (const Isa &isa : isas()) {
    if (!isa.runs_here) continue;
    for (const ElementwiseOperator &op : elementwise_operators())
      for (kiln_accuracy accuracy : op.accuracies) {
        Context context;
        context.isa(isa.name).accuracy(accuracy);
        Digest digest;
        digest.add(run_dense(op, context, inputs));
        print(op.name, name_of(accuracy), isa, digest.value());
      }
    Context context;
    context.isa(isa.name);
    for (const std::string &op : normalizations())
      for (bool channels_last : {false, true})
        print(channels_last ? op + ".channels_last" : op, "exact", isa, digest_of(context, op, channels_last));
  }
  return 0;
}
