// What can be wrong with one tensor, whatever the operator.
#pragma once

#include <kiln/kiln.h>

#include <string>
#include <vector>

namespace kiln::test {

struct Fault {
  const char *name;
  kiln_status status;
  // What the message must hold: what was expected, and what came. texts_of() has them all.
  std::vector<std::string> texts;
  void (*spoil)(DLTensor &tensor);
};

// Faults of a tensor that is otherwise of rank 1 to 4, with a first extent of at least 2, and not empty.
const std::vector<Fault> &tensor_faults();

// What the message must hold where the argument of that name and shape, "(3, 4)", has the fault.
std::vector<std::string> texts_of(const Fault &fault, const std::string &argument, const std::string &shape);

}  // namespace kiln::test
