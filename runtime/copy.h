// Walks of any strides, element by element: copies, and elementwise operators on what is not one run of memory.
#pragma once

#include "executor.h"
#include "tiles.h"

namespace kiln {

// One thread's share is some lines or tiles. The memory has what a small stack has no room for.
kiln_status copy_on_host(const Executor &executor, const Tensor &from, const Tensor &to, void *memory);
// The bytes of that memory, for so many workers.
int64_t bytes_for_copies(int workers);

// A block of positions, channels and samples, [s][c][n] with steps in elements, in this thread. `memory`, at a multiple
// of 8 bytes, has room for so many float32: a small stack has none for a walk and its tiles.
constexpr int64_t kValuesForCopyBlock = Tiles::kMost + int64_t{sizeof(Iteration) + sizeof(Tiles)} / 4;
void copy_block(const Array &from, const int64_t (&from_steps)[3], const Array &to, const int64_t (&to_steps)[3],
                const int64_t (&extents)[3], char *memory);

// A walk in boxes: up to four dimensions in one call of a kernel, the rest one call after another.
class Boxes {
 public:
  static constexpr int kMost = 4;
  // `dimensions` of the first ones in one call, about `grain` elements, whose indices fit 32 bits.
  Boxes(const Iteration &iteration, int dimensions, int64_t grain);
  int64_t count() const { return count_; }
  int64_t elements() const { return elements_; }  // of a whole box

  // Operand k's part of a box.
  struct Part {
    Array first;
    int64_t extent[kMost], stride[kMost];  // elements
  };
  Part part(int64_t box, int k) const;

 private:
  const Iteration &it_;
  int dimensions_;
  int64_t extent_[KILN_MAX_NDIM];
  int64_t count_ = 1, elements_ = 1;
};

// An elementwise kernel of the form strided, (input, offset, output), on a device; a gradient's with what it reads
// beside the input and its offset before the output.
kiln_status map_strided_on_device(const Executor &executor, const Stage &kernel, const Iteration &iteration);

}  // namespace kiln
