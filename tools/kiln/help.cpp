// `kiln help [COMMAND [OP]]`: the same as --help behind them.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "operators.h"
#include "text.h"

namespace kiln::tool {
namespace {

// The command or operator of this name; throws where there is none.
const CLI::App *inner(const CLI::App &command, const std::string &name) {
  std::vector<std::string> names;
  for (const CLI::App *each : command.get_subcommands([](const CLI::App *) { return true; })) {
    if (each->get_name() == name) return each;
    names.push_back(each->get_name());
  }
  if (names.empty()) fail("help: " + command.get_name() + " has no commands, got '" + name + "'");
  fail(unknown_name(command.get_parent() ? "operator" : "command", name, names));
}

void print_help(const CLI::App &app, std::vector<std::string> path) {
  // An operator's name stands for its command.
  if (!path.empty() && find_operator(path.front())) path.insert(path.begin(), "run");
  const CLI::App *command = &app;
  std::string before;
  for (const std::string &name : path) {
    before += (before.empty() ? "" : " ") + command->get_name();
    command = inner(*command, name);
  }
  // Without a name before it, the help of the command line's own command would come: that of `help`.
  std::cout << command->get_formatter()->make_help(
      command, before.empty() ? command->get_name() : before + " " + command->get_name(), CLI::AppFormatMode::Normal);
}

}  // namespace

void add_help(CLI::App &app) {
  CLI::App *help = app.add_subcommand("help", "Print the help of a command: kiln help run layer_norm");
  auto path = std::make_shared<std::vector<std::string>>();
  help->add_option("COMMAND", *path, "A command, or an operator; the tool's own help where none is named");
  help->callback([&app, path] { print_help(app, *path); });
}

}  // namespace kiln::tool
