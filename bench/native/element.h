// How values of a case become elements of its type.
#pragma once

#include <descriptors.h>

#include <cstdint>

namespace kiln::bench {

// Numbers of a type that its kernels may have a way of their own for: beyond what products bear, below the least normal
// number, and beside values around 1.
struct Extremes {
  float huge, subnormal, outlier;
};

// A type of elements.def as the harness writes it.
class Element {
 public:
  // An Error where the harness cannot write it.
  explicit Element(const descriptor::Element &row);

  size_t bytes() const { return row->bytes(); }
  DLDataType dlpack() const { return row->dlpack; }
  bool is(const char *name) const { return row->name == name; }
  // The nearest number at an index.
  void set(void *elements, int64_t index, float value) const;
  const Extremes &extremes() const;

 private:
  const descriptor::Element *row;
  const struct Narrow *narrow;  // of types of 16 bits
};

}  // namespace kiln::bench
