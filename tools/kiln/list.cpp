#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "inventory.h"
#include "operators.h"
#include "options.h"
#include "text.h"

namespace kiln::tool {
namespace {

using Json = nlohmann::ordered_json;
using Kernels = std::vector<kiln_kernel_info>;

std::string joined(const Kernels &all, const std::string &op, const char *kiln_kernel_info::*field) {
  return join(distinct(all, op, field));
}

// The kernels that take every shape and output on every CPU: targets differ in shape classes, in what is streamed and in
// variants.
Kernels that_take_all(const Kernels &all) {
  const auto takes_all = [](const kiln_kernel_info &kernel) {
    for (const char *part : {".up_to_", ".streamed", ".for_"})
      if (std::strstr(kernel.form, part)) return false;
    return true;
  };
  Kernels rest;
  std::copy_if(all.begin(), all.end(), std::back_inserter(rest), takes_all);
  return rest;
}

// Those of CPUs or those of devices, which have other forms.
Kernels of_kind(const Kernels &all, const Target &target) {
  Kernels kind;
  for (const kiln_kernel_info &kernel : all)
    if ((target.device == "cpu") == (std::strcmp(kernel.device, "cpu") == 0)) kind.push_back(kernel);
  return kind;
}

// Whether every kernel that the operator needs is there on a target.
bool complete(const descriptor::Operator &op, const Kernels &kind, const Kernels &here) {
  return distinct(kind, op.name, &kiln_kernel_info::form).size() ==
         distinct(here, op.name, &kiln_kernel_info::form).size();
}

// Which accuracies each operator has on each target.
std::vector<std::vector<std::string>> operators_by_target(const Kernels &all) {
  std::vector<std::vector<std::string>> rows = {{"OPERATOR"}};
  for (const Target &target : targets(all)) rows[0].push_back(target.name);
  for (const descriptor::Operator &op : descriptor::operators()) {
    rows.push_back({op.name});
    for (const Target &target : targets(all)) {
      Kernels here;
      for (const kiln_kernel_info &kernel : all)
        if (target.name == kernel.target) here.push_back(kernel);
      const std::string accuracies = joined(here, op.name, &kiln_kernel_info::accuracy);
      rows.back().push_back(accuracies.empty() || !complete(op, of_kind(all, target), here) ? "-" : accuracies);
    }
  }
  return rows;
}

void print_text(const Kernels &all) {
  std::vector<std::vector<std::string>> rows = {{"OPERATOR", "TYPES", "DIRECTIONS", "ACCURACIES", "FORMULA"}};
  for (const descriptor::Operator &op : descriptor::operators())
    rows.push_back({op.name, joined(all, op.name, &kiln_kernel_info::dtype),
                    op.direction == "backward" ? "backward" : "forward",
                    joined(all, op.name, &kiln_kernel_info::accuracy), op.formula});
  std::cout << table(rows) << "\n";

  std::cout << table(operators_by_target(that_take_all(all))) << "\n";

  rows = {{"TARGET", "DEVICE", "ISA", "HERE"}};
  for (const Target &target : targets(all))
    rows.push_back({target.name, target.device, target.isa, target.runs_here ? "runs" : "cannot run"});
  std::cout << table(rows);
}

Json kernels_json(const Kernels &all, const std::string &op) {
  Json kernels = Json::array();
  for (const kiln_kernel_info &kernel : all)
    if (op == kernel.op)
      kernels.push_back({{"direction", kernel.direction},
                         {"dtype", kernel.dtype},
                         {"form", kernel.form},
                         {"accuracy", kernel.accuracy},
                         {"target", kernel.target},
                         {"device", kernel.device},
                         {"isa", kernel.isa},
                         {"runs_here", kernel.runs_here != 0}});
  return kernels;
}

// What the operator takes, tensors first, by the names that C and PyTorch have; a default is null where there is none.
Json arguments_json(const descriptor::Operator &op) {
  Json arguments = Json::array();
  for (const descriptor::Tensor &tensor : op.tensors)
    arguments.push_back({{"name", tensor.name}, {"type", "tensor"}, {"optional", tensor.optional}});
  for (const descriptor::Argument &argument : op.arguments)
    arguments.push_back({{"name", argument.name},
                         {"type", descriptor::name_of(argument.type)},
                         {"default", argument.has_default ? Json(argument.default_text) : Json()}});
  return arguments;
}

void print_json(const Kernels &all) {
  Json result = {{"operators", Json::array()}, {"targets", Json::array()}};
  for (const descriptor::Operator &op : descriptor::operators())
    result["operators"].push_back({{"name", op.name},
                                   {"family", op.family},
                                   {"direction", op.direction},
                                   {"formula", op.formula},
                                   {"torch", op.torch},
                                   {"onnx", op.onnx},
                                   {"arguments", arguments_json(op)},
                                   {"dtypes", distinct(all, op.name, &kiln_kernel_info::dtype)},
                                   {"accuracies", distinct(all, op.name, &kiln_kernel_info::accuracy)},
                                   {"kernels", kernels_json(all, op.name)}});
  for (const Target &target : targets(all))
    result["targets"].push_back(
        {{"name", target.name}, {"device", target.device}, {"isa", target.isa}, {"runs_here", target.runs_here}});
  std::cout << result.dump(2) << "\n";
}

}  // namespace

void add_list(CLI::App &app) {
  CLI::App *list = app.add_subcommand("list", "Print the operators, types and targets that are built in");
  auto json = std::make_shared<bool>(false);
  add_json(*list, *json);
  list->callback([json] { *json ? print_json(kernels()) : print_text(kernels()); });
}

}  // namespace kiln::tool
