#include "iteration.h"

#include "integers.h"

namespace kiln {

void Iteration::begin(const Tensor *input, const Tensor &output) {
  operands = ndim = outer_ = 0;
  const Tensor *const all[] = {input, &output};
  for (const Tensor *t : all)
    if (t) tensors_[operands] = t, operand[operands++] = t->array;
}

int Iteration::add(Dims kind, Order order) {
  const int first = ndim;
  const Tensor &last = *tensors_[operands - 1];
  for (int d = last.ndim - 1; d >= 0; --d) {
    const int64_t count = last.shape[d];
    if (!(kind >> d & 1) || count == 1) continue;
    int64_t strides[kMostOperands] = {};
    const bool turn = order == Order::memory && last.strides[d] < 0;
    for (int k = 0; k < operands; ++k) {
      strides[k] = tensors_[k]->strides[d] * bytes_of(operand[k].element);
      if (!turn) continue;
      operand[k].address += (count - 1) * strides[k];
      strides[k] = -strides[k];
    }
    insert(first, count, strides, order);
  }
  join(first);
  return ndim;
}

void Iteration::insert(int first, int64_t count, const int64_t (&strides)[kMostOperands], Order order) {
  int at = ndim++;
  const int last = operands - 1;
  for (; order == Order::memory && at > first; --at) {
    const int64_t here = stride[last][at - 1];
    if (here < strides[last] || (here == strides[last] && magnitude(stride[0][at - 1]) <= magnitude(strides[0]))) break;
    extent[at] = extent[at - 1];
    for (int k = 0; k < operands; ++k) stride[k][at] = stride[k][at - 1];
  }
  extent[at] = count;
  for (int k = 0; k < operands; ++k) stride[k][at] = strides[k];
}

void Iteration::join(int first) {
  if (ndim == first) return;
  int last = first;
  for (int d = first + 1; d < ndim; ++d) {
    bool one = true;
    for (int k = 0; k < operands; ++k) one = one && stride[k][d] == stride[k][last] * extent[last];
    if (one) {
      extent[last] *= extent[d];
      continue;
    }
    extent[++last] = extent[d];
    for (int k = 0; k < operands; ++k) stride[k][last] = stride[k][d];
  }
  ndim = last + 1;
}

int64_t Iteration::addressable(const Axis &axis, int bits) const {
  const int64_t limit = (int64_t{1} << bits) - 1;
  int64_t most = 1;
  for (int k = 0; k < operands; ++k) most = max(most, magnitude(step(axis, k)));
  if (axis.extent <= limit && most <= limit && axis.extent * most <= limit) return INT64_MAX;
  return 1 + limit / most;
}

bool Iteration::forward() const {
  for (int k = 0; k < operands; ++k)
    if (span_of(*tensors_[k]).low < 0) return false;
  return true;
}

Blocks cut(const Iteration &it, Form form, const BlockRules &rules) {
  return cut(it, form, rules, it.outer_count(), it.n.extent, it.c.extent);
}

Blocks cut(const Iteration &it, Form form, const BlockRules &rules, int64_t outer, int64_t n, int64_t c) {
  const int64_t s = it.s.extent;
  Blocks blocks{n, c, s, 1, c, s, outer};
  const auto positions = [&](int64_t wanted) {
    const int64_t limit = min(rules.s_limit, it.addressable(it.s));
    const int64_t step = ceil_div(max(1, min(wanted, limit)), rules.s_multiple) * rules.s_multiple;
    return min(s, step > limit && step > rules.s_multiple ? step - rules.s_multiple : step);
  };
  const auto channels = [&](int64_t wanted) {
    return rules.whole_channels ? c : min(min(c, max(1, wanted)), it.addressable(it.c));
  };
  if (form == Form::channels_last) {  // lines of all channels
    blocks.c_step = channels(rules.grain);
    blocks.s_step = positions(rules.grain / blocks.c_step);
    if (blocks.s_step == s && !rules.whole_channels)
      blocks.c_step = min(blocks.c_step, max(64, rules.grain / s / 64 * 64));
  } else {  // whole planes, then pieces of them
    blocks.s_step = positions(rules.whole_channels ? rules.grain / max(1, c) : rules.grain);
    blocks.c_step = channels(rules.grain / blocks.s_step);
  }
  if (blocks.c_step == c && blocks.s_step == s)
    blocks.n_step = min(min(n, max(1, rules.grain / (c * s))), it.addressable(it.n));
  return blocks;
}

}  // namespace kiln
