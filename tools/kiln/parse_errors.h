// What is wrong with a command line, in a sentence.
#ifndef KILN_TOOLS_PARSE_ERRORS_H
#define KILN_TOOLS_PARSE_ERRORS_H

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace kiln::tool {

// CLI11 says what it could not use; this says whose option it is, or what was meant.
std::string explain(const CLI::App &app, const CLI::ParseError &error);

}  // namespace kiln::tool
#endif
