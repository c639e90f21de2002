// .npy files, most of them as NumPy writes them, and what is to become of them.
#pragma once

#include <string>
#include <vector>

#include "fuzz/choices.h"

namespace kiln::fuzz {

struct NpyFile {
  enum class Fate { any, refused, accepted };
  std::string bytes;
  Fate fate = Fate::any;
};
NpyFile any_npy_file(Choices &choices);
// A right one of float32 ones.
std::string npy_of_ones(const std::vector<int64_t> &shape);

}  // namespace kiln::fuzz
