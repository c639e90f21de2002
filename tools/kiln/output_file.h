// A file that appears under its name whole or not at all.
#ifndef KILN_TOOLS_OUTPUT_FILE_H
#define KILN_TOOLS_OUTPUT_FILE_H

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace kiln::tool {

// Writes go to a temporary file in the same folder; commit() gives it the name. Until then the destructor removes it,
// and so does SIGINT, SIGTERM or SIGHUP. A symbolic link stays one and its target is replaced, with the permissions
// it had. What exists and is no regular file (a pipe, /dev/stdout) is written directly.
class OutputFile {
 public:
  explicit OutputFile(const std::string &path);
  ~OutputFile();
  OutputFile(OutputFile &&) noexcept;
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;
  OutputFile &operator=(OutputFile &&) = delete;

  void write(const void *data, size_t size);
  // Brings what was written to the disk, where every failure of a write has to show.
  void finish();
  // After finish(): the atomic step.
  void commit();

 private:
  void create_temporary(mode_t mode);
  [[noreturn]] void fail_with(const std::string &what, int error) const;

  std::string path_;    // as the user wrote it
  std::string target_;  // what rename() replaces
  const char *temporary_ = nullptr;
  int fd_ = -1;
};

// Replaces a file by this text, at once.
void write_file(const std::string &path, const std::string &text);

}  // namespace kiln::tool
#endif
