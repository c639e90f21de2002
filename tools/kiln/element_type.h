// The element types of .npy files: their names, and how float32 is made of them.
#ifndef KILN_TOOLS_ELEMENT_TYPE_H
#define KILN_TOOLS_ELEMENT_TYPE_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace kiln::tool {

// What a conversion to float32 did not keep, as numbers of values.
struct Losses {
  int64_t rounded = 0;   // to the nearest float32, to even where two are as near
  int64_t infinite = 0;  // beyond the largest float32
  int64_t zero = 0;      // below half of the smallest one

  // "2 values rounded, 1 became infinite"; "" where nothing was lost.
  std::string text() const;
};

struct ElementType {
  enum class Kind { real, integer, natural, boolean, brain, other };  // brain: bfloat16

  Kind kind = Kind::other;
  size_t size = 0;  // in bytes
  bool big_endian = false;
  std::string name;  // "float64", "big-endian float32"; "" for a type that is not known

  bool is_float32() const { return kind == Kind::real && size == 4 && !big_endian; }
  // Whether to_float32() takes it.
  bool converts() const { return kind != Kind::other; }
};

inline const ElementType kFloat32 = {ElementType::Kind::real, 4, false, "float32"};

// A type as numpy.dtype() takes it: '<f4', '=f4', '|f4', 'f4', 'f', 'float32', 'single'; and 'bfloat16'.
ElementType parse_type(const std::string &descr);

// Converts `count` elements that need not be aligned, and adds to `losses`. `from` may not overlap `to`.
void to_float32(const ElementType &type, const unsigned char *from, int64_t count, float *to, Losses &losses);

}  // namespace kiln::tool
#endif
