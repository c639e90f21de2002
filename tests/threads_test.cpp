// How many threads calls use where their context does not say (docs/using/threads.md): the variables, the affinity
// mask, and quotas of control groups, in a false /proc and /sys and, where groups may be made, in real ones.
#include <control_groups.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/stat.h>
#include <threads.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/child.h"

namespace kiln {
namespace {

using test::Finished;

int threads_by(const char *kiln, const char *omp, int cpus = 6) {
  int threads = 0;
  return count_threads({kiln, omp, cpus, "/nowhere"}, &threads) == KILN_STATUS_OK ? threads : -1;
}

TEST(ThreadVariables, GoBeforeTheMachineInTheirOrder) {
  EXPECT_EQ(threads_by(nullptr, nullptr), 6);
  EXPECT_EQ(threads_by("3", nullptr), 3);
  EXPECT_EQ(threads_by("3", "4"), 3);
  EXPECT_EQ(threads_by(nullptr, "4"), 4);
  EXPECT_EQ(threads_by("", "4"), 4);
  EXPECT_EQ(threads_by("12", nullptr), 12) << "more than there are CPUs, as was asked for";
}

TEST(ThreadVariables, BadOnesOfKilnAreErrors) {
  for (const char *bad : {"0", "-1", "+1", "four", "4x", " 4", "4 ", "4,2", "1e3", "0x4", " "}) {
    EXPECT_EQ(threads_by(bad, "5"), -1) << '"' << bad << '"';
    const std::string said = kiln_last_error();
    EXPECT_NE(said.find("KILN_NUM_THREADS: expected"), std::string::npos) << said;
    EXPECT_NE(said.find('"' + std::string(bad) + '"'), std::string::npos) << said;
  }
}

TEST(ThreadVariables, OpenMpsIsAListAndBadOnesAreIgnored) {
  const std::pair<const char *, int> cases[] = {{"4,2", 4}, {" 4 , 2", 4}, {"4", 4},   {"\t5\t", 5}, {"4,", 4},
                                                {"0", 6},   {"-2", 6},     {"two", 6}, {"4x", 6},    {"", 6},
                                                {",4", 6},  {"4 2", 6},    {"0,4", 6}, {" ", 6}};
  for (const auto &[text, threads] : cases) EXPECT_EQ(threads_by(nullptr, text), threads) << '"' << text << '"';
}

TEST(ThreadVariables, MoreThan255CountAs255) {
  for (const char *many : {"255", "256", "99999", "4294967297", "18446744073709551617"}) {
    EXPECT_EQ(threads_by(many, nullptr), 255) << many;
    EXPECT_EQ(threads_by(nullptr, many), 255) << many;
  }
  EXPECT_EQ(threads_by(nullptr, nullptr, 1000), 255);
}

constexpr char kMountOf2[] = "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr char kMountOf1[] = "36 35 0:31 / /sys/fs/cgroup/cpu,cpuacct rw shared:5 - cgroup cgroup rw,cpu,cpuacct\n";

// Files under a directory of its own, in place of /.
class Quotas : public ::testing::Test {
 protected:
  Quotas() {
    char name[] = "/tmp/kiln-threads-XXXXXX";
    root_ = mkdtemp(name);
  }
  ~Quotas() override { std::filesystem::remove_all(root_); }

