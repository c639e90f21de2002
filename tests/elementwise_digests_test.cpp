// Digests of the elementwise operators' results at every small length, the same on every instruction set, with gaps and
// in place, as the repository has them in tests/digests/elementwise.json. With KILN_TESTS_WRITE_DIGESTS set, the baseline
// kernels write that file; elementwise_values and `kiln verify` are what hold values to the oracle.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/digests.h"

namespace kiln::test {
namespace {

const char kFile[] = KILN_TESTS_DIR "/digests/elementwise.json";

class ElementwiseDigests : public IsaTest {
 protected:
  nlohmann::ordered_json digests(bool gaps, bool in_place) {
    nlohmann::ordered_json all;
    for (const ElementwiseOperator &op : elementwise_operators())
      for (kiln_accuracy accuracy : op.accuracies) {
        Context context;
        context.isa(isa().name).accuracy(accuracy);
        all[op.name][name_of(accuracy)] = hex(digest_of(context, op, gaps, in_place));
      }
    return all;
  }
  nlohmann::ordered_json repositorys() {
    std::ifstream file(kFile);
    EXPECT_TRUE(file) << kFile << " is missing";
    return nlohmann::ordered_json::parse(file);
  }
};
KILN_EACH_ISA(ElementwiseDigests);

TEST_P(ElementwiseDigests, AreTheRepositorys) {
  const nlohmann::ordered_json found = digests(false, false);
  if (std::getenv("KILN_TESTS_WRITE_DIGESTS") && isa().name == baseline().name)
    std::ofstream(kFile) << found.dump(2) << "\n";
  EXPECT_EQ(repositorys(), found) << isa().name;
}

TEST_P(ElementwiseDigests, AreTheSameWithGaps) { EXPECT_EQ(repositorys(), digests(true, false)) << isa().name; }

TEST_P(ElementwiseDigests, AreTheSameInPlace) {
  EXPECT_EQ(repositorys(), digests(false, true)) << isa().name;
  EXPECT_EQ(repositorys(), digests(true, true)) << isa().name << ", with gaps";
}

}  // namespace
}  // namespace kiln::test
