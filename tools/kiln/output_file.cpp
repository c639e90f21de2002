#include "output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>
#include <utility>

#include "paths.h"
#include "signals.h"
#include "text.h"

namespace kiln::tool {
namespace {

constexpr size_t kMostInOneWrite = size_t{1} << 24;  // between two ticks

std::string random_name() {
  std::random_device random;
  char name[40];
  std::snprintf(name, sizeof name, ".kiln-%08x%08x.tmp", random(), random());
  return name;
}

// Whether the links in `path` were followed to the file that the system follows them to.
bool same_file(const std::string &path, const struct stat &status) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && found.st_dev == status.st_dev && found.st_ino == status.st_ino;
}

}  // namespace

OutputFile::OutputFile(const std::string &path) : path_(path) {
  install_signal_handlers();
  open_file();
}

void OutputFile::open_file() {
  const int descriptor = descriptor_of(path_, STDOUT_FILENO);
  struct stat status {};
  const bool exists = descriptor < 0 && stat(path_.c_str(), &status) == 0;
  if (descriptor >= 0 || (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
    return open_stream(descriptor);
  if (path_.empty() || path_.back() == '/' || S_ISDIR(status.st_mode))
    fail_with("cannot write", path_.empty() ? ENOENT : EISDIR);
  if (exists && access(path_.c_str(), W_OK) != 0) fail_with("cannot write", errno);
  target_ = follow_links(path_);
  if (target_.empty()) fail_with("cannot write", ELOOP);
  if (exists && !same_file(target_, status)) return open_in_place("cannot write", ENOENT);
  if (!create(folder_of(target_) + random_name())) return open_in_place("cannot make a file in its folder", errno);
  if (exists) static_cast<void>(fchmod(fd_, status.st_mode & 0777));
}

OutputFile::OutputFile(OutputFile &&other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      way_(other.way_),
      temporary_(std::exchange(other.temporary_, nullptr)),
      fd_(std::exchange(other.fd_, -1)),
      head_(std::move(other.head_)),
      data_(other.data_),
      size_(other.size_),
      ticks_(std::move(other.ticks_)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) close(fd_);
  if (temporary_) remove_temporary();
}

void OutputFile::open_stream(int descriptor) {
  way_ = Way::stream;
  fd_ = descriptor >= 0 ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd_ < 0) fail_with("cannot write", errno);
}

// Makes a file that goes away again where nothing is committed.
bool OutputFile::create(const std::string &name) {
  const char *remembered = remember_temporary(name);
  if (!remembered) fail_with("cannot write", ENAMETOOLONG);
  fd_ = open(remembered, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0) {
    const int error = errno;
    forget_temporary(remembered);
    errno = error;
    return false;
  }
  temporary_ = remembered;
  return true;
}

void OutputFile::remove_temporary() {
  unlink(temporary_);
  forget_temporary(std::exchange(temporary_, nullptr));
}

// Takes the file that is there, or makes it; throws what went wrong before where neither can be.
void OutputFile::open_in_place(const char *what, int error) {
  way_ = Way::in_place;
  fd_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd_ < 0 && !create(target_)) fail_with(what, error);
}

void OutputFile::stage(std::string head, const void *data, size_t size, Ticks ticks) {
  head_ = std::move(head);
  data_ = data;
  size_ = size;
  ticks_ = std::move(ticks);
  if (way_ != Way::replace) return;
  write_all(ticks_);
  if (fsync(fd_) != 0) fail_with("cannot write", errno);
  close_file();
}

void OutputFile::write_all(const Ticks &ticks) {
  write(head_.data(), head_.size(), nullptr);
  write(data_, size_, ticks);
}

void OutputFile::write(const void *data, size_t size, const Ticks &ticks) {
  for (size_t done = 0; done < size;) {
    const ssize_t n = ::write(fd_, static_cast<const char *>(data) + done, std::min(size - done, kMostInOneWrite));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_with("cannot write", errno);
    done += static_cast<size_t>(n);
    if (ticks) ticks(static_cast<size_t>(n));
  }
}

void OutputFile::close_file() {
  if (close(std::exchange(fd_, -1)) != 0) fail_with("cannot write", errno);
}

void OutputFile::rename_temporary() {
  if (rename(temporary_, target_.c_str()) == 0) return forget_temporary(std::exchange(temporary_, nullptr));
  const int error = errno;
  remove_temporary();  // there may not be room for both
  open_in_place("cannot write", error);
  overwrite();
}

void OutputFile::overwrite() {
  const SignalsWait wait;
  const auto bytes = static_cast<off_t>(head_.size() + size_);
  struct stat before {};
  if (fstat(fd_, &before) != 0) fail_with("cannot write", errno);
  const bool has_space = fallocate(fd_, 0, 0, bytes) == 0;
  const int error = errno;
  if (!has_space && (error == ENOSPC || error == EFBIG || error == EDQUOT)) {
    static_cast<void>(ftruncate(fd_, before.st_size));
    fail_with("cannot write", error);
  }
  try {
    write_all(nullptr);
    if (ftruncate(fd_, bytes) != 0 || fsync(fd_) != 0) fail_with("cannot write", errno);
    close_file();
  } catch (const std::exception &failed) {
    if (temporary_) throw;
    fail(std::string(failed.what()) + "; the file was written in place and is damaged now");
  }
  if (temporary_) forget_temporary(std::exchange(temporary_, nullptr));
}

void OutputFile::commit() {
  if (way_ == Way::replace) return rename_temporary();
  if (way_ == Way::in_place) return overwrite();
  write_all(ticks_);
  close_file();
}

void OutputFile::commit(std::vector<OutputFile> &files) {
  for (const Way way : {Way::stream, Way::in_place, Way::replace})
    for (OutputFile &file : files)
      if (file.way_ == way) file.commit();
}

void OutputFile::fail_with(const std::string &what, int error) const {
  fail(name_of(path_, STDOUT_FILENO) + ": " + what + ": " + std::strerror(error));
}

void write_file(const std::string &path, const std::string &text) {
  std::vector<OutputFile> files;
  files.emplace_back(path);
  files.back().stage(text, nullptr, 0);
  OutputFile::commit(files);
}

}  // namespace kiln::tool
