#include "npy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

#include "text.h"

namespace kiln::tool {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicSize = 6;
// The longest header that is read; one of 64 dimensions takes less than 2 KiB.
constexpr size_t kMaxHeader = 64 * 1024;
// What a pipe is given at first, in elements, whatever its header says.
constexpr int64_t kPipeChunk = int64_t{1} << 22;
// numpy puts the data at a multiple of this.
constexpr size_t kAlignment = 64;

class InputFile {
 public:
  explicit InputFile(const std::string &path)
      : path_(path.empty() ? "''" : path), fd_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) fail(path_ + ": cannot open: " + std::strerror(errno));
    if (fstat(fd_, &status_) != 0 || S_ISDIR(status_.st_mode)) {
      close(fd_);
      fail(path_ + ": is a directory, expected a .npy file");
    }
  }
  ~InputFile() { close(fd_); }
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;

  // Reads `size` bytes, or fewer where the file ends before.
  size_t read(void *to, size_t size) {
    size_t done = 0;
    while (done < size) {
      const ssize_t n = ::read(fd_, static_cast<char *>(to) + done, size - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail(path_ + ": cannot read: " + std::strerror(errno));
      if (n == 0) break;
      done += static_cast<size_t>(n);
    }
    position_ += done;
    return done;
  }

  // Whether the bytes that are left can be counted beforehand.
  bool regular() const { return S_ISREG(status_.st_mode); }
  uint64_t left() const {
    const auto size = static_cast<uint64_t>(status_.st_size);
    return size - std::min(size, position_);
  }
  const std::string &path() const { return path_; }

 private:
  std::string path_;
  int fd_;
  struct stat status_ {};
  uint64_t position_ = 0;
};

uint32_t little_endian(const unsigned char *bytes, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

NpyHeader read_header(InputFile &file) {
  unsigned char start[12];
  const size_t got = file.read(start, 8);
  if (got == 0) fail(file.path() + ": the file is empty, expected a .npy file");
  if (std::memcmp(start, kMagic, std::min(got, kMagicSize)) != 0) {
    const bool zip = got >= 4 && std::memcmp(start, "PK\3\4", 4) == 0;
    fail(file.path() + ": not a .npy file: wrong magic" + (zip ? " (this looks like a .npz archive)" : ""));
  }
  const auto truncated = [&] { fail(file.path() + ": truncated in the .npy header"); };
  if (got < 8) truncated();
  const unsigned major = start[6], minor = start[7];
  if (major < 1 || major > 3 || minor != 0)
    fail(file.path() + ": .npy format " + std::to_string(major) + "." + std::to_string(minor) +
         ", expected 1.0, 2.0 or 3.0");
  const size_t length_size = major == 1 ? 2 : 4;
  if (file.read(start + 8, length_size) < length_size) truncated();
  const size_t length = little_endian(start + 8, length_size);
  if (length > kMaxHeader)
    fail(file.path() + ": .npy header of " + std::to_string(length) + " bytes, expected at most " +
         std::to_string(kMaxHeader));
  std::string text(length, '\0');
  if (file.read(text.data(), length) < length) truncated();
  return parse_npy_header(text, file.path());
}

[[noreturn]] void wrong_size(const InputFile &file, const NpyHeader &header, const std::string &found) {
  fail(file.path() + ": shape " + tuple(header.shape) + " takes " + std::to_string(element_count(header.shape) * 4) +
       " bytes of data, found " + found);
}

Buffer allocate_for(const InputFile &file, int64_t count) {
  try {
    return allocate(count);
  } catch (const std::bad_alloc &) {
    fail("out of memory: " + file.path() + " takes " + std::to_string(count * 4) + " bytes");
  }
}

Buffer read_data(InputFile &file, const NpyHeader &header) {
  const int64_t count = element_count(header.shape);
  if (file.regular() && file.left() != static_cast<uint64_t>(count) * 4)
    wrong_size(file, header,
               std::to_string(file.left()) +
                   (file.left() < static_cast<uint64_t>(count) * 4 ? " (truncated)" : " (trailing data)"));
  int64_t capacity = file.regular() ? count : std::min(count, kPipeChunk);
  Buffer data = allocate_for(file, capacity);
  for (int64_t have = 0;;) {
    const size_t wanted = static_cast<size_t>(capacity - have) * 4;
    const size_t got = file.read(data.get() + have, wanted);
    if (got < wanted) wrong_size(file, header, std::to_string(static_cast<size_t>(have) * 4 + got) + " (truncated)");
    if (capacity == count) break;
    have = capacity;
    capacity = std::min(count, capacity * 2);
    Buffer larger = allocate_for(file, capacity);
    std::memcpy(larger.get(), data.get(), static_cast<size_t>(have) * 4);
    data = std::move(larger);
  }
  char extra;
  if (file.read(&extra, 1) != 0) wrong_size(file, header, "more (trailing data)");
  return data;
}

}  // namespace

Buffer allocate(int64_t count) {
  const size_t bytes =
      (static_cast<size_t>(std::max<int64_t>(count, 1)) * 4 + kAlignment - 1) / kAlignment * kAlignment;
  Buffer buffer(static_cast<float *>(std::aligned_alloc(kAlignment, bytes)));
  if (!buffer) throw std::bad_alloc();
  return buffer;
}

int64_t element_count(const Shape &shape) {
  int64_t spanned = 1;
  bool empty = false;
  for (int64_t extent : shape) {
    empty |= extent == 0;
    if (__builtin_mul_overflow(spanned, std::max<int64_t>(extent, 1), &spanned) || spanned > PTRDIFF_MAX / 4 - 64)
      throw std::overflow_error("the tensor does not fit the address space");
  }
  return empty ? 0 : spanned;
}

View Array::view() const {
  Shape strides;
  if (fortran_order) {
    int64_t stride = 1;
    for (int64_t extent : shape) {
      strides.push_back(stride);
      stride *= std::max<int64_t>(extent, 1);
    }
  }
  return {data.get(), shape, strides};
}

Array read_npy(const std::string &path) {
  InputFile file(path);
  Array array;
  static_cast<NpyHeader &>(array) = read_header(file);
  try {
    array.data = read_data(file, array);
  } catch (const std::overflow_error &error) {
    fail(path + ": shape " + tuple(array.shape) + " is too large: " + error.what());
  }
  return array;
}

void write_npy(const Array &array, OutputFile &file) {
  std::string header = std::string("{'descr': '<f4', 'fortran_order': ") + (array.fortran_order ? "True" : "False") +
                       ", 'shape': " + tuple(array.shape) + ", }";
  const size_t prefix = kMagicSize + 4;
  header.resize((prefix + header.size() + 1 + kAlignment - 1) / kAlignment * kAlignment - prefix - 1, ' ');
  header += '\n';
  std::string start(kMagic, kMagicSize);
  start += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  start += header;
  file.write(start.data(), start.size());
  file.write(array.data.get(), static_cast<size_t>(element_count(array.shape)) * 4);
}

}  // namespace kiln::tool
