#include "tiles.h"

#include <string.h>

#include "integers.h"

namespace kiln {
namespace {

constexpr int64_t kSide = 32;       // of a tile that turns a matrix
constexpr int64_t kLongLine = 128;  // elements
constexpr int64_t kFew = 16;        // elements: those of a cache's line

// Some values as one word: what is written in fours is read again in fours, or one by one, without waiting until it has
// reached the cache.
template <class Value, int count>
using Word __attribute__((vector_size(count * sizeof(Value)))) = Value;

template <class Item>
void copy_items(const char *from, int64_t from_step, char *to, int64_t to_step, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    Item item;
    memcpy(&item, from + i * from_step, sizeof item);
    memcpy(to + i * to_step, &item, sizeof item);
  }
}

template <class Value>
void copy_line(const char *from, int64_t from_step, char *to, int64_t to_step, int64_t count) {
  using Four = Word<Value, 4>;
  constexpr int64_t kValue = sizeof(Value), kFour = sizeof(Four);
  int64_t done = 0;
  if (from_step == kValue && to_step == kValue) {
    copy_items<Four>(from, kFour, to, kFour, count / 4);
    done = count / 4 * 4;
  }
  copy_items<Value>(from + done * from_step, from_step, to + done * to_step, to_step, count - done);
}

// Asks for the lines of a cache that begin or end a step.
class Prefetch {
 public:
  void operator()(const char *first, const char *last) {
    for (const char *at : {first, last}) {
      const intptr_t address = reinterpret_cast<intptr_t>(at);
      if (magnitude(address - last_) < kLineOfCache) continue;
      __builtin_prefetch(at, 0, 2);
      asm volatile("");  // a function that does nothing else would be removed as one without effects
      last_ = address;
    }
  }

 private:
  intptr_t last_ = 0;
};

}  // namespace

bool Tiles::suit(const Iteration &it) {
  return it.ndim > 0 && !(it.adjacent(it.dim[0]) && it.dim[0].extent >= kLongLine);
}

Tiles::Tiles(const Iteration &it) : it_(it) {
  for (int d = 0; d < it.ndim; ++d) extent_[d] = 1;
  const int first = smallest(0);
  if (first == smallest(1)) {
    inner_ = along(1, kMost, -1);
  } else {
    const Line side = along(1, kSide, first);
    across_ = along(0, max(kSide, kMost / side.whole()), -1);
    for (int d = 0; d < it.ndim; ++d)
      if (side.dims >> d & 1) taken_[d] = false, extent_[d] = 1;
    inner_ = along(1, kMost / across_.whole(), first);
  }
  order_steps();
}

// The smallest steps in either operand by turns: a page of memory is then left for another one when more of it has been
// used than a tile's part, in both operands.
void Tiles::order_steps() {
  int left[KILN_MAX_NDIM], count = 0;
  for (int d = 0; d < it_.ndim; ++d)
    if (it_.dim[d].extent > extent_[d]) left[count++] = d;
  for (int k = 1; count > 0; k = 1 - k) {
    const auto bytes = [&](int d) { return magnitude(it_.dim[d].stride[k]) * extent_[d]; };
    int next = 0;
    for (int i = 1; i < count; ++i)
      if (bytes(left[i]) < bytes(left[next])) next = i;
    const int d = left[next];
    left[next] = left[--count];
    steps_[step_count_++] = {d, ceil_div(it_.dim[d].extent, extent_[d])};
    count_ *= steps_[step_count_ - 1].count;
  }
}

// Of the dimensions that are left, the one with the smallest steps through an operand; -1 where there is none.
int Tiles::smallest(int operand) const {
  int found = -1;
  for (int d = 0; d < it_.ndim; ++d)
    if (!taken_[d] && (found < 0 || magnitude(it_.dim[d].stride[operand]) < magnitude(it_.dim[found].stride[operand])))
      found = d;
  return found;
}

// Adds dimension d, or as much of it as makes no more than `most` elements.
void Tiles::take(Line *line, int d, int64_t most) {
  const Axis &axis = it_.dim[d];
  const bool first = line->whole() == 1;
  const int64_t room = first ? most : min(most / line->whole(), kPieces / line->pieces);
  if (room < 2) return;
  const int64_t extent = ceil_div(axis.extent, ceil_div(axis.extent, room));
  taken_[d] = true;
  line->dims |= dims_from_to(d, d + 1);
  extent_[d] = extent;
  if (extent < axis.extent) line->cut = d;
  if (first) {
    line->run = extent;
    for (int k = 0; k < it_.operands; ++k) line->step[k] = axis.stride[k];
    return;
  }
  for (int64_t i = line->pieces; i < extent * line->pieces; ++i)
    for (int k = 0; k < it_.operands; ++k)
      line->offset[i][k] = line->offset[i % line->pieces][k] + i / line->pieces * axis.stride[k];
  line->pieces *= extent;
}

// The dimensions that are left with the smallest strides in an operand, up to `end`.
Tiles::Line Tiles::along(int operand, int64_t most, int end) {
  Line line;
  for (int next; line.cut < 0 && (next = smallest(operand)) >= 0 && next != end;) {
    take(&line, next, most);
    if (!taken_[next]) break;
  }
  return line;
}

