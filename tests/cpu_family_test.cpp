// Families of CPUs: which one a CPU is of, and that a call takes its variants of kernels. The runtime's part that
// decides is linked here by itself.
#include "cpu_family.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "cpu.h"
#include "kernel.h"
#include "support/child.h"

namespace kiln::test {
namespace {

const std::set<std::string> families = {
#define KILN_FAMILY(name) #name,
#include "families.inc"
};

struct CpuRow {
  std::string family, vendor;
  int number;
  std::string models;
};
const std::vector<CpuRow> cpus = {
#define KILN_CPU(family, architecture, microarchitecture, vendor, number, models) {#family, vendor, number, models},
#include "cpus.inc"
};

std::vector<int> models_of(const CpuRow &row) {
  static const std::regex range("([0-9a-f]{2})(?:-([0-9a-f]{2}))?");
  std::vector<int> models;
  for (auto m = std::sregex_iterator(row.models.begin(), row.models.end(), range); m != std::sregex_iterator(); ++m) {
    const int first = std::stoi((*m)[1], nullptr, 16);
    const int last = (*m)[2].matched ? std::stoi((*m)[2], nullptr, 16) : first;
    EXPECT_LE(first, last) << row.family;
    for (int model = first; model <= last; ++model) models.push_back(model);
  }
  return models;
}

std::string found(const std::string &vendor, int number, int model) {
  return cpu_family_name(cpu_family_of(vendor.c_str(), number, model));
}

TEST(Families, HaveModelsOfTheirOwn) {
  static const std::regex list("[0-9a-f]{2}(-[0-9a-f]{2})?( [0-9a-f]{2}(-[0-9a-f]{2})?)*");
  std::map<std::tuple<std::string, int, int>, std::string> family_of;
  for (const CpuRow &row : cpus) {
    EXPECT_EQ(families.count(row.family), 1u) << row.family;
    EXPECT_TRUE(std::regex_match(row.models, list)) << row.family << ": " << row.models;
    EXPECT_EQ(row.vendor.size(), 12u) << row.family;
    for (int model : models_of(row))
      EXPECT_TRUE(family_of.emplace(std::tuple{row.vendor, row.number, model}, row.family).second) << model;
  }
  EXPECT_EQ(families.count("general"), 0u);
  for (const CpuRow &row : cpus)
    for (int model = 0; model < 256; ++model) {
      const auto own = family_of.find({row.vendor, row.number, model});
      EXPECT_EQ(found(row.vendor, row.number, model), own == family_of.end() ? "general" : own->second) << model;
    }
}

#if defined(__x86_64__)
// CPUs by their makers' lists.
TEST(Families, AreThoseOfCpus) {
  const char *amd = "AuthenticAMD", *intel = "GenuineIntel";
  for (int milan_or_vermeer : {0x01, 0x21}) EXPECT_EQ(found(amd, 25, milan_or_vermeer), "zen3");
  for (int genoa_raphael_phoenix_or_bergamo : {0x11, 0x61, 0x74, 0xa0})
    EXPECT_EQ(found(amd, 25, genoa_raphael_phoenix_or_bergamo), "zen4");
  for (int turin_turin_dense_granite_ridge_or_strix_halo : {0x02, 0x11, 0x44, 0x70})
    EXPECT_EQ(found(amd, 26, turin_turin_dense_granite_ridge_or_strix_halo), "zen5");
  for (int strix_or_krackan_point : {0x24, 0x60}) EXPECT_EQ(found(amd, 26, strix_or_krackan_point), "zen5_mobile");
  EXPECT_EQ(found(intel, 6, 0x55), "skylake_x");
  for (int ice_tiger_or_rocket_lake : {0x6a, 0x8d, 0xa7})
    EXPECT_EQ(found(intel, 6, ice_tiger_or_rocket_lake), "ice_lake");
  for (int sapphire_emerald_or_granite_rapids : {0x8f, 0xcf, 0xad})
    EXPECT_EQ(found(intel, 6, sapphire_emerald_or_granite_rapids), "sapphire_rapids");
}
#endif

TEST(Families, OfOtherCpusAreGeneral) {
  for (const auto &[vendor, number, model] : {std::tuple{"AuthenticAMD", 23, 0x31},
                                              {"AuthenticAMD", 25, 0xb0},
                                              {"AuthenticAMD", 26, 0x50},
                                              {"AuthenticAMD", 6, 0x55},
                                              {"GenuineIntel", 6, 0x9e},
                                              {"GenuineIntel", 25, 0x11},
                                              {"", 0, 0}})
    EXPECT_EQ(found(vendor, number, model), "general") << vendor << ' ' << number << ' ' << model;
}

// What a child process finds with a value of KILN_CPU_FAMILY, asked twice.
std::string found_with(const char *value) {
  Told told;
  const int status = run_in_child([&] {
    value ? setenv("KILN_CPU_FAMILY", value, 1) : unsetenv("KILN_CPU_FAMILY");
    const char *first = kiln_cpu_family(), *second = kiln_cpu_family();
    told.tell(first ? first : kiln_last_error());
    return (first == nullptr) != (second == nullptr) || (first && std::string(first) != second);
  });
  EXPECT_EQ(status, 0);
  return told.text();
}

TEST(ProcessFamily, IsThisCpus) {
  std::ifstream file("/proc/cpuinfo");
  std::map<std::string, std::string> facts;  // of the first CPU
  for (std::string line; std::getline(file, line) && !line.empty();) {
    const size_t colon = line.find(": "), end = line.find_last_not_of("\t ", colon - 1);
    if (colon != std::string::npos) facts[line.substr(0, end + 1)] = line.substr(colon + 2);
  }
  std::string own = "general";
#if defined(__x86_64__)
  own = found(facts.at("vendor_id"), std::stoi(facts.at("cpu family")), std::stoi(facts.at("model")));
#endif
  for (const char *value : {static_cast<const char *>(nullptr), ""}) EXPECT_EQ(found_with(value), own);
}

TEST(ProcessFamily, IsTheEnvironments) {
  EXPECT_EQ(found_with("general"), "general");
  for (const std::string &name : families) EXPECT_EQ(found_with(name.c_str()), name);
}

// Of calls that force an instruction set as well.
TEST(ProcessFamily, BogusIsAnErrorOfEveryCall) {
  for (const char *value : {"zen", "ZEN4", "zen4 ", "general,zen4"}) {
    EXPECT_NE(found_with(value).find(std::string("\"") + value + '"'), std::string::npos);
    const Finished calls = run_program({KILN_ISA_PROGRAM, KILN_LAST_ISA}, {{"KILN_CPU_FAMILY", value}});
    const std::regex line("KILN_STATUS_INVALID_ARGUMENT [^\n]*KILN_CPU_FAMILY: expected one of general[^\n]*\"" +
                          std::string(value) + "\"\n");
    EXPECT_EQ(std::distance(std::sregex_iterator(calls.output.begin(), calls.output.end(), line), {}), 3)
        << calls.output;
    EXPECT_EQ(calls.output.find("was written"), std::string::npos);
  }
  EXPECT_EQ(run_program({KILN_ISA_PROGRAM, KILN_LAST_ISA}, {{"KILN_CPU_FAMILY", "general"}}).output.find("INVALID"),
            std::string::npos);
}

// Kernels as a list has them, each called by its grain: two shape classes and one for all, with variants of two
// families, and with kernels that stream.
struct Variants : ::testing::Test {
  static constexpr CpuFamily general = CpuFamily::general, one = CpuFamily{101}, two = CpuFamily{102},
                             other = CpuFamily{103};

