// What an operator takes besides its input and output, as options of the command line.
#ifndef KILN_TOOLS_ARGUMENTS_H
#define KILN_TOOLS_ARGUMENTS_H

#include <descriptors.h>

#include <kiln/kiln.hpp>
#include <optional>
#include <string>
#include <vector>

#include "named_files.h"
#include "options.h"
#include "output_file.h"

namespace CLI {
class App;
}

namespace kiln::tool {

class Arguments {
 public:
  explicit Arguments(const descriptor::Operator &op);
  Arguments(const Arguments &) = delete;  // options point into it
  Arguments &operator=(const Arguments &) = delete;

  // Adds the options, which bear PyTorch's argument names in kebab case.
  void add_options(CLI::App &app);
  // Throws where a file is asked for that the call will not make; comes after the command line was parsed.
  void check_outputs() const;
  // Adds the files that the options name.
  void add_files(std::vector<NamedFile> &files) const;
  // Reads the files that the options name; comes once.
  void load(Reading &reading);
  // Makes what the call writes besides the output, for an input of this shape: what has a file, or all.
  void make_results(const Shape &input, bool all = false);
  // Fills in what has no default, for an input of this shape: what `kiln time` measures.
  void assume(const Array &input);
  // Throws kiln::Error. `output` may be `input`.
  void call(const View &input, const View &output, const Context &context);
  // Its tensors but input and output; those that were not given have no view.
  std::vector<TensorOption *> tensors();
  // Stages what the call made besides the output for files of their own.
  void stage(std::vector<OutputFile> &files) const;

 private:
  // A tensor's file, and where it is written after a call that updates or makes it.
  struct Given {
    const descriptor::Tensor *row;
    TensorOption option;
    std::optional<std::string> out;
  };

  void add_tensor(CLI::App &app, Given &given);
  void add_argument(CLI::App &app, int i);
  // Has values_ point to integers_.
  void pass_integers();
  bool is_written(const descriptor::Tensor &tensor) const;
  // Statistics are the input's, not running ones that are given.
  bool measures() const;

  const descriptor::Operator &op_;
  std::vector<Given> given_;
  std::vector<Shape> integers_;  // of arguments that are lists
  std::vector<descriptor::Value> values_;
};

}  // namespace kiln::tool
#endif
