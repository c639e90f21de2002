// What is fuzzed: each target makes something of any bytes, tries it, and says what was wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kiln::fuzz {

struct Target {
  const char *name;
  const char *about;
  // "" where all was right. `tell` is told what is about to be done, for where the process ends.
  std::string (*run)(const uint8_t *bytes, size_t size, void (*tell)(const std::string &));
};
const std::vector<Target> &targets();

// One call of the C API: any operator, tensors and arguments by its row, most of them right, some spoiled.
std::string run_call(const uint8_t *bytes, size_t size, void (*tell)(const std::string &));
// One gradient of a normalization, with whatever results and statistics.
std::string run_gradient(const uint8_t *bytes, size_t size, void (*tell)(const std::string &));
// Right calls from several threads at once, on contexts that they share.
std::string run_sequence(const uint8_t *bytes, size_t size, void (*tell)(const std::string &));
// A .npy file, most of it as NumPy writes it, through the tool.
std::string run_npy(const uint8_t *bytes, size_t size, void (*tell)(const std::string &));

}  // namespace kiln::fuzz
