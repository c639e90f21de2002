// NumPy's .npy files: formats 1.0, 2.0 and 3.0 are read, as numpy.load does, 1.0 is written.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#ifndef KILN_TOOLS_NPY_H
#define KILN_TOOLS_NPY_H

#include <cstdlib>
#include <kiln/kiln.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "element_type.h"
#include "output_file.h"

namespace kiln::tool {

class Progress;

struct Free {
  void operator()(void *p) const noexcept { std::free(p); }
};
// `count` elements of some bytes, uninitialized, at a multiple of 64 bytes; throws std::bad_alloc.
using Buffer = std::unique_ptr<void, Free>;
Buffer allocate(int64_t count, size_t size = sizeof(float));

// The product of the extents; throws std::overflow_error where the tensor, or what is left of it without its empty
// dimensions (strides are computed from those), would not fit the address space.
int64_t element_count(const Shape &shape);

// What the header of a file says.
struct NpyHeader {
  Shape shape;
  bool fortran_order = false;  // column-major: the first dimension is the one that lies dense
  std::string descr = "<f4";   // the type of the elements, as NumPy writes it; "" for structures
};

struct Array : NpyHeader {
  Buffer data;
  ElementType type = kFloat32;  // of what is in memory: float32, float16 or bfloat16

  float *floats() const { return static_cast<float *>(data.get()); }
  size_t bytes() const { return static_cast<size_t>(element_count(shape)) * type.size; }
  // With the file's memory order.
  View view() const;
};

// The Python dictionary that follows the magic, version and length; `name` begins the message of what it throws.
NpyHeader parse_npy_header(std::string_view text, unsigned major_version, const std::string &name);

// How files are read.
struct Reading {
  std::vector<std::string> dtypes = {"float32"};  // that are taken as they are
  std::string dtype;               // of these, what all files are converted to; empty: others are refused
  std::vector<std::string> notes;  // what conversions lost, a line a file
  Progress *progress = nullptr;
};

// Reads the file straight into the array's memory; "-" is standard input. A header that promises more than the file
// holds is found before anything is allocated for it; a pipe's promise is believed as far as data comes.
Array read_npy(const std::string &path, Reading &reading);

// Has `file` hold the array, which stays as it is until the commit.
void stage_npy(const Array &array, OutputFile &file, Ticks ticks = nullptr);

}  // namespace kiln::tool
#endif
