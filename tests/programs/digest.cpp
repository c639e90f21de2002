// Prints a digest (64-bit FNV-1a) of each operator's results over a fixed sample, for each instruction set that this
// CPU has: "<operator> <accuracy> <isa> <digest>".
#include <cinttypes>
#include <cstdio>

#include "support/inputs.h"
#include "support/layer_norm.h"
#include "support/operators.h"

namespace {

using namespace kiln::test;

void print(const std::string &op, const char *accuracy, const Isa &isa, const std::vector<float> &results) {
  uint64_t digest = 0xcbf29ce484222325;
  for (float result : results)
    for (int byte = 0; byte < 4; ++byte) digest = (digest ^ (bits_of(result) >> 8 * byte & 0xff)) * 0x100000001b3;
  std::printf("%s %s %s %016" PRIx64 "\n", op.c_str(), accuracy, isa.name.c_str(), digest);
}

}  // namespace

int main() {
  std::vector<float> inputs = every_pattern(262139);
  const std::vector<float> thresholds = threshold_values();
  inputs.insert(inputs.end(), thresholds.begin(), thresholds.end());
  const LayerNormArguments arguments{{137}, normal_values(137, 1), normal_values(137, 2), 1e-5};
  for (const Isa &isa : isas()) {
    if (!isa.runs_here) continue;
    for (const PointwiseOperator &op : pointwise_operators())
      for (kiln_accuracy accuracy : op.accuracies) {
        Context context;
        context.isa(isa.name).accuracy(accuracy);
        print(op.name, name_of(accuracy), isa, run_dense(op, context, inputs));
      }
    Context context;
    context.isa(isa.name);
    std::vector<float> values;
    for (const Rows &rows : hard_rows(137)) values.insert(values.end(), rows.values.begin(), rows.values.end());
    print("layer_norm", "exact", isa,
          run_layer_norm(context, {static_cast<int64_t>(values.size()) / 137, 137}, values, arguments));
  }
  return 0;
}
