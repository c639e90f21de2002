#include "npy.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

#include "element_type.h"
#include "input_file.h"
#include "progress.h"
#include "text.h"

namespace kiln::tool {
namespace {

constexpr char kMagic[] = "\x93NUMPY";
constexpr size_t kMagicSize = 6;
// The longest header that numpy.load reads; one of 64 dimensions takes less than 2 KiB.
constexpr size_t kMaxHeader = 10000;
// What a pipe is given at first, in elements, whatever its header says.
constexpr int64_t kPipeChunk = int64_t{1} << 22;
// numpy puts the data at a multiple of this.
constexpr size_t kAlignment = 64;

uint32_t little_endian(const unsigned char *bytes, size_t count) {
  uint32_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

NpyHeader read_header(InputFile &file) {
  unsigned char start[12];
  const size_t got = file.read(start, 8);
  if (got == 0) fail(file.name() + ": the file is empty, expected a .npy file");
  if (std::memcmp(start, kMagic, std::min(got, kMagicSize)) != 0) {
    const bool zip = got >= 4 && std::memcmp(start, "PK\3\4", 4) == 0;
    fail(file.name() + ": not a .npy file: wrong magic" + (zip ? " (this looks like a .npz archive)" : ""));
  }
  const auto truncated = [&] { fail(file.name() + ": truncated in the .npy header"); };
  if (got < 8) truncated();
  const unsigned major = start[6], minor = start[7];
  if (major < 1 || major > 3 || minor != 0)
    fail(file.name() + ": .npy format " + std::to_string(major) + "." + std::to_string(minor) +
         ", expected 1.0, 2.0 or 3.0");
  const size_t length_size = major == 1 ? 2 : 4;
  if (file.read(start + 8, length_size) < length_size) truncated();
  const size_t length = little_endian(start + 8, length_size);
  if (length > kMaxHeader)
    fail(file.name() + ": .npy header of " + std::to_string(length) + " bytes, expected at most " +
         std::to_string(kMaxHeader));
  std::string text(length, '\0');
  if (file.read(text.data(), length) < length) truncated();
  return parse_npy_header(text, major, file.name());
}

// The type of the elements; throws where they are not taken.
ElementType type_of(const NpyHeader &header, const InputFile &file, const Reading &reading) {
  const ElementType type = parse_type(header.descr);
  const std::vector<std::string> &taken = reading.dtypes;
  if (std::find(taken.begin(), taken.end(), type.name) != taken.end()) return type;
  if (!reading.dtype.empty() && type.converts()) return type;
  const std::string quoted = "'" + header.descr + "'";
  const std::string named = type.name.empty() ? "of the unknown type " + quoted : type.name + " (" + quoted + ")";
  const std::string remedy = !reading.dtype.empty() ? ", or a type that --dtype " + reading.dtype + " converts"
                             : type.converts()      ? "; --dtype float32 converts them"
                                                    : "";
  fail(file.name() + ": elements are " + named + ", expected little-endian " + names_of_types(taken) + remedy);
}

// Reads elements of any type as those of another.
class DataReader {
 public:
  DataReader(InputFile &file, const NpyHeader &header, ElementType type, ElementType to, Progress *progress)
      : file_(file),
        header_(header),
        type_(std::move(type)),
        to_(std::move(to)),
        count_(element_count(header.shape)),
        progress_(progress),
        chunk_(type_.name == to_.name ? 0 : kChunk * type_.size) {}

  Buffer read() {
    const uint64_t bytes = static_cast<uint64_t>(count_) * type_.size;
    if (file_.regular() && file_.left() < bytes) wrong_size(std::to_string(file_.left()) + " (truncated)");
    if (file_.regular() && file_.left() > bytes) wrong_size(std::to_string(file_.left()) + " (trailing data)");
    int64_t capacity = file_.regular() ? count_ : std::min(count_, kPipeChunk);
    Buffer data = allocated(capacity);
    for (int64_t have = 0;; have = std::exchange(capacity, std::min(count_, capacity * 2))) {
      if (have > 0) data = enlarged(data.get(), have, capacity);
      fill(static_cast<char *>(data.get()) + have * to_.size, capacity - have);
      if (capacity == count_) break;
    }
    char extra;
    if (file_.read(&extra, 1) != 0) wrong_size("more (trailing data)");
    return data;
  }

  const Losses &losses() const { return losses_; }

 private:
  static constexpr int64_t kChunk = int64_t{1} << 20;  // elements between two ticks

  [[noreturn]] void wrong_size(const std::string &found) const {
    fail(file_.name() + ": shape " + tuple(header_.shape) + " takes " +
         std::to_string(static_cast<uint64_t>(count_) * type_.size) + " bytes of data, found " + found);
  }

  Buffer allocated(int64_t count) const {
    try {
      return allocate(count, to_.size);
    } catch (const std::bad_alloc &) {
      fail("out of memory: " + file_.name() + " takes " + std::to_string(static_cast<size_t>(count) * to_.size) +
           " bytes");
    }
  }

  Buffer enlarged(const void *data, int64_t count, int64_t capacity) const {
    Buffer larger = allocated(capacity);
    std::memcpy(larger.get(), data, static_cast<size_t>(count) * to_.size);
    return larger;
  }

  void fill(char *to, int64_t count) {
    while (count > 0) {
      const int64_t now = std::min(count, kChunk);
      const size_t bytes = static_cast<size_t>(now) * type_.size;
      void *raw = chunk_.empty() ? static_cast<void *>(to) : chunk_.data();
      const size_t got = file_.read(raw, bytes);
      done_ += got;
      if (got < bytes) wrong_size(std::to_string(done_) + " (truncated)");
      if (!chunk_.empty()) convert(type_, chunk_.data(), now, to_, to, losses_);
      const int64_t made = now * static_cast<int64_t>(to_.size);
      if (progress_) progress_->step(made, "reading " + file_.name());
      to += made;
      count -= now;
    }
  }

  InputFile &file_;
  const NpyHeader &header_;
  const ElementType type_, to_;  // in the file, in memory
  const int64_t count_;
  Progress *progress_;
  std::vector<unsigned char> chunk_;
  uint64_t done_ = 0;
  Losses losses_;
};

}  // namespace

Buffer allocate(int64_t count, size_t size) {
  const size_t bytes =
      (static_cast<size_t>(std::max<int64_t>(count, 1)) * size + kAlignment - 1) / kAlignment * kAlignment;
  Buffer buffer(std::aligned_alloc(kAlignment, bytes));
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
  return {type.dlpack(), data.get(), shape, strides};
}

Array read_npy(const std::string &path, Reading &reading) {
  InputFile file(path);
  Array array;
  static_cast<NpyHeader &>(array) = read_header(file);
  const ElementType type = type_of(array, file, reading);
  array.type = reading.dtype.empty() ? type : parse_type(reading.dtype);
  try {
    // What is read is written, or about as much.
    if (reading.progress) reading.progress->expect(2 * static_cast<int64_t>(array.bytes()));
    DataReader reader(file, array, type, array.type, reading.progress);
    array.data = reader.read();
    const std::string lost = reader.losses().text();
    if (!lost.empty())
      reading.notes.push_back(file.name() + ": " + type.name + " to " + array.type.name + ": of " +
                              std::to_string(element_count(array.shape)) + " values " + lost);
  } catch (const std::overflow_error &error) {
    fail(file.name() + ": shape " + tuple(array.shape) + " is too large: " + error.what());
  }
  return array;
}

void stage_npy(const Array &array, OutputFile &file, Ticks ticks) {
  std::string header = std::string("{'descr': '") + array.type.descr() +
                       "', 'fortran_order': " + (array.fortran_order ? "True" : "False") +
                       ", 'shape': " + tuple(array.shape) + ", }";
  const size_t prefix = kMagicSize + 4;
  header.resize((prefix + header.size() + 1 + kAlignment - 1) / kAlignment * kAlignment - prefix - 1, ' ');
  header += '\n';
  std::string start(kMagic, kMagicSize);
  start += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  file.stage(start + header, array.data.get(), array.bytes(), std::move(ticks));
}

}  // namespace kiln::tool
