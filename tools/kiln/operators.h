// The operators by the names that the command line has for them and for their arguments.
#ifndef KILN_TOOLS_OPERATORS_H
#define KILN_TOOLS_OPERATORS_H

#include <descriptors.h>

#include <map>
#include <string>
#include <vector>

namespace kiln::tool {

std::vector<std::string> operator_names();
// NULL where there is none of this name.
const descriptor::Operator *find_operator(const std::string &name);

// Whether an operator takes an element type.
bool takes(const descriptor::Operator &op, const std::string &dtype);
// Throws where it does not, and names those that it takes.
void expect_dtype(const descriptor::Operator &op, const std::string &dtype);

// "--running-mean" for "running_mean".
std::string option_of(const std::string &name);

// The first file on the command line: INPUT, or a gradient's GRAD_OUTPUT.
std::string positional_of(const descriptor::Operator &op);
// What the command line calls an operator's tensors and arguments.
std::map<std::string, std::string> words_of(const descriptor::Operator &op);

// A message of the library in the command line's words: without the function's name, and with arguments as `words` has
// them, where they begin it or are no words of English.
std::string translate(std::string message, const std::map<std::string, std::string> &words);

}  // namespace kiln::tool
#endif
