#include "parse_errors.h"

#include <CLI/CLI.hpp>

#include "operators.h"
#include "text.h"

namespace kiln::tool {
namespace {

// The commands that the line got to: kiln; kiln, run; or kiln, run, layer_norm.
std::vector<const CLI::App *> chain(const CLI::App &app) {
  std::vector<const CLI::App *> commands = {&app};
  for (auto inner = app.get_subcommands(); !inner.empty(); inner = inner.front()->get_subcommands())
    commands.push_back(inner.front());
  return commands;
}

std::vector<const CLI::App *> commands_of(const CLI::App &app) {
  return app.get_subcommands([](const CLI::App *) { return true; });
}

std::vector<std::string> names_of(const std::vector<const CLI::App *> &commands) {
  std::vector<std::string> names;
  for (const CLI::App *command : commands) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> options_of(const CLI::App &command) {
  std::vector<std::string> names;
  for (const CLI::Option *option : command.get_options())
    if (!option->get_positional()) names.push_back(option->get_name());
  return names;
}

// The other operators that have an option.
std::vector<std::string> owners(const CLI::App &run, const std::string &option) {
  std::vector<std::string> names;
  for (const CLI::App *op : commands_of(run))
    if (op->get_option_no_throw(option)) names.push_back(op->get_name());
  return names;
}

std::string unknown_option(const CLI::App &command, const std::string &argument) {
  const std::string option = argument.substr(0, argument.find('='));
  const std::string name = command.get_name();
  const std::vector<std::string> own = options_of(command);
  std::string text = name + " has no option " + option;
  const CLI::App *parent = command.get_parent();
  const bool is_operator = find_operator(name) && parent && parent->get_parent();
  const std::vector<std::string> others = is_operator ? owners(*parent, option) : std::vector<std::string>();
  if (!others.empty()) return text + ", which belongs to " + join(others) + "; it has " + join(own);
  if (!commands_of(command).empty())
    return text + "; it has " + join(own) + "; those of " + (command.get_parent() ? "an operator" : "a command") +
           " come after it";
  return text + suggestion(option, own) + " it has " + join(own);
}

std::string unknown_command(const CLI::App &command, const std::string &word) {
  const std::vector<std::string> names = names_of(commands_of(command));
  const std::string kind = command.get_parent() ? "operator" : "command";
  return unknown_name(kind, word, names);
}

std::string expected_command(const CLI::App &command) {
  const std::string kind = command.get_parent() ? "an operator" : "a command";
  return kind + " is expected: " + join(names_of(commands_of(command)));
}

std::string with_usage(const std::vector<const CLI::App *> &commands, const std::string &what) {
  std::string call;
  for (const CLI::App *command : commands) call += command->get_name() + " ";
  return commands.back()->get_name() + ": " + what + "; `" + call + "--help` has the usage";
}

}  // namespace

std::string explain(const CLI::App &app, const CLI::ParseError &error) {
  const std::vector<const CLI::App *> commands = chain(app);
  // A command that there is not has none of the options behind it.
  const std::vector<std::string> rest = commands.back()->remaining();
  if (!commands_of(*commands.back()).empty() && !rest.empty() && rest.front()[0] != '-')
    return unknown_command(*commands.back(), rest.front());
  for (const CLI::App *command : commands)
    for (const std::string &argument : command->remaining())
      if (argument.size() > 1 && argument[0] == '-') return unknown_option(*command, argument);
  const CLI::App &command = *commands.back();
  const std::vector<std::string> unused = command.remaining();
  if (!commands_of(command).empty())
    return unused.empty() ? expected_command(command) : unknown_command(command, unused.front());
  if (!unused.empty()) return with_usage(commands, "unexpected argument '" + unused.front() + "'");
  return with_usage(commands, error.what());
}

}  // namespace kiln::tool