  static Kernel kernel(CpuFamily family, int64_t up_to, int64_t grain, kiln_accuracy accuracy = KILN_ACCURACY_EXACT,
                       bool streamed = false) {
    return {"tanh",   Direction::forward, Element::float32, Form::dense, "dense",
            accuracy, Target{},           family,           nullptr,     grain,
            up_to,    streamed,           nullptr};
  }
  static int64_t chosen(CpuFamily family, int64_t extent, kiln_accuracy accuracy = KILN_ACCURACY_EXACT,
                        bool streamed = false) {
    static const std::array list = {kernel(one, 8, 9, KILN_ACCURACY_EXACT, true),
                                    kernel(general, 8, 10, KILN_ACCURACY_EXACT, true),
                                    kernel(one, 8, 1),
                                    kernel(two, 8, 2),
                                    kernel(general, 8, 3),
                                    kernel(one, 64, 11, KILN_ACCURACY_EXACT, true),
                                    kernel(general, 64, 4),
                                    kernel(two, INT64_MAX, 5),
                                    kernel(general, INT64_MAX, 6),
                                    kernel(one, INT64_MAX, 7, KILN_ACCURACY_FAST),
                                    kernel(general, INT64_MAX, 8, KILN_ACCURACY_FAST)};
    const Kernel *k = find_kernel({list.data(), list.data() + list.size()},
                                  {Form::dense, accuracy, Target{}, family, extent, streamed});
    return k ? k->grain : 0;
  }
};

TEST_F(Variants, AreOfTheirFamilyAlone) {
  const auto choices = [](CpuFamily family) {
    return std::array{chosen(family, 8), chosen(family, 9), chosen(family, 65)};
  };
  EXPECT_EQ(choices(one), (std::array<int64_t, 3>{1, 4, 6}));
  EXPECT_EQ(choices(two), (std::array<int64_t, 3>{2, 4, 5}));
  EXPECT_EQ(choices(other), (std::array<int64_t, 3>{3, 4, 6}));
  EXPECT_EQ(choices(general), (std::array<int64_t, 3>{3, 4, 6}));
}

// A call that streams takes a kernel that does, of its family where there is one, before one of its family that does
// not.
TEST_F(Variants, StreamWhereThereIsSuchAKernel) {
  const auto choices = [](CpuFamily family) {
    const auto streaming = [&](int64_t extent) { return chosen(family, extent, KILN_ACCURACY_EXACT, true); };
    return std::array{streaming(8), streaming(9), streaming(65)};
  };
  EXPECT_EQ(choices(one), (std::array<int64_t, 3>{9, 11, 6}));
  EXPECT_EQ(choices(two), (std::array<int64_t, 3>{10, 4, 5}));
  EXPECT_EQ(choices(general), (std::array<int64_t, 3>{10, 4, 6}));
}

// An Emerald Rapids' 300 MiB as a virtual machine of two CPUs sees them; caches that are their CPUs' own.
TEST(LastCache, IsNoMoreThanItsCpusMayCountOn) {
  constexpr int64_t kMiB = 1 << 20;
  EXPECT_EQ(share_of_cache(300 * kMiB, 2), 32 * kMiB);
  EXPECT_EQ(share_of_cache(300 * kMiB, 128), 300 * kMiB);
  EXPECT_EQ(share_of_cache(96 * kMiB, 16), 96 * kMiB);
  EXPECT_EQ(share_of_cache(32 * kMiB, 2), 32 * kMiB);
  EXPECT_EQ(share_of_cache(1 * kMiB, 1), 1 * kMiB);
}

TEST_F(Variants, AreOfTheirAccuracyAlone) {
  EXPECT_EQ(chosen(one, 65, KILN_ACCURACY_FAST), 7);
  EXPECT_EQ(chosen(two, 65, KILN_ACCURACY_FAST), 8);
}

}  // namespace
}  // namespace kiln::test
