// Digests of the normalizations' results, the same on every instruction set and in both layouts, as the repository has
// them in tests/digests/normalizations.json. With KILN_TESTS_WRITE_DIGESTS set, the baseline kernels write that file, once their
// results are the oracle's.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/near.h"
#include "support/rows.h"
#include "support/digests.h"
#include "support/operators.h"

namespace kiln::test {
namespace {

const char kFile[] = KILN_TESTS_DIR "/digests/normalizations.json";

class NormalizationDigests : public IsaTest {
 protected:
  void SetUp() override {
    IsaTest::SetUp();
    if (isa().runs_here) context_.isa(isa().name);
  }
  nlohmann::ordered_json digests() {
    nlohmann::ordered_json all;
    for (const std::string &op : normalizations())
      all[op] = {{"contiguous", hex(digest_of(context_, op, false))},
                 {"channels_last", hex(digest_of(context_, op, true))}};
    return all;
  }

  Context context_;
};
KILN_EACH_ISA(NormalizationDigests);

TEST_P(NormalizationDigests, OfRightResults) {
  for (const Sample &sample : digest_samples()) {
    const Operation &n = sample.operation;
    ASSERT_TRUE(near_oracle(n, oracle_of(n, sample.shape, sample.inputs),
                            run_dense(context_, n, sample.shape, sample.inputs), 1e-6))
        << show(n) << " on " << isa().name << ", shape " << show(sample.shape);
  }
  const bool write = std::getenv("KILN_TESTS_WRITE_DIGESTS") != nullptr;
  if (write && !HasFailure() && isa().name == baseline().name) std::ofstream(kFile) << digests().dump(2) << "\n";
}

TEST_P(NormalizationDigests, AreTheRepositorys) {
  std::ifstream file(kFile);
  ASSERT_TRUE(file) << kFile << " is missing";
  EXPECT_EQ(nlohmann::ordered_json::parse(file), digests()) << isa().name;
}

TEST_P(NormalizationDigests, AreTheSameInBothLayouts) {
  const nlohmann::ordered_json found = digests();  // outlives the iteration over its parts
  for (const auto &[op, digest] : found.items())
    EXPECT_EQ(digest.at("contiguous"), digest.at("channels_last")) << op << " on " << isa().name;
}

TEST_P(NormalizationDigests, AreTheSameInPlace) {
  const nlohmann::ordered_json found = digests();
  for (const std::string &op : normalizations())
    for (bool channels_last : {false, true})
      EXPECT_EQ(found[op]["contiguous"], hex(digest_of(context_, op, channels_last, true))) << op << " on " << isa().name;
}

}  // namespace
}  // namespace kiln::test
