// Files that are written.
#ifndef KILN_TOOLS_OUTPUT_FILE_H
#define KILN_TOOLS_OUTPUT_FILE_H

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace kiln::tool {

// Hears how many bytes more are done.
using Ticks = std::function<void(size_t)>;

// One file, in one of three ways:
// - replaced: the contents go to a temporary file in the same folder, which commit() gives the name: it appears whole
// or
//   not at all. The destructor removes what was not committed, and so does a signal. A symbolic link stays one, and
//   what it names is made or replaced, with the permissions that it had.
// - in place, where the folder lets no file be made or replaced (a file mounted by itself, a folder without write
//   permission): commit() overwrites the file that is there, or makes it under its own name. Space for it is taken
//   first and signals wait, so that only a failing disk, SIGKILL and a power cut can leave a part.
// - a stream, which is "-", a descriptor, a pipe or a device: commit() writes it.
class OutputFile {
 public:
  explicit OutputFile(const std::string &path);
  ~OutputFile();
  OutputFile(OutputFile &&) noexcept;
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;
  OutputFile &operator=(OutputFile &&) = delete;

  // The whole contents: `head`, then `size` bytes at `data`, which stay there until commit(). What is replaced is
  // complete on the disk after it.
  void stage(std::string head, const void *data, size_t size, Ticks ticks = nullptr);

  // Commits all, in the order of how much can go wrong: streams, files in place, files that are replaced.
  static void commit(std::vector<OutputFile> &files);

 private:
  enum class Way { stream, in_place, replace };

  void open_file();
  void open_stream(int descriptor);
  bool create(const std::string &name);
  void remove_temporary();
  void open_in_place(const char *what, int error);
  void write_all(const Ticks &ticks);
  void write(const void *data, size_t size, const Ticks &ticks);
  void close_file();
  void rename_temporary();
  void overwrite();
  void commit();
  [[noreturn]] void fail_with(const std::string &what, int error) const;

  std::string path_;    // as the user wrote it
  std::string target_;  // behind links
  Way way_ = Way::replace;
  const char *temporary_ = nullptr;
  int fd_ = -1;
  std::string head_;
  const void *data_ = nullptr;
  size_t size_ = 0;
  Ticks ticks_;
};

// Makes a file of this text.
void write_file(const std::string &path, const std::string &text);

}  // namespace kiln::tool
#endif
