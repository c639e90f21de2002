// Runs the tests that the filter names. Exit status: 0 where all passed, 1 where one failed or none was named, 77 where
// none failed and all were skipped, which CTest reports as skipped.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

// With --per-isa CTest runs a program's tests by the "_on_<isa>" in their names; one without would never run.
bool every_test_names_an_isa() {
  const testing::UnitTest &unit = *testing::UnitTest::GetInstance();
  for (int s = 0; s < unit.total_test_suite_count(); ++s) {
    const testing::TestSuite &suite = *unit.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const std::string name = suite.GetTestInfo(t)->name();
      if (name.find("_on_") != std::string::npos) continue;
      std::fprintf(stderr, "%s.%s names no instruction set: CTest would not run it\n", suite.name(), name.c_str());
      return false;
    }
  }
  return true;
}

}  // namespace

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::strcmp(argv[1], "--per-isa") == 0 && !every_test_names_an_isa()) return 1;
  if (RUN_ALL_TESTS() != 0) return 1;
  if (testing::GTEST_FLAG(list_tests)) return 0;
  const testing::UnitTest &unit = *testing::UnitTest::GetInstance();
  if (unit.test_to_run_count() == 0) {
    std::fprintf(stderr, "no test was named\n");
    return 1;
  }
  return unit.skipped_test_count() == unit.test_to_run_count() ? 77 : 0;
}
