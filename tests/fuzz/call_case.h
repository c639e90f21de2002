// One call of an operator as the fuzzer builds it: element types, shape, layouts, values and arguments by the
// operator's row, in guarded memory.
#pragma once

#include <kiln/kiln.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/choices.h"
#include "fuzz/element.h"
#include "fuzz/passed.h"
#include "support/operation.h"
#include "support/sparse_memory.h"

namespace kiln::fuzz {

class CallCase {
 public:
  explicit CallCase(Choices &choices);
  CallCase(const CallCase &) = delete;
  CallCase &operator=(const CallCase &) = delete;

  // Spoils one thing, so that the call must be refused; says what.
  void spoil(Choices &choices);
  // Takes a right call to an edge: numbers, empty tensors, little stack, memory that cannot be had.
  void sharpen(Choices &choices);
  // Runs it and holds it to what it must do; "" where it did.
  std::string check(const kiln_context *context);
  std::string text() const;

 private:
  void choose_shape(Choices &choices);
  void choose_values(Choices &choices);
  void choose_arguments(Choices &choices);
  void place_tensors(Choices &choices);
  void place(const std::string &name, const Element &type, const test::Layout &layout, const std::vector<float> &values,
             Choices &choices);
  void place_parameter(const std::string &name, Choices &choices);
  bool place_far_apart(Choices &choices);
  void sharpen_parameter(Choices &choices);
  void sharpen_inputs(Choices &choices);
  void sharpen_empty(Choices &choices);
  bool spoil_tensor(Choices &choices);
  bool spoil_memory(Choices &choices);
  bool spoil_argument(Choices &choices);
  Passed &any_tensor(Choices &choices);
  bool may_have(const std::string &tensor, const Element &type) const;
  // The tensors of type_ and shape_: the input, what is read with it, the output.
  std::vector<std::string> of_input() const;
  bool is_of_input(const std::string &tensor) const;
  const std::string &input() const { return operation_.row().tensors.front().name; }
  const std::string &output() const { return operation_.row().tensors.back().name; }
  kiln_status call(const kiln_context *context);
  std::string check_refusal(kiln_status status) const;
  std::string check_results() const;
  std::string check_rounded_once() const;
  std::string check_narrow_gradient() const;
  bool unchanged_but_for_results() const;

  test::Operation operation_;
  const Element *type_;  // the input's and the output's
  test::Extents shape_;
  std::vector<float> inputs_;
  std::map<std::string, Passed> tensors_;  // by name; those of parameters that are absent are missing
  std::vector<descriptor::Value> values_;
  bool in_place_ = false, far_apart_ = false;
  std::string spoiled_;    // what, if anything
  std::string sharpened_;  // the same
  int64_t failing_ = 0;    // the allocation from which on none can be had; 0: all can
  bool on_small_stack_ = false;
  std::unique_ptr<test::SparseMemory> sparse_[2];
};

}  // namespace kiln::fuzz
