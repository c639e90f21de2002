#include "element.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "case.h"

namespace kiln::bench {

// Types of 16 bits have float32's fields with fewer bits: `scale` brings the exponents together, `shift` drops the
// rest.
struct Narrow {
  const char *name;
  float scale;
  int shift;
  uint16_t infinity, nan;
  Extremes extremes;
};

namespace {

constexpr Extremes kOfFloat32 = {1e30f, 1e-40f, 1e6f};
constexpr Narrow kNarrow[] = {{"float16", 0x1p-112f, 13, 0x7c00, 0x7e00, {1e4f, 1e-5f, 1e4f}},
                              {"bfloat16", 1, 16, 0x7f80, 0x7fc0, kOfFloat32}};

uint16_t nearest(const Narrow &narrow, float value) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  if (std::isnan(value)) return narrow.nan;
  const float magnitude = std::fabs(value) * narrow.scale;
  uint32_t bits;
  std::memcpy(&bits, &magnitude, sizeof bits);
  const uint32_t rounded = (bits + (1u << (narrow.shift - 1)) - 1 + (bits >> narrow.shift & 1)) >> narrow.shift;
  return sign | static_cast<uint16_t>(std::min<uint32_t>(rounded, narrow.infinity));
}

}  // namespace

Element::Element(const descriptor::Element &element) : row(&element) {
  const auto *found =
      std::find_if(std::begin(kNarrow), std::end(kNarrow), [&](const Narrow &n) { return element.name == n.name; });
  narrow = found == std::end(kNarrow) ? nullptr : found;
  if (!narrow && !is("float32")) throw Error("dtype: bench/native/element.cpp has no " + element.name);
}

void Element::set(void *elements, int64_t index, float value) const {
  if (narrow)
    static_cast<uint16_t *>(elements)[index] = nearest(*narrow, value);
  else
    static_cast<float *>(elements)[index] = value;
}

const Extremes &Element::extremes() const { return narrow ? narrow->extremes : kOfFloat32; }

}  // namespace kiln::bench