Tiles::Part Tiles::part(int64_t tile) const {
  Part part{{}, {inner_.run, inner_.pieces}, {across_.run, across_.pieces}};
  for (int k = 0; k < it_.operands; ++k) part.first[k] = it_.operand[k].pointer();
  for (int i = 0; i < step_count_; ++i) {
    const int d = steps_[i].d;
    const int64_t first = tile % steps_[i].count * extent_[d];
    tile /= steps_[i].count;
    for (int k = 0; k < it_.operands; ++k) part.first[k] += first * it_.dim[d].stride[k];
    const int64_t left = it_.dim[d].extent - first;
    if (left >= extent_[d]) continue;
    Extent &extent = inner_.cut == d ? part.inner : part.across;  // ends the dimension that is cut
    if (extent.pieces == 1)
      extent.run = left;
    else
      extent.pieces = extent.pieces / extent_[d] * left;
  }
  return part;
}

// Asks for all lines of a cache that a tile takes: one after another they would take the memory's latency each. Few
// elements are not worth it.
void Tiles::fetch(const Part &p) const {
  if (inner_.whole() < kFew || across_.whole() < kFew) return;
  Prefetch prefetch;
  const auto lines = [&](int k, const Line &over, const Extent &count, const Line &along, const Extent &length) {
    const int64_t side_by_side = max(1, kFew / along.run);  // pieces that are likely to be one line
    for (int64_t i = 0; i < count.pieces; ++i)
      for (int64_t j = 0; j < count.run; ++j)
        for (int64_t a = 0; a < length.pieces; a += side_by_side) {
          const char *at = p.first[k] + over.offset[i][k] + j * over.step[k] + along.offset[a][k];
          prefetch(at, at + (length.run - 1) * along.step[k]);
        }
  };
  for (int k = 0; k < it_.operands; k += 2) lines(k, inner_, p.inner, across_, p.across);
  lines(1, across_, p.across, inner_, p.inner);
}

int64_t Tiles::read(int64_t tile, char *values) const {
  const Part p = part(tile);
  if (across_.whole() > 1 && tile + 1 < count_) fetch(part(tile + 1));
  read_operand(p, 0, values);
  return p.inner.size() * p.across.size();
}

void Tiles::read_second(int64_t tile, char *values) const { read_operand(part(tile), 2, values); }

void Tiles::read_operand(const Part &p, int k, char *values) const {
  if (bytes_of(it_.operand[k].element) == 2)
    read_part(p, k, reinterpret_cast<uint16_t *>(values));
  else
    read_part(p, k, reinterpret_cast<uint32_t *>(values));
}

template <class Value>
void Tiles::read_part(const Part &p, int k, Value *values) const {
  if (across_.whole() > 1) return turn(p, k, values);
  for (int64_t i = 0; i < p.inner.pieces; ++i, values += p.inner.run)
    copy_line<Value>(p.first[k] + inner_.offset[i][k], inner_.step[k], reinterpret_cast<char *>(values), sizeof(Value),
                     p.inner.run);
}

// Reads along the input, some of its lines at a time.
template <class Value>
void Tiles::turn(const Part &p, int k, Value *values) const {
  const int64_t lines = p.inner.size();
  int64_t j = 0;
  for (; j + 4 <= lines; j += 4) turn_lines<Value, 4>(p, k, j, values + j);
  for (; j < lines; ++j) turn_lines<Value, 1>(p, k, j, values + j);
}

template <class Value, int count>
void Tiles::turn_lines(const Part &p, int k, int64_t first, Value *to) const {
  const int64_t lines = p.inner.size();
  const char *from[count];
  for (int64_t l = 0, j = first; l < count; ++l, ++j)
    from[l] = p.first[k] + inner_.offset[j / inner_.run][k] + j % inner_.run * inner_.step[k];
  for (int64_t a = 0; a < p.across.pieces; ++a)
    for (int64_t i = 0; i < p.across.run; ++i, to += lines) {
      const int64_t at = across_.offset[a][k] + i * across_.step[k];
      Word<Value, count> word;
      for (int64_t l = 0; l < count; ++l) {
        Value value;
        memcpy(&value, from[l] + at, sizeof value);
        word[l] = value;
      }
      memcpy(to, &word, sizeof word);
    }
}

void Tiles::write(int64_t tile, const char *values) const {
  const Part p = part(tile);
  if (bytes_of(it_.operand[1].element) == 2)
    write_part(p, reinterpret_cast<const uint16_t *>(values));
  else
    write_part(p, reinterpret_cast<const uint32_t *>(values));
}

template <class Value>
void Tiles::write_part(const Part &p, const Value *values) const {
  for (int64_t a = 0; a < p.across.pieces; ++a)
    for (int64_t j = 0; j < p.across.run; ++j)
      for (int64_t i = 0; i < p.inner.pieces; ++i, values += p.inner.run)
        copy_line<Value>(reinterpret_cast<const char *>(values), sizeof(Value),
                         p.first[1] + across_.offset[a][1] + j * across_.step[1] + inner_.offset[i][1], inner_.step[1],
                         p.inner.run);
}

}  // namespace kiln
