#include "fuzz/passed.h"

#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <utility>

#include "support/inputs.h"
#include "support/operators.h"

namespace kiln::fuzz {

using test::Extents;
using test::Layout;

namespace {
constexpr int64_t kSlot = int64_t{1} << 20;  // bytes of a tensor, with its gaps
}  // namespace

GuardedMemory &slot_of(const std::string &name) {
  static std::map<std::string, std::unique_ptr<GuardedMemory>> slots;
  std::unique_ptr<GuardedMemory> &slot = slots[name];
  if (!slot) slot = std::make_unique<GuardedMemory>(kSlot);
  return *slot;
}

// Any order in memory, gaps, some dimensions backwards; for what is only read, some of stride 0.
Layout any_layout(const Extents &shape, bool only_read, Choices &choices) {
  if (shape.empty() || choices.chance(3)) return test::dense(shape);
  if (shape.size() > 2 && choices.chance(4)) return test::channels_last(shape);
  std::vector<int> order(shape.size());
  for (size_t d = 0; d < order.size(); ++d) order[d] = static_cast<int>(d);
  for (size_t d = 0; d + 1 < order.size(); ++d)
    std::swap(order[d], order[choices.integer(static_cast<int64_t>(d), static_cast<int64_t>(order.size()) - 1)]);
  Layout layout = choices.chance(2) ? test::permuted(shape, order) : test::dense(shape);
  const int64_t gap = choices.chance(3) ? choices.integer(2, 4) : 1;
  for (int64_t &stride : layout.strides) stride *= gap;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (choices.chance(6)) layout = test::reversed(layout, static_cast<int>(d));
    if (only_read && choices.chance(10)) layout = test::broadcast(layout, static_cast<int>(d));
  }
  return layout;
}

// Float values of one tensor, by kinds that are hard for an algorithm.
std::vector<float> any_values(int64_t count, Choices &choices) {
  const uint64_t seed = choices.bits(2);
  switch (choices.integer(0, 7)) {
    case 1:
      return test::normal_values(count, seed, std::ldexp(1.0, static_cast<int>(choices.integer(0, 20))));
    case 2:
      return std::vector<float>(count, test::normal_values(1, seed)[0]);
    case 3:
      return test::normal_values(count, seed, 0, 1e-39);
    case 4:
      return test::normal_values(count, seed, 0, 1e30);
    case 5:
      return test::mixed_values(count, seed);
    case 6: {
      std::vector<float> values = test::normal_values(count, seed);
      if (count > 0) values[seed % count] = choices.one_of(test::special_values());
      return values;
    }
    default:
      return test::normal_values(count, seed);
  }
}

std::string hex(uint32_t word) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", word);
  return text;
}

std::string difference(const std::string &name, const Passed &tensor, const std::vector<uint32_t> &words,
                       const std::vector<float> &inputs) {
  const std::vector<char *> places = tensor.places();
  for (size_t i = 0; i < words.size(); ++i) {
    if (tensor.type->word(places[i]) == words[i]) continue;
    std::string text = name + ", index " + std::to_string(i) + ": expected " + hex(words[i]) + ", got " +
                       hex(tensor.type->word(places[i]));
    if (inputs.size() == words.size()) text += ", where the input is " + test::show(inputs[i]);
    return text;
  }
  return "";
}

std::vector<char *> Passed::places() const {
  const std::vector<int64_t> offsets = layout.offsets();
  std::vector<char *> places;
  places.reserve(offsets.size());
  for (int64_t offset : offsets) places.push_back(data + offset * type->bytes);
  return places;
}

std::vector<float> Passed::values() const {
  const std::vector<char *> all = places();
  std::vector<float> values(all.size());
  for (size_t i = 0; i < all.size(); ++i) values[i] = type->read(all[i]);
  return values;
}

void Passed::set(const std::vector<float> &values) {
  const std::vector<char *> all = places();
  for (size_t i = 0; i < values.size(); ++i) type->write(all[i], values[i]);
}

void Passed::place(GuardedMemory &in, const Element &of, const Layout &as, const std::vector<float> &values,
                   Choices &choices) {
  layout = as, type = &of;
  memory = &in;
  const int64_t elements = layout.high() - layout.low() + 1;
  data = memory->place(elements * of.bytes, choices.chance(2)) - layout.low() * of.bytes;
  set(values);
}

void Passed::describe(Choices &choices) {
  const int64_t before = choices.chance(5) ? choices.integer(1, 64) : 0;  // elements
  told.data = data - before * type->bytes;
  told.byte_offset = static_cast<uint64_t>(before * type->bytes);
  told.device = {kDLCPU, 0};
  told.ndim = static_cast<int32_t>(layout.shape.size());
  told.dtype = type->dlpack;
  told.shape = layout.shape.data();
  const bool plain = layout.strides == test::dense(layout.shape).strides;
  told.strides = plain && choices.chance(2) ? nullptr : layout.strides.data();
}

}  // namespace kiln::fuzz
