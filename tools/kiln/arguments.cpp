#include "arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <numeric>

#include "operators.h"
#include "text.h"

namespace kiln::tool {
namespace {

using descriptor::Type;

Array ones(const Shape &shape) {
  const int64_t count = element_count(shape);
  Array array;
  array.shape = shape;
  array.data = allocate(count);
  std::fill_n(array.floats(), count, 1.0f);
  return array;
}

Array copy_of(const Array &array) {
  Array copy;
  static_cast<NpyHeader &>(copy) = array;
  copy.type = array.type;
  copy.data = allocate(element_count(array.shape), array.type.size);
  std::memcpy(copy.data.get(), array.data.get(), array.bytes());
  return copy;
}

void add_flag(CLI::App &app, const descriptor::Argument &row, descriptor::Value &value) {
  const std::string name = option_of(row.name), off = "--no-" + name.substr(2);
  const std::string names = row.integer ? name + ",!" + off : name;
  const std::string help = row.doc + (row.integer ? "; the default, which " + off + " turns off" : "");
  app.add_flag_function(
      names, [&value](int64_t given) { value.integer = given > 0; }, help);
}

}  // namespace

Arguments::Arguments(const descriptor::Operator &op)
    : op_(op), integers_(op.arguments.size()), values_(descriptor::default_values(op)) {
  for (size_t i = 1; i + 1 < op.tensors.size(); ++i) given_.push_back({&op.tensors[i], {}, {}});
  for (size_t i = 0; i < integers_.size(); ++i) integers_[i] = op.arguments[i].integers;
}

void Arguments::add_options(CLI::App &app) {
  for (Given &given : given_) add_tensor(app, given);
  for (size_t i = 0; i < values_.size(); ++i) add_argument(app, static_cast<int>(i));
}

void Arguments::add_tensor(CLI::App &app, Given &given) {
  const std::string name = option_of(given.row->name);
  if (given.row->is_result()) {
    refuse_empty(*app.add_option(name, given.out, "Where it is written: " + given.row->doc)->type_name("FILE.npy"));
    return;
  }
  CLI::Option *option = given.option.add_to(app, name, given.row->doc);
  if (!given.row->optional) option->required();
  if (given.row->role != descriptor::Role::statistics) return;
  app.add_option(name + "-out", given.out, "Where the updated values of " + name + " are written")
      ->type_name("FILE.npy");
}

void Arguments::add_argument(CLI::App &app, int i) {
  const descriptor::Argument &row = op_.arguments[i];
  const std::string name = option_of(row.name);
  CLI::Option *option = nullptr;
  switch (row.type) {
    case Type::boolean:
      add_flag(app, row, values_[i]);
      return;
    case Type::integer:
      option = add_number(app, name, values_[i].integer, row.doc);
      break;
    case Type::real:
      option = add_number(app, name, values_[i].real, row.doc);
      break;
    case Type::extents:
      option = add_integers(app, name, integers_[i], row.doc);
      break;
    case Type::dims:
      option = add_integers(app, name, integers_[i], row.doc, "all");
      break;
  }
  option->default_str(row.default_text);
  if (!row.has_default) option->required();
}

bool Arguments::is_written(const descriptor::Tensor &tensor) const {
  return !tensor.written_when.empty() && values_[op_.argument(tensor.written_when)].integer;
}

bool Arguments::measures() const {
  return std::all_of(op_.tensors.begin(), op_.tensors.end(), [&](const descriptor::Tensor &tensor) {
    return tensor.written_when.empty() || is_written(tensor);
  });
}

void Arguments::check_outputs() const {
  for (const Given &given : given_) {
    if (!given.out || given.row->is_result()) continue;
    const std::string name = option_of(given.row->name);
    if (!given.option.path()) fail(name + "-out: expected " + name + " beside it");
    if (!is_written(*given.row))
      fail(name + "-out: expected " + option_of(given.row->written_when) + ", without which statistics are only read");
  }
}

void Arguments::add_files(std::vector<NamedFile> &files) const {
  for (const Given &given : given_) {
    const std::string name = option_of(given.row->name);
    if (given.option.path()) files.push_back({name, *given.option.path()});
    if (given.out && given.row->is_result())
      files.push_back({name, *given.out, true});
    else if (given.out)
      files.push_back({name + "-out", *given.out, true, name});
  }
}

void Arguments::load(Reading &reading) {
  for (Given &given : given_) given.option.load(reading);
}

void Arguments::pass_integers() {
  for (size_t i = 0; i < values_.size(); ++i)
    if (op_.arguments[i].type == Type::extents || op_.arguments[i].type == Type::dims)
      values_[i].integers = {integers_[i].data(), static_cast<int>(integers_[i].size())};
}

void Arguments::make_results(const Shape &input, bool all) {
  pass_integers();
  for (Given &given : given_)
    if (given.row->is_result() && (given.out || (all && (given.row->role == descriptor::Role::result || measures()))))
      given.option.assume(ones(descriptor::shape_of(op_, *given.row, input, values_)));
}

void Arguments::assume(const Array &array) {
  const Shape &input = array.shape;
  for (size_t i = 0; i < values_.size(); ++i) {
    const descriptor::Argument &row = op_.arguments[i];
    if (row.allowed == descriptor::Allowed::divisor_of_channels)
      values_[i].integer = input.size() > 1 ? std::gcd(input[1], row.integer) : 1;
    if (row.type == Type::extents && !input.empty()) integers_[i] = {input.back()};
  }
  for (Given &given : given_)
    if (!given.row->written_when.empty() && !is_written(*given.row) && input.size() > 1)
      given.option.assume(ones({input[1]}));
    else if (given.row->role == descriptor::Role::operand)
      given.option.assume(copy_of(array));
  make_results(input, true);
}

void Arguments::call(const View &input, const View &output, const Context &context) {
  std::vector<DLTensor> tensors = {input.tensor()};
  for (const Given &given : given_) tensors.push_back(given.option.view() ? given.option.view()->tensor() : DLTensor{});
  tensors.push_back(output.tensor());
  std::vector<DLTensor *> pointers;
  for (DLTensor &tensor : tensors) pointers.push_back(&tensor);
  for (size_t i = 0; i < given_.size(); ++i)
    if (!given_[i].option.view()) pointers[i + 1] = nullptr;
  pass_integers();
  check(op_.call(context.get(), pointers.data(), values_.data()));
}

std::vector<TensorOption *> Arguments::tensors() {
  std::vector<TensorOption *> all;
  for (Given &given : given_) all.push_back(&given.option);
  return all;
}

void Arguments::stage(std::vector<OutputFile> &files) const {
  for (const Given &given : given_) {
    if (!given.out) continue;
    files.emplace_back(*given.out);
    stage_npy(*given.option.array(), files.back());
  }
}

}  // namespace kiln::tool
