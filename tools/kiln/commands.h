// The commands of the tool, each in a file of its own. A command adds itself to the command line with a callback that
// does its work after parsing, and throws where it cannot.
#ifndef KILN_TOOLS_COMMANDS_H
#define KILN_TOOLS_COMMANDS_H

namespace CLI {
class App;
}

namespace kiln::tool {

void add_run(CLI::App &app);
void add_list(CLI::App &app);
void add_info(CLI::App &app);
void add_time(CLI::App &app);
void add_verify(CLI::App &app);
// Comes after the others, which it explains.
void add_help(CLI::App &app);

}  // namespace kiln::tool
#endif
