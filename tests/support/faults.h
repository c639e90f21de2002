// What can be wrong with one tensor, whatever the operator.
#pragma once

#include <kiln/kiln.h>

#include <string>
#include <vector>

namespace kiln::test {

struct Fault {
  const char *name;
  kiln_status status;
  // What the message must hold besides the argument's name: what was expected, and what came.
  std::vector<std::string> texts;
  void (*spoil)(DLTensor &tensor);
};

// Faults of a tensor that is otherwise of shape (3, 4) and not empty.
const std::vector<Fault> &tensor_faults();

}  // namespace kiln::test
