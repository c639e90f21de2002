// The tool, on files of any bytes and under any names: whatever comes, it ends by itself, takes what is right and
// refuses what is wrong, and leaves outputs only where it succeeded.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "fuzz/npy_file.h"
#include "fuzz/targets.h"
#include "fuzz/tool_files.h"
#include "support/child.h"

namespace kiln::fuzz {
namespace {

using Fate = NpyFile::Fate;

std::string check(const test::Finished &done, Fate fate, bool left) {
  if (done.status < 0) return "was ended by signal " + std::to_string(-done.status);
  if (done.status == 0) return !left ? "succeeded without an output" : fate == Fate::refused ? "was accepted" : "";
  if (left) return "failed and left an output";
  if (fate == Fate::accepted) return "was refused: " + done.error;
  if (done.error.empty()) return "failed without a word";
  if (done.error.size() > 2000) return "an error of " + std::to_string(done.error.size()) + " characters";
  return "";
}

std::string run_file(Choices &choices, void (*tell)(const std::string &)) {
  const NpyFile file = any_npy_file(choices);
  const std::string input = tool_folder() + "/x.npy", output = tool_folder() + "/y.npy";
  write_file(input, file.bytes);
  unlink(output.c_str());
  const std::string text = "kiln run tanh " + input;
  tell(text);
  const test::Finished done = test::run_program({KILN_TOOL, "run", "tanh", input, output});
  const std::string fault = check(done, file.fate, size_of_file(output) >= 0);
  return fault.empty() ? fault : text + ": " + fault;
}

}  // namespace

std::string run_npy(const uint8_t *bytes, size_t size, void (*tell)(const std::string &)) {
  Choices choices(bytes, size);
  return choices.chance(4) ? run_names(choices, tell) : run_file(choices, tell);
}

}  // namespace kiln::fuzz