  void write(const std::string &path, const std::string &text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void process(const std::string &groups, const std::string &mounts) {
    write("/proc/self/cgroup", groups);
    write("/proc/self/mountinfo", "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda rw\n" + mounts);
  }
  void quota_of_1(const std::string &directory, const std::string &time, const std::string &period) {
    write(directory + "/cpu.cfs_quota_us", time + "\n");
    write(directory + "/cpu.cfs_period_us", period + "\n");
  }
  int64_t quota() const { return quota_in_cpus(root_.c_str()); }
  int threads(const char *kiln, const char *omp, int cpus) const {
    int found = 0;
    EXPECT_EQ(count_threads({kiln, omp, cpus, root_.c_str()}, &found), KILN_STATUS_OK);
    return found;
  }

  std::string root_;
};

TEST_F(Quotas, OfTheGroupAndOfThoseAbove) {
  process("0::/app/worker\n", kMountOf2);
  EXPECT_EQ(quota(), kNoQuota) << "no group has a quota";
  write("/sys/fs/cgroup/app/worker/cpu.max", "300000 100000\n");
  EXPECT_EQ(quota(), 3);
  write("/sys/fs/cgroup/app/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), 3);
  write("/sys/fs/cgroup/app/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2) << "the group above";
  write("/sys/fs/cgroup/cpu.max", "20000 20000\n");
  EXPECT_EQ(quota(), 1) << "the top, as a container sees its own group";
}

TEST_F(Quotas, AreRoundedUp) {
  process("0::/\n", kMountOf2);
  const std::pair<const char *, int64_t> cases[] = {{"50000 100000", 1},  {"1 1000000", 1},        {"100000 100000", 1},
                                                    {"100001 100000", 2}, {"150000 100000", 2},    {"250000 100000", 3},
                                                    {"800000 50000", 16}, {"max 100000", kNoQuota}};
  for (const auto &[text, cpus] : cases) {
    write("/sys/fs/cgroup/cpu.max", std::string(text) + "\n");
    EXPECT_EQ(quota(), cpus) << text;
  }
}

TEST_F(Quotas, OfVersion1) {
  process("5:memory:/job\n4:cpuacct,cpu:/job/7\n1:name=systemd:/other\n0::/\n", kMountOf1);
  quota_of_1("/sys/fs/cgroup/cpu,cpuacct/job/7", "-1", "100000");
  EXPECT_EQ(quota(), kNoQuota);
  quota_of_1("/sys/fs/cgroup/cpu,cpuacct/job/7", "250000", "50000");
  EXPECT_EQ(quota(), 5);
  quota_of_1("/sys/fs/cgroup/cpu,cpuacct/job", "30000", "10000");
  EXPECT_EQ(quota(), 3);
  quota_of_1("/sys/fs/cgroup/cpu,cpuacct", "-1", "100000");
  EXPECT_EQ(quota(), 3);
}

// Where both versions are mounted, the quota is with the controller, or with whichever has one.
TEST_F(Quotas, OfBothVersions) {
  process("4:cpu,cpuacct:/a\n0::/b\n", std::string(kMountOf2) + kMountOf1);
  quota_of_1("/sys/fs/cgroup/cpu,cpuacct/a", "400000", "100000");
  EXPECT_EQ(quota(), 4);
  write("/sys/fs/cgroup/b/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2);
}

// A container of version 1: the process's group by the host's name, of which a mount shows a part.
TEST_F(Quotas, OfAGroupThatIsMountedItself) {
  process("4:cpu:/docker/abc/inner\n",
          "36 35 0:31 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"
          "37 35 0:31 /docker/ab /elsewhere ro - cgroup cgroup rw,cpu\n"
          "38 35 0:32 /docker/abc /sys/fs/cgroup/cpuset ro - cgroup cgroup rw,cpuset\n");
  quota_of_1("/elsewhere", "100000", "100000");
  quota_of_1("/elsewhere/c/inner", "100000", "100000");
  quota_of_1("/elsewherec/inner", "100000", "100000");
  quota_of_1("/sys/fs/cgroup/cpuset", "100000", "100000");
  EXPECT_EQ(quota(), kNoQuota) << "another group's, or another controller's";
  quota_of_1("/sys/fs/cgroup/cpu", "500000", "100000");
  EXPECT_EQ(quota(), 5);
  quota_of_1("/sys/fs/cgroup/cpu/inner", "400000", "100000");
  EXPECT_EQ(quota(), 4);
  process("4:cpu:/docker/abc\n", "36 35 0:31 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n");
  EXPECT_EQ(quota(), 5);
}

TEST_F(Quotas, OfNamesThatMountinfoWritesInCodes) {
  process("0::/user\\x2d1.slice/a job\n",
          "31 23 0:28 /user\\134x2d1.slice /sys/fs/c\\040group rw - cgroup2 cgroup2 rw\n");
  write("/sys/fs/c group/a job/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2);
}

TEST_F(Quotas, LinesThatAreTooLongArePassedOver) {
  const std::string deep(900, 'd'), deeper(3000, 'e');
  process("0::/" + deep + "\n", "30 23 0:28 /" + deeper + " / rw - overlay overlay rw," + deeper + "\n" + kMountOf2);
  write("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2);
  process("0::/" + deeper + "\n", kMountOf2);
  EXPECT_EQ(quota(), kNoQuota);
  process("0::/a", "31 23 0:28 / /" + deep + " rw - cgroup2 cgroup2 rw");
  EXPECT_EQ(quota(), kNoQuota);
}

// Wherever it is cut, the rest of a line is no line: it would be this mount's.
TEST_F(Quotas, LinesThatAreTooLongAreNotCut) {
  process("0::/\n", kMountOf2);
  write("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2);
  std::string words;
  while (words.size() < 2100) words += "e ";
  for (size_t length = 10; length < words.size(); ++length) {
    process("0::/\n", words.substr(0, length) + kMountOf2);
    EXPECT_EQ(quota(), kNoQuota) << length << " bytes before the mount";
  }
}

TEST_F(Quotas, FilesThatMakeNoSenseAreNoQuota) {
  EXPECT_EQ(quota(), kNoQuota) << "no files at all";
  process("0::/a\n", kMountOf2);
  for (const char *text : {"", "\n", "max", "100000", "100000 0", "0 100000", "-5 100000", "x y", "1 2 3 4",
                           "99999999999999999999 100000", "100000 99999999999999999999"}) {
    write("/sys/fs/cgroup/a/cpu.max", text);
    EXPECT_EQ(quota(), kNoQuota) << text;
  }
  write("/sys/fs/cgroup/a/cpu.max", "9223372036854775807 1\n");
  EXPECT_EQ(threads(nullptr, nullptr, 8), 8);
  write("/sys/fs/cgroup/a/cpu.max", "200000 100000\n");
  for (const char *groups : {"", "\n", "0\n", "0:\n", ":::\n", "x::/a\n0:cpu:/a\n", "0::\n0::/a\n"}) {
    process(groups, kMountOf2);
    quota();
  }
  for (const char *mounts : {"", "\n", "1 2 3", "1 2 3 / /sys/fs/cgroup rw - ", "- cgroup2 - cgroup2\n"}) {
    process("0::/a\n", mounts);
    EXPECT_EQ(quota(), kNoQuota) << mounts;
  }
}

TEST_F(Quotas, BoundTheCpusAndNotTheVariables) {
  process("0::/\n", kMountOf2);
  write("/sys/fs/cgroup/cpu.max", "250000 100000\n");
  EXPECT_EQ(threads(nullptr, nullptr, 8), 3);
  EXPECT_EQ(threads(nullptr, nullptr, 2), 2);
  EXPECT_EQ(threads(nullptr, "zero", 8), 3);
  EXPECT_EQ(threads(nullptr, "5,2", 8), 5);
  EXPECT_EQ(threads("7", "5", 8), 7);
}

// The lines of a program that calls Kiln: twice by default, with a context that says nothing, and one that says 3.
std::vector<std::string> lines_of_a_process(const char *kiln, const char *omp) {
  const Finished finished =
      test::run_program({KILN_THREADS_PROGRAM}, {{"KILN_NUM_THREADS", kiln}, {"OMP_NUM_THREADS", omp}});
  EXPECT_EQ(finished.status, 0) << finished.error;
  std::vector<std::string> lines;
  std::istringstream text(finished.output);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  EXPECT_EQ(lines.size(), 4u) << finished.output;
  lines.resize(4);
  EXPECT_EQ(lines[3], "KILN_STATUS_OK  3") << "the context goes before the process";
  return lines;
}
void expect_default(const std::vector<std::string> &lines, int threads) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(lines[i], "KILN_STATUS_OK  " + std::to_string(threads));
}

TEST(ThreadsOfAProcess, FollowTheVariables) {
  expect_default(lines_of_a_process("5", "7,2"), 5);
  expect_default(lines_of_a_process("", "7,2"), 7);
  expect_default(lines_of_a_process(nullptr, "7,2"), 7);
  expect_default(lines_of_a_process("1000", nullptr), 255);
}

TEST(ThreadsOfAProcess, EveryCallReportsABadVariable) {
  const std::vector<std::string> lines = lines_of_a_process("many", "7");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(lines[i],
              "KILN_STATUS_INVALID_ARGUMENT kiln_hardsigmoid: KILN_NUM_THREADS: expected a number of threads from 1 "
              "on, got \"many\" 0");
}

TEST(ThreadsOfAProcess, AreAtMostTheCpusOfTheMask) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int cpu = 0; CPU_COUNT(&one) == 0 && cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  expect_default(lines_of_a_process(nullptr, nullptr), 1);
  expect_default(lines_of_a_process(nullptr, "nonsense"), 1);
  expect_default(lines_of_a_process("4", nullptr), 4);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

// A group of version 1 with a quota, for the processes that this one starts.
class RealGroup {
 public:
  explicit RealGroup(const std::string &quota)
      : path_("/sys/fs/cgroup/cpu/kiln-threads-" + std::to_string(getpid())), made_(mkdir(path_.c_str(), 0755) == 0) {
    entered_ = made_ && write(path_ + "/cpu.cfs_quota_us", quota) && write(path_ + "/cgroup.procs", "0");
  }
  ~RealGroup() {
    if (entered_) write("/sys/fs/cgroup/cpu/cgroup.procs", "0");
    if (made_) rmdir(path_.c_str());
  }
  bool entered() const { return entered_; }

 private:
  static bool write(const std::string &path, const std::string &text) {
    std::ofstream file(path);
    file << text << std::flush;
    return file.good();
  }
  std::string path_;
  bool made_, entered_ = false;
};

TEST(ThreadsOfAProcess, FollowARealQuota) {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);)
    if (line.find(":cpu:") != std::string::npos && line.substr(line.rfind(':')) != ":/")
      GTEST_SKIP() << "this process is in a group already";
  const RealGroup group("100000");
  if (!group.entered()) GTEST_SKIP() << "no group of version 1 can be made here";
  expect_default(lines_of_a_process(nullptr, nullptr), 1);
  expect_default(lines_of_a_process("4", nullptr), 4);
}

}  // namespace
}  // namespace kiln
