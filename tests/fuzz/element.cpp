#include "fuzz/element.h"

#include <descriptors.h>

#include <cmath>
#include <limits>

#include "support/bits.h"

namespace kiln::fuzz {
namespace {

Element element_of(const descriptor::Element &row) {
  Element element{row.name, row.dlpack, static_cast<int64_t>(row.bytes()), nullptr, {}};
  if (element.bytes == sizeof(float)) return element;
  element.narrow = &oracle::narrow_type(row.name);
  for (int word = 0; word < 65536; ++word)
    element.values.push_back(static_cast<float>(element.narrow->value_of(static_cast<uint16_t>(word))));
  return element;
}

}  // namespace

double Element::largest() const { return narrow ? narrow->largest() : std::numeric_limits<float>::max(); }

uint32_t Element::nearest(float value) const {
  if (narrow) return narrow->nearest(static_cast<double>(value));
  return std::isnan(value) ? test::kNanBits : test::bits_of(value);
}

const std::vector<Element> &elements() {
  static const std::vector<Element> all = [] {
    std::vector<Element> made;
    for (const descriptor::Element &row : descriptor::elements()) made.push_back(element_of(row));
    return made;
  }();
  return all;
}

const Element &element_named(const std::string &name) {
  return elements()[static_cast<size_t>(&descriptor::element_named(name) - descriptor::elements().data())];
}

}  // namespace kiln::fuzz
