#include "fuzz/tool_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <vector>

#include "fuzz/npy_file.h"
#include "support/child.h"

namespace kiln::fuzz {
namespace {

const std::vector<std::string> kFiles = {"y.npy", "mean.npy", "var.npy"};
constexpr int64_t kChannels = 3, kSamples = 40;

// One of the names of a file of the folder.
std::string any_name(const std::string &file, Choices &choices) {
  const std::string &folder = tool_folder();
  switch (choices.integer(0, 4)) {
    case 1:
      return folder + "/./" + file;
    case 2:
      return folder + "/sub/../" + file;
    case 3:
      return folder + "/here//" + file;
    case 4: {
      const std::string link = folder + "/link-to-" + file;
      unlink(link.c_str());
      if (symlink(file.c_str(), link.c_str()) != 0) std::abort();
      return link;
    }
    default:
      return folder + "/" + file;
  }
}

// The bytes behind a header of any length.
int64_t values_in(const std::string &file) { return size_of_file(file) % 64 / static_cast<int64_t>(sizeof(float)); }

}  // namespace

const std::string &tool_folder() {
  static const std::string made = [] {
    std::string path = "/tmp/kiln-fuzz-XXXXXX";
    if (!mkdtemp(path.data())) std::abort();
    mkdir((path + "/sub").c_str(), 0777);
    if (symlink(".", (path + "/here").c_str()) != 0) std::abort();
    return path;
  }();
  return made;
}

void write_file(const std::string &path, const std::string &bytes) { std::ofstream(path, std::ios::binary) << bytes; }

int64_t size_of_file(const std::string &path) {
  struct stat found;
  return stat(path.c_str(), &found) == 0 ? static_cast<int64_t>(found.st_size) : -1;
}

std::string run_names(Choices &choices, void (*tell)(const std::string &)) {
  const std::string &folder = tool_folder();
  write_file(folder + "/x.npy", npy_of_ones({kSamples, kChannels}));
  write_file(folder + "/statistics.npy", npy_of_ones({kChannels}));
  for (const std::string &file : kFiles) unlink((folder + "/" + file).c_str());
  std::vector<std::string> given, names;
  bool apart = true;
  for (size_t i = 0; i < kFiles.size(); ++i) {
    given.push_back(choices.chance(3) ? choices.one_of(kFiles) : kFiles[i]);
    names.push_back(any_name(given.back(), choices));
    for (size_t j = 0; j < i; ++j) apart = apart && given[i] != given[j];
  }
  const std::string statistics = folder + "/statistics.npy";
  const std::vector<std::string> command = {
      KILN_TOOL,           "run",      "batch_norm",         "--training", folder + "/x.npy", names[0],
      "--running-mean",    statistics, "--running-mean-out", names[1],     "--running-var",   statistics,
      "--running-var-out", names[2]};
  std::string text;
  for (const std::string &word : command) text += word + " ";
  tell(text);
  const test::Finished done = test::run_program(command);
  int64_t left = 0;
  for (const std::string &file : kFiles) left += size_of_file(folder + "/" + file) >= 0;
  if (done.status < 0) return text + "was ended by signal " + std::to_string(-done.status);
  if (!apart && done.status == 0) return text + "was accepted";
  if (done.status != 0) return left > 0 ? text + "failed and left an output" : apart ? text + done.error : "";
  const int64_t values[] = {kSamples * kChannels, kChannels, kChannels};
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string file = folder + "/" + given[i];
    if (size_of_file(file) < 0 || values_in(file) != values[i] % 16) return text + "left another file as " + given[i];
  }
  return "";
}

}  // namespace kiln::fuzz
