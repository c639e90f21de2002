// How operands are walked: two or three tensors of one shape as few dimensions as they allow. PyTorch's TensorIterator
// and NumPy's nditer are the models.
#pragma once

#include "integers.h"
#include "tensor.h"

namespace kiln {

constexpr int kMostOperands = 3;

// The dimensions 0 to 63 of a tensor, a bit each.
using Dims = uint64_t;
static_assert(KILN_MAX_NDIM <= 64, "a bit each");
// Dimensions [first, last).
inline Dims dims_from_to(int first, int last) {
  const auto below = [](int n) { return n >= 64 ? ~Dims{0} : (Dims{1} << n) - 1; };
  return below(last) & ~below(first);
}

// One dimension that all operands are walked along together.
struct Axis {
  int64_t stride[kMostOperands];  // bytes
  int64_t extent;
};
constexpr Axis kSingle = {{}, 1};

// How dimensions of one kind come: in the tensor's order, for what depends on the index; or in the order of memory, the
// output's smallest stride innermost and none of its strides negative, where each index is for itself.
enum class Order { logical, memory };

// A part of the whole: samples, channels and positions [first, first + extent) at step `outer` of the other dimensions.
struct Block {
  int64_t outer, n, n_extent, c, c_extent, s, s_extent;
};

class Iteration {
 public:
  // The input, the output and, where there is one, what is read with the input.
  Array operand[kMostOperands];
  int operands = 2;
  // Innermost first: those without extent 1, neighbours of one kind joined where all operands step through them as
  // through one.
  int ndim = 0;
  Axis dim[KILN_MAX_NDIM];

  // What kernels of the forms rows, contiguous and channels_last take: positions s, channels c, samples n.
  const Axis *s = &kSingle, *c = &kSingle, *n = &kSingle;

  Iteration() = default;
  Iteration(const Tensor &input, const Tensor &output) { begin(input, output); }
  Iteration(const Tensor &input, const Tensor *second, const Tensor &output) { begin(input, output, second); }
  Iteration(const Iteration &) = delete;
  Iteration &operator=(const Iteration &) = delete;
  // Forgets all dimensions, and begins anew.
  void begin(const Tensor &input, const Tensor &output, const Tensor *second = nullptr);
  // Adds the dimensions of one kind; returns how many they are then.
  int add(Dims kind, Order order);
  // Dimension d; an axis of extent 1 where it is not below `end`.
  const Axis *axis(int d, int end) const { return d < end ? &dim[d] : &kSingle; }
  // Says that the axes cover dimensions [0, d): the rest is walked.
  void walk_from(int d) { outer_ = d; }

  int64_t count() const { return count_from(0); }
  int64_t outer_count() const { return count_from(outer_); }
  // Elements between neighbours on an axis.
  int64_t step(const Axis &axis, int k) const { return axis.stride[k] >> log2_bytes_of(operand[k].element); }
  bool adjacent(const Axis &axis) const {
    bool all = true;
    for (int k = 0; k < operands; ++k) all = all && axis.stride[k] == bytes_of(operand[k].element);
    return axis.extent <= 1 || all;
  }
  // Operand k's first element of a block.
  Array at(int k, const Block &b) const {
    Array a = operand[k];
    a.address += b.n * n->stride[k] + b.c * c->stride[k] + b.s * s->stride[k];
    int64_t rest = b.outer;
    for (int d = outer_; d < ndim && rest > 0; ++d) {
      a.address += rest % dim[d].extent * dim[d].stride[k];
      rest /= dim[d].extent;
    }
    return a;
  }
  // How much of an axis indices below 2^bits elements reach in every operand; INT64_MAX where they reach all of it. A
  // kernel's have 31 bits, for the sum over all axes: three of 29 bits make less than 2^31.
  int64_t addressable(const Axis &axis, int bits = 29) const;
  // Whether every line of the output along an axis begins where a line of the cache does.
  bool on_lines_of_cache(const Axis &along) const;
  // Whether none of an operand's elements lies before its first.
  bool forward() const;

 private:
  int64_t count_from(int first) const {
    int64_t count = 1;
    for (int d = first; d < ndim; ++d) count *= dim[d].extent;
    return count;
  }
  void insert(int first, const Axis &axis, Order order);
  void join(int first);
  const Tensor *tensors_[kMostOperands] = {};
  int outer_ = 0;
};

// How a walk is cut into blocks, which are numbered from 0 on.
struct Blocks {
  int64_t n, c, s;                 // of the whole
  int64_t n_step, c_step, s_step;  // of a block
  int64_t outer;
  int64_t count() const { return outer * ceil_div(n, n_step) * ceil_div(c, c_step) * ceil_div(s, s_step); }
  Block at(int64_t i) const {
    if (i == 0) return {0, 0, min(n_step, n), 0, min(c_step, c), 0, min(s_step, s)};
    const int64_t s_count = ceil_div(s, s_step), c_count = ceil_div(c, c_step), n_count = ceil_div(n, n_step);
    const int64_t s0 = i % s_count * s_step, c0 = i / s_count % c_count * c_step, rest = i / s_count / c_count;
    const int64_t n0 = rest % n_count * n_step;
    return {rest / n_count, n0, min(n_step, n - n0), c0, min(c_step, c - c0), s0, min(s_step, s - s0)};
  }
};

// Blocks of about `grain` values, whose indices fit a kernel's 32 bits. Positions are cut at multiples of
// `s_multiple`, at `s_limit` values at the latest; channels are left whole where `whole_channels` says so.
struct BlockRules {
  int64_t grain;
  int64_t s_multiple;
  int64_t s_limit;
  bool whole_channels;
};
// `outer` steps of the walk, n samples and c channels; as many as there are without them.
Blocks cut(const Iteration &iteration, Form form, const BlockRules &rules, int64_t outer, int64_t n, int64_t c);
Blocks cut(const Iteration &iteration, Form form, const BlockRules &rules);

}  // namespace kiln
