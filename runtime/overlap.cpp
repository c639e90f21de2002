#include "overlap.h"

#include <string.h>

#include "iteration.h"
#include "status.h"

namespace kiln {
namespace {

// Overlap is a bounded Diophantine question: is there an integer point with sum(step[k] * x[k]) = goal and
// low[k] <= x[k] <= high[k]? NumPy's solve_may_share_memory asks the same. Steps are positive and descending, so that
// what the smaller ones can still reach bounds the choice of each; for nested strides that leaves a choice or two.
struct Question {
  struct Term {
    int64_t step, low, high;
  };
  Term terms[2 * KILN_MAX_NDIM];
  int count = 0;
  // Past this many choices the answer is "perhaps", which is taken for yes. Strides that come from slicing, permuting
  // and reshaping need a few dozen.
  int64_t budget = 100000;

  void add(int64_t stride, int64_t low, int64_t high) {
    if (stride == 0 || (low == 0 && high == 0)) return;
    if (stride < 0) {
      stride = -stride;
      const int64_t flipped = -high;
      high = -low;
      low = flipped;
    }
    int at = count;
    while (at > 0 && terms[at - 1].step < stride) --at;
    if (at > 0 && terms[at - 1].step == stride) {
      terms[at - 1].low += low;
      terms[at - 1].high += high;
      return;
    }
    for (int k = count; k > at; --k) terms[k] = terms[k - 1];
    terms[at] = {stride, low, high};
    ++count;
  }

  using Wide = __int128;
  static Wide floor_div(Wide a, int64_t b) { return a / b - (a % b != 0 && a < 0); }

  bool solvable(Wide goal, int k = 0) {
    if (k == count) return goal == 0;
    if (--budget < 0) return true;
    Wide rest_low = 0, rest_high = 0;
    for (int j = k + 1; j < count; ++j) {
      rest_low += static_cast<Wide>(terms[j].step) * terms[j].low;
      rest_high += static_cast<Wide>(terms[j].step) * terms[j].high;
    }
    const Term &t = terms[k];
    Wide first = -floor_div(rest_high - goal, t.step), last = floor_div(goal - rest_low, t.step);
    if (first < t.low) first = t.low;
    if (last > t.high) last = t.high;
    for (Wide x = first; x <= last; ++x)
      if (solvable(goal - x * t.step, k + 1)) return true;
    return false;
  }
};

bool same_view(const Tensor &a, const Tensor &b) {
  return a.array.same_place(b.array) && a.array.element == b.array.element && a.ndim == b.ndim &&
         memcmp(a.shape, b.shape, a.ndim * sizeof a.shape[0]) == 0 &&
         memcmp(a.strides, b.strides, a.ndim * sizeof a.strides[0]) == 0;
}

// Whether a byte of one is a byte of the other: elements that begin at a and b overlap where -bytes(b) < b - a <
// bytes(a).
bool share_memory(const Tensor &a, const Tensor &b) {
  if (!spans_meet(a, b)) return false;
  const int a_bytes = bytes_of(a.array.element), b_bytes = bytes_of(b.array.element);
  Question question;
  for (int d = 0; d < a.ndim; ++d) question.add(a.strides[d] * a_bytes, 0, a.shape[d] - 1);
  for (int d = 0; d < b.ndim; ++d) question.add(b.strides[d] * b_bytes, 1 - b.shape[d], 0);
  // Elements are aligned: they overlap where the distance is a multiple of the smaller one's size.
  const int step = a_bytes < b_bytes ? a_bytes : b_bytes;
  for (int shift = step - b_bytes; shift < a_bytes; shift += step)
    if (question.solvable(b.array.address - a.array.address - shift)) return true;
  return false;
}

// Whether strides are nested, as those of dense tensors of any dimension order: from the smallest on, each is more than
// the reach of those before it. That answers at once for most.
bool nested(const Iteration &it) {
  int64_t reach = 0;
  for (int d = 0; d < it.ndim; ++d) {
    if (it.dim[d].stride[0] <= reach) return false;
    reach += (it.dim[d].extent - 1) * it.dim[d].stride[0];
  }
  return true;
}

// Two indices that name one element differ first in some dimension k; take the difference as positive there.
bool shares_elements(const Iteration &it) {
  for (int k = 0; k < it.ndim; ++k) {
    const int64_t stride = it.dim[k].stride[0];
    if (stride == 0) return true;
    Question question;
    question.add(stride, 0, it.dim[k].extent - 2);
    for (int d = k + 1; d < it.ndim; ++d) question.add(it.dim[d].stride[0], 1 - it.dim[d].extent, it.dim[d].extent - 1);
    if (question.solvable(-static_cast<Question::Wide>(stride))) return true;
  }
  return false;
}

}  // namespace

kiln_status search_overlap(const char *input_name, const Tensor &input, const char *output_name, const Tensor &output,
                           bool in_place_allowed) {
  if (in_place_allowed && same_view(input, output)) return KILN_STATUS_OK;
  if (!share_memory(input, output)) return KILN_STATUS_OK;
  return invalid("%s: expected memory that %s does not share%s, got one that overlaps it: %s at %p over %s at %p",
                 output_name, input_name,
                 in_place_allowed ? " (or the same data, shape and strides, for in place)" : "", ShapeText(output).text,
                 static_cast<void *>(output.array.pointer()), ShapeText(input).text,
                 static_cast<void *>(input.array.pointer()));
}

kiln_status expect_apart(const char *written_name, const Tensor &written, const char *name, const Tensor &tensor) {
  if (!share_memory(written, tensor)) return KILN_STATUS_OK;
  return invalid("%s: expected memory that %s does not share, got one that overlaps it", written_name, name);
}

kiln_status search_shared_elements(const char *name, const Tensor &output) {
  Iteration it(output, output);
  it.add(dims_from_to(0, output.ndim), Order::memory);
  if (nested(it) || !shares_elements(it)) return KILN_STATUS_OK;
  return fail(
      KILN_STATUS_INVALID_ARGUMENT,
      "%s: expected strides under which every element has memory of its own, got ones that share it, for shape %s",
      name, ShapeText(output).text);
}

}  // namespace kiln
