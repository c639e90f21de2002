// What file a path of the command line stands for, however it is spelled.
#ifndef KILN_TOOLS_PATHS_H
#define KILN_TOOLS_PATHS_H

#include <sys/types.h>

#include <optional>
#include <string>

namespace kiln::tool {

// The open descriptor that a path names: `standard` for "-"; the number in /dev/stdin, /dev/stdout, /dev/fd/3 and
// /proc/self/fd/3; -1 for every other path.
int descriptor_of(const std::string &path, int standard);

// "standard input" or "standard output" for "-", '' for "", else the path: for messages.
std::string name_of(const std::string &path, int standard);

// The file behind symbolic links, which need not be there; "" where they go round in a circle.
std::string follow_links(const std::string &path);

// The part before the last slash, with it; "" for the working folder.
std::string folder_of(const std::string &path);

// Equal for two paths of one file: another spelling, a link, a second mount, a descriptor, also of a file that is not
// there yet.
struct Place {
  dev_t device;
  ino_t inode;       // the file's; its folder's where there is no file yet
  std::string name;  // in that folder
  bool stream;       // a pipe or the like, which is read once

  bool operator==(const Place &other) const {
    return device == other.device && inode == other.inode && name == other.name;
  }
};
// None for /dev/null, which is everybody's, and where the folder is not there.
std::optional<Place> place_of(const std::string &path, int standard);

}  // namespace kiln::tool
#endif
