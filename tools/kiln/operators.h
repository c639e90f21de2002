// The operators as commands of the tool: what each takes besides its input and output, and how it is called.
#ifndef KILN_TOOLS_OPERATORS_H
#define KILN_TOOLS_OPERATORS_H

#include <kiln/kiln.hpp>
#include <memory>
#include <string>
#include <vector>

#include "output_file.h"

namespace CLI {
class App;
}

namespace kiln::tool {

class TensorOption;

// One operator's own arguments.
class Arguments {
 public:
  virtual ~Arguments() = default;
  // Adds the options, which bear PyTorch's argument names in kebab case.
  virtual void add_options(CLI::App &) {}
  // Reads the files that the options name; comes once, after the command line was parsed.
  virtual void load() {}
  // Fills in what has no default, for an input of this shape: what `kiln time` measures.
  virtual void assume(const Shape & /*input*/) {}
  // Throws what kiln.hpp throws. `output` may be `input`.
  virtual void call(const View &input, const View &output, const Context &context) = 0;
  // The tensors among them.
  virtual std::vector<TensorOption *> tensors() { return {}; }
  // Writes what the call made besides the output into files of their own, not yet finished.
  virtual void stage(std::vector<OutputFile> & /*files*/) {}
};

struct Operator {
  const char *name;
  const char *family;  // "pointwise" or "normalization"
  const char *formula;
  std::unique_ptr<Arguments> (*make)();
};

// In the order of operators.def. A pointwise row needs nothing more than its row; a normalization <name> needs
// make_<name>() in operators/<name>.cpp, and does not link without.
const std::vector<Operator> &operators();
std::vector<std::string> operator_names();
// NULL where there is none of this name.
const Operator *find_operator(const std::string &name);

#define KILN_NORMALIZATION(name, stages, formula) std::unique_ptr<Arguments> make_##name();
#include <kiln/operators.def>

}  // namespace kiln::tool
#endif
