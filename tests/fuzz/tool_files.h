// Files that the tool is given, by any of their names.
#pragma once

#include <cstdint>
#include <string>

#include "fuzz/choices.h"

namespace kiln::fuzz {

// A folder of this process; it holds `sub`, a folder, and `here`, a link to itself.
const std::string &tool_folder();
void write_file(const std::string &path, const std::string &bytes);
// -1: it is not there.
int64_t size_of_file(const std::string &path);

// A call with three outputs, some of which are one file under two names: that is refused, and leaves nothing. Else all
// three are there afterwards, each with what is its own.
std::string run_names(Choices &choices, void (*tell)(const std::string &));

}  // namespace kiln::fuzz
