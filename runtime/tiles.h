// A walk on the host, of any element type and strides, in tiles that fit a first-level cache: each is read into dense
// memory along the input and written from there along the output, so that whole lines of a cache are used on both
// sides.
#pragma once

#include "iteration.h"

namespace kiln {

class Tiles {
 public:
  static constexpr int64_t kMost = 1024;  // elements of a tile
  explicit Tiles(const Iteration &iteration);
  // Whether the iteration gains by tiles: it has no long lines that are adjacent in both operands.
  static bool suit(const Iteration &iteration);

  int64_t count() const { return count_; }
  // Tiles that are worth a task of their own.
  int64_t together() const { return max(1, kTask / (inner_.whole() * across_.whole())); }
  // A tile's elements of operand 0, in the order of operand 1; returns how many they are.
  int64_t read(int64_t tile, char *values) const;
  // The same of operand 2.
  void read_second(int64_t tile, char *values) const;
  // To operand 1.
  void write(int64_t tile, const char *values) const;

 private:
  static constexpr int64_t kTask = int64_t{1} << 15, kPieces = 64;

  // Some dimensions as one: pieces of elements a single step apart.
  struct Line {
    int64_t run = 1, pieces = 1;  // elements of a piece
    int64_t step[kMostOperands] = {};
    int64_t offset[kPieces][kMostOperands] = {};  // bytes; the dimension that is cut, if one is, is the outermost
    int cut = -1;
    Dims dims = 0;
    int64_t whole() const { return run * pieces; }
  };
  // Of a tile: a line's run and pieces, fewer at the end of the dimension that is cut.
  struct Extent {
    int64_t run, pieces;
    int64_t size() const { return run * pieces; }
  };
  struct Part {
    char *first[kMostOperands];
    Extent inner, across;
  };

  // A step from tile to tile: along a dimension, a number of times.
  struct Step {
    int d;
    int64_t count;
  };

  void take(Line *line, int d, int64_t most);
  int smallest(int operand) const;
  Line along(int operand, int64_t most, int end);
  void order_steps();
  Part part(int64_t tile) const;
  void fetch(const Part &part) const;
  // Value: an element's bytes as an unsigned integer.
  [[gnu::noinline, gnu::noclone]] void read_operand(const Part &part, int k,
                                                    char *values) const;  // there once: it is large
  template <class Value>
  void read_part(const Part &part, int k, Value *values) const;
  template <class Value>
  void write_part(const Part &part, const Value *values) const;
  template <class Value>
  void turn(const Part &part, int k, Value *values) const;
  template <class Value, int lines>
  void turn_lines(const Part &part, int k, int64_t first, Value *to) const;

  const Iteration &it_;
  int64_t extent_[KILN_MAX_NDIM];  // indices of a dimension in one tile
  bool taken_[KILN_MAX_NDIM] = {};
  Line inner_, across_;
  Step steps_[KILN_MAX_NDIM];  // from the innermost one on
  int step_count_ = 0;
  int64_t count_ = 1;
};

}  // namespace kiln
