#include "iteration.h"

#include "integers.h"

namespace kiln {

void Iteration::begin(const Tensor &input, const Tensor &output, const Tensor *second) {
  ndim = outer_ = 0;
  operands = second ? 3 : 2;
  tensors_[0] = &input;
  tensors_[1] = &output;
  tensors_[2] = second;
  for (int k = 0; k < operands; ++k) operand[k] = tensors_[k]->array;
}

int Iteration::add(Dims kind, Order order) {
  const int first = ndim;
  const Tensor &output = *tensors_[1];
  for (int d = output.ndim - 1; d >= 0; --d) {
    if (!(kind >> d & 1) || output.shape[d] == 1) continue;
    Axis axis{};
    axis.extent = output.shape[d];
    const bool turn = order == Order::memory && output.strides[d] < 0;
    for (int k = 0; k < operands; ++k) {
      axis.stride[k] = tensors_[k]->strides[d] * bytes_of(operand[k].element);
      if (!turn) continue;
      operand[k].address += (axis.extent - 1) * axis.stride[k];
      axis.stride[k] = -axis.stride[k];
    }
    insert(first, axis, order);
  }
  join(first);
  return ndim;
}

// Whether a is the inner one: by the output's stride, then by the input's.
static bool before(const Axis &a, const Axis &b) {
  if (a.stride[1] != b.stride[1]) return a.stride[1] < b.stride[1];
  return magnitude(a.stride[0]) <= magnitude(b.stride[0]);
}

void Iteration::insert(int first, const Axis &axis, Order order) {
  int at = ndim++;
  for (; order == Order::memory && at > first && !before(dim[at - 1], axis); --at) dim[at] = dim[at - 1];
  dim[at] = axis;
}

void Iteration::join(int first) {
  if (ndim == first) return;
  int last = first;
  for (int d = first + 1; d < ndim; ++d) {
    bool one = true;
    for (int k = 0; k < operands; ++k) one = one && dim[d].stride[k] == dim[last].stride[k] * dim[last].extent;
    if (one)
      dim[last].extent *= dim[d].extent;
    else
      dim[++last] = dim[d];
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

bool Iteration::on_lines_of_cache(const Axis &along) const {
  bool all = operand[1].values_to_line() == 0;
  for (int d = 0; d < ndim; ++d) all = all && (&dim[d] == &along || dim[d].stride[1] % kLineOfCache == 0);
  return all;
}

bool Iteration::forward() const {
  bool all = true;
  for (int k = 0; k < operands; ++k) all = all && span_of(*tensors_[k]).low == 0;
  return all;
}

Blocks cut(const Iteration &it, Form form, const BlockRules &rules) {
  return cut(it, form, rules, it.outer_count(), it.n->extent, it.c->extent);
}

Blocks cut(const Iteration &it, Form form, const BlockRules &rules, int64_t outer, int64_t n, int64_t c) {
  const int64_t s = it.s->extent;
  Blocks blocks{n, c, s, 1, c, s, outer};
  const auto positions = [&](int64_t wanted) {
    const int64_t limit = min(rules.s_limit, it.addressable(*it.s));
    const int64_t step = ceil_div(max(1, min(wanted, limit)), rules.s_multiple) * rules.s_multiple;
    return min(s, step > limit && step > rules.s_multiple ? step - rules.s_multiple : step);
  };
  const auto channels = [&](int64_t wanted) {
    return rules.whole_channels ? c : min(min(c, max(1, wanted)), it.addressable(*it.c));
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
    blocks.n_step = min(min(n, max(1, rules.grain / (c * s))), it.addressable(*it.n));
  return blocks;
}

}  // namespace kiln
