// .npy files through the tool: whatever the bytes, it ends by itself, and leaves an output only where it succeeded.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "fuzz/choices.h"
#include "fuzz/targets.h"
#include "support/child.h"

namespace kiln::fuzz {
namespace {

const std::string &folder() {
  static const std::string made = [] {
    std::string path = "/tmp/kiln-fuzz-XXXXXX";
    if (!mkdtemp(path.data())) std::abort();
    return path;
  }();
  return made;
}

std::string number(Choices &choices) {
  static const std::vector<std::string> odd = {
      "-1", "0",  "9223372036854775807", "99999999999999999999", "1.5", "1e3", "3L", "0x10", "None", "True", "",
      "+2", "'2'"};
  return choices.chance(4) ? choices.one_of(odd) : std::to_string(choices.integer(0, 5));
}

std::string shape(Choices &choices) {
  std::string text = "(";
  const int64_t rank = choices.chance(10) ? choices.integer(0, 70) : choices.integer(0, 4);
  for (int64_t d = 0; d < rank; ++d) text += number(choices) + (d + 1 < rank || rank == 1 ? "," : "");
  return text + ")";
}

std::string header(Choices &choices) {
  static const std::vector<std::string> types = {"<f4", "<f4", "<f4", "<f4", ">f4", "|f4", "=f4",  "<f8", "<f2",
                                                 "<i4", "|b1", "|O",  "<c8", "f4",  "",    "<f44", "<U3"};
  static const std::vector<std::string> orders = {"False", "False", "False", "True", "0", "None"};
  std::string text = "{'descr': '" + choices.one_of(types) + "', 'fortran_order': " + choices.one_of(orders) +
                     ", 'shape': " + shape(choices) + ", }";
  while (text.size() % 64 != 53) text += ' ';
  return text + "\n";
}

std::string file(Choices &choices) {
  const std::string text = header(choices);
  const int version = choices.chance(6) ? static_cast<int>(choices.integer(0, 255)) : 1;
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += static_cast<char>(choices.chance(20) ? choices.integer(0, 255) : 0);
  const size_t length = choices.chance(10) ? static_cast<size_t>(choices.bits(4)) : text.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) bytes += static_cast<char>(length >> 8 * i);
  bytes += text;
  const int64_t count = choices.integer(0, 200);
  for (int64_t i = 0; i < count; ++i) bytes += static_cast<char>(choices.bits(1));
  for (int64_t i = choices.chance(2) ? choices.integer(0, 4) : 0; i > 0 && !bytes.empty(); --i)
    bytes[choices.integer(0, static_cast<int64_t>(bytes.size()) - 1)] = static_cast<char>(choices.bits(1));
  if (choices.chance(6)) bytes.resize(choices.integer(0, static_cast<int64_t>(bytes.size())));
  return bytes;
}

}  // namespace

std::string run_npy(const uint8_t *bytes, size_t size, void (*tell)(const std::string &)) {
  Choices choices(bytes, size);
  const std::string input = folder() + "/x.npy", output = folder() + "/y.npy";
  std::ofstream(input, std::ios::binary) << file(choices);
  unlink(output.c_str());
  tell("kiln run tanh " + input);
  const test::Finished done = test::run_program({KILN_TOOL, "run", "tanh", input, output});
  struct stat found;
  const bool left = stat(output.c_str(), &found) == 0;
  if (done.status < 0) return "kiln run tanh was ended by signal " + std::to_string(-done.status);
  if (done.status == 0) return left ? "" : "kiln run tanh succeeded without an output";
  if (left) return "kiln run tanh failed and left an output";
  if (done.error.empty()) return "kiln run tanh failed without a word";
  if (done.error.size() > 2000) return "an error of " + std::to_string(done.error.size()) + " characters";
  return "";
}

}  // namespace kiln::fuzz
