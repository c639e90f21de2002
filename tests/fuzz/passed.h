// Tensors that the fuzzer passes: layouts and values by choice, in guarded memory.
#pragma once

#include <kiln/kiln.h>

#include <string>
#include <vector>

#include "fuzz/choices.h"
#include "fuzz/element.h"
#include "fuzz/guarded_memory.h"
#include "support/layout.h"

namespace kiln::fuzz {

// What a tensor really is, and what the call is told, which may have been spoiled.
struct Passed {
  test::Layout layout;
  const Element *type = nullptr;
  char *data = nullptr;  // of the element at index 0, 0, ...
  DLTensor told{};
  bool null = false;  // NULL is passed
  GuardedMemory *memory = nullptr;

  // Lies in that memory from now on, with these values.
  void place(GuardedMemory &in, const Element &of, const test::Layout &as, const std::vector<float> &values,
             Choices &choices);
  // Fills in `told`, which points into the object.
  void describe(Choices &choices);
  std::vector<char *> places() const;
  std::vector<float> values() const;
  // Each becomes the nearest number of the type.
  void set(const std::vector<float> &values);
};

std::string hex(uint32_t word);
// Where a tensor has other words; "" where it has none. inputs: those of its elements, for the message, or none.
std::string difference(const std::string &name, const Passed &tensor, const std::vector<uint32_t> &words,
                       const std::vector<float> &inputs = {});

// The memory of the tensors of a name, one case after another.
GuardedMemory &slot_of(const std::string &name);
// Any order in memory, gaps, some dimensions backwards; for what is only read, some of stride 0.
test::Layout any_layout(const test::Extents &shape, bool only_read, Choices &choices);
// Float values of one tensor, by kinds that are hard for an algorithm.
std::vector<float> any_values(int64_t count, Choices &choices);

}  // namespace kiln::fuzz
