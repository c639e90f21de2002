// The files that a command line names, which must not be mistaken for each other.
#ifndef KILN_TOOLS_NAMED_FILES_H
#define KILN_TOOLS_NAMED_FILES_H

#include <string>
#include <vector>

namespace kiln::tool {

struct NamedFile {
  std::string option;  // or INPUT, OUTPUT
  std::string path;
  bool output = false;
  std::string replaces = {};  // the option whose file an output may be
};

// Throws where an output is another output, or an input that it may not replace, and where a stream is read twice.
void check_apart(const std::vector<NamedFile> &files);

}  // namespace kiln::tool
#endif
