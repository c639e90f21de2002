// Memory of the host that drivers have pinned is the CPU's to compute, alone and beside ordinary memory.
#include "support/compare.h"
#include "support/spoilable_call.h"

namespace kiln::test {
namespace {

class MemoryTypes : public ::testing::TestWithParam<std::string> {
 protected:
  const std::string &op() const { return GetParam(); }
  // The results with the named tensors of that type; none: all of them.
  static std::vector<std::vector<uint32_t>> results_with(const std::string &op, DLDeviceType type,
                                                         const std::string &name) {
    SpoilableCall call(op);
    for (const std::string &each : call.names())
      if (name.empty() || each == name) call.tensor(each).device.device_type = type;
    EXPECT_TRUE(succeeded(call.run())) << op << ", " << name;
    return call.snapshot();
  }
};
INSTANTIATE_TEST_SUITE_P(Each, MemoryTypes, ::testing::ValuesIn(all_operators()),
                         [](const auto &info) { return info.param; });

TEST_P(MemoryTypes, PinnedIsComputed) {
  const auto expected = results_with(op(), kDLCPU, "");
  for (DLDeviceType pinned : {kDLCUDAHost, kDLROCMHost}) {
    EXPECT_EQ(expected, results_with(op(), pinned, "")) << pinned;
    for (const std::string &name : SpoilableCall(op()).names())
      EXPECT_EQ(expected, results_with(op(), pinned, name)) << pinned << ", " << name;
  }
}

}  // namespace
}  // namespace kiln::test
