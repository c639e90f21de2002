// A file that is read from its beginning to its end.
#ifndef KILN_TOOLS_INPUT_FILE_H
#define KILN_TOOLS_INPUT_FILE_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace kiln::tool {

class InputFile {
 public:
  // "-" is standard input. Throws where it cannot be opened, or is a folder.
  explicit InputFile(const std::string &path);
  ~InputFile();
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;

  // Reads `size` bytes, or fewer where the file ends before.
  size_t read(void *to, size_t size);
  // Whether the bytes that are left can be counted beforehand.
  bool regular() const { return regular_; }
  uint64_t left() const { return left_; }
  // For messages.
  const std::string &name() const { return name_; }

 private:
  std::string name_;
  int fd_;
  bool regular_;
  uint64_t left_ = 0;
};

}  // namespace kiln::tool
#endif
