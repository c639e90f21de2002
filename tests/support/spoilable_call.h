// A call of any operator that is right until a test spoils it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/expectations.h"

namespace kiln::test {

// Input and output (2, 4, 3) and every parameter, each in memory of its own; with the batch's statistics, two groups, a
// window of three channels, normalized over the last two dimensions: whichever the operator has.
class SpoilableCall {
 public:
  explicit SpoilableCall(const std::string &op);
  SpoilableCall(const SpoilableCall &) = delete;
  SpoilableCall &operator=(const SpoilableCall &) = delete;

  // "input", "running_mean", ...: those that the operator has, input and output first.
  std::vector<std::string> names() const;
  // What is passed under that name, to be changed.
  DLTensor &tensor(const std::string &name) { return tensors_.at(name); }
  const Array &array(const std::string &name) const { return *arrays_.at(name); }

  // Passes NULL.
  void omit(const std::string &name) { omitted_[name] = true; }
  // All that are neither input nor output.
  void omit_parameters() {
    for (const std::string &name : arguments.parameters()) omit(name);
  }
  // Passes another tensor of this shape.
  void reshape(const std::string &name, const Extents &shape);
  // Input and output alike.
  void reshape(const Extents &shape);
  // Passes a view of the memory of the tensor `of`, from its element number `from` on.
  void alias(const std::string &name, const std::string &of, int64_t from, const Layout &layout);

  kiln_status run();
  // The bits of all memory.
  std::vector<std::vector<uint32_t>> snapshot() const;

  Operation arguments;

 private:
  std::map<std::string, std::unique_ptr<Array>> arrays_;
  std::map<std::string, DLTensor> tensors_;
  std::map<std::string, Layout> aliases_;
  std::map<std::string, bool> omitted_;
};

// The operators that have a parameter of one value per channel.
std::vector<std::string> operators_per_channel();

// The last error begins with "kiln_<op>: ", and where the first text names an argument, "eps:", with that next.
::testing::AssertionResult names_the_operator(const std::string &op, const std::vector<std::string> &texts);

// Spoils a call and expects that it fails, with each of the texts in the message and nothing written.
void expect_failure(const std::string &op, kiln_status status, const std::vector<std::string> &texts,
                    const std::function<void(SpoilableCall &)> &spoil);
void expect_invalid(const std::string &op, const std::vector<std::string> &texts,
                    const std::function<void(SpoilableCall &)> &spoil);
// Changes a call and expects that it still succeeds.
void expect_success(const std::string &op, const std::function<void(SpoilableCall &)> &change);

}  // namespace kiln::test
