#include "input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "paths.h"
#include "text.h"

namespace kiln::tool {

InputFile::InputFile(const std::string &path) : name_(name_of(path, STDIN_FILENO)) {
  const int descriptor = descriptor_of(path, STDIN_FILENO);
  fd_ = descriptor >= 0 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd_ < 0) fail(name_ + ": cannot open: " + std::strerror(errno));
  struct stat status {};
  if (fstat(fd_, &status) != 0 || S_ISDIR(status.st_mode)) {
    close(fd_);
    fail(name_ + ": is a directory, expected a .npy file");
  }
  regular_ = S_ISREG(status.st_mode);
  if (regular_) left_ = static_cast<uint64_t>(std::max<off_t>(status.st_size - lseek(fd_, 0, SEEK_CUR), 0));
}

InputFile::~InputFile() { close(fd_); }

size_t InputFile::read(void *to, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(fd_, static_cast<char *>(to) + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(name_ + ": cannot read: " + std::strerror(errno));
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  left_ -= std::min<uint64_t>(left_, done);
  return done;
}

}  // namespace kiln::tool
