#include "paths.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <climits>

namespace kiln::tool {
namespace {

constexpr int kMostLinks = 40;  // Linux's own limit

std::string target_of(const std::string &link) {
  char target[PATH_MAX];
  const ssize_t size = readlink(link.c_str(), target, sizeof target);
  return std::string(target, size > 0 ? static_cast<size_t>(size) : 0);
}

}  // namespace

int descriptor_of(const std::string &path, int standard) {
  if (path == "-") return standard;
  if (path == "/dev/stdin") return STDIN_FILENO;
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (path.rfind(folder, 0) != 0) continue;
    unsigned short number = 0;
    const char *end = path.data() + path.size();
    const auto [next, error] = std::from_chars(path.data() + folder.size(), end, number);
    if (error == std::errc() && next == end) return number;
  }
  return -1;
}

std::string name_of(const std::string &path, int standard) {
  if (path == "-") return standard == STDIN_FILENO ? "standard input" : "standard output";
  return path.empty() ? "''" : path;
}

std::string follow_links(const std::string &path) {
  std::string file = path;
  for (int links = 0; links <= kMostLinks; ++links) {
    struct stat status {};
    if (lstat(file.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return file;
    const std::string target = target_of(file);
    file = target.rfind('/', 0) == 0 ? target : folder_of(file) + target;
  }
  return "";
}

std::string folder_of(const std::string &path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

std::optional<Place> place_of(const std::string &path, int standard) {
  struct stat status {};
  const int descriptor = descriptor_of(path, standard);
  const auto folder_status = [&](const std::string &folder) {
    return stat(folder.empty() ? "." : folder.c_str(), &status) == 0;
  };
  if (descriptor >= 0 ? fstat(descriptor, &status) == 0 : stat(path.c_str(), &status) == 0) {
    if (S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3)) return std::nullopt;
    // Reading a descriptor moves its place in the file.
    const bool stream = descriptor >= 0 || !S_ISREG(status.st_mode);
    return Place{status.st_dev, status.st_ino, "", stream};
  }
  const std::string file = follow_links(path), folder = folder_of(file);
  if (descriptor >= 0 || file.size() == folder.size() || !folder_status(folder)) return std::nullopt;
  return Place{status.st_dev, status.st_ino, file.substr(folder.size()), false};
}

}  // namespace kiln::tool
