// The element types of .npy files: their names, and how those that operators take are made of the others.
#ifndef KILN_TOOLS_ELEMENT_TYPE_H
#define KILN_TOOLS_ELEMENT_TYPE_H

#include <kiln/kiln.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kiln::tool {

// What a conversion did not keep, as numbers of values.
struct Losses {
  int64_t rounded = 0;   // to the nearest number of the type, to even where two are as near
  int64_t infinite = 0;  // beyond the largest one
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

  // Whether convert() takes it.
  bool converts() const { return kind != Kind::other; }
  // Of float32, float16 and bfloat16: how DLPack and how a .npy file says it.
  DLDataType dlpack() const;
  const char *descr() const;
};

inline const ElementType kFloat32 = {ElementType::Kind::real, 4, false, "float32"};

// A type as numpy.dtype() takes it: '<f4', '=f4', '|f4', 'f4', 'f', 'float32', 'single'; and bfloat16, by that name or
// as NumPy writes ml_dtypes' type, '<V2'.
ElementType parse_type(const std::string &descr);

// "float32 ('<f4'), float16 ('<f2') or bfloat16 ('<V2')", of their names.
std::string names_of_types(const std::vector<std::string> &dtypes);

// Converts `count` elements that need not be aligned to float32, float16 or bfloat16, with one rounding, and adds to
// `losses`. `from` may not overlap `to`.
void convert(const ElementType &type, const unsigned char *from, int64_t count, const ElementType &to_type, void *to,
             Losses &losses);

}  // namespace kiln::tool
#endif
