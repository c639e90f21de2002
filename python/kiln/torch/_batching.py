"""Batch rules of torch.vmap: one call for all examples where the operator can take them side by side, with the bits of a call
for each. Examples become channels of channel_norm, whose statistics are those of a channel or of groups of channels; samples of
local_response_norm; rows of layer_norm and rms_norm; and a dimension more of what is left. Where a parameter of a row is an
example's own, or its gradient is, each example is called by itself."""
import torch

from . import _fakes
from ._rows import Operator


class Batch:
    """The arguments of a call, of which some have a dimension of examples."""

    def __init__(self, op: Operator, call, size, in_dims, args):
        self.op, self.call, self.size, self.args = op, call, size, args
        dims = [dim if isinstance(dim, int) else None for dim in in_dims]  # of a list it is a list
        self.dims = [*dims, *[None] * (len(args) - len(dims))]

    def is_tensor(self, i):
        return hasattr(self.op.inputs[i], "role") and self.args[i] is not None

    def at(self, i, dim):
        """A tensor with its examples along dim, the same for all where it has none."""
        if self.dims[i] is not None:
            return self.args[i].movedim(self.dims[i], dim)
        shape = list(self.args[i].shape)
        shape.insert(dim, self.size)
        return self.args[i].unsqueeze(dim).expand(shape)

    def rank(self):
        """Of the input of one example."""
        place = self.op.place("input")
        return self.args[place].dim() - (self.dims[place] is not None)

    def own_parameters(self):
        """Whether a parameter, or the gradient of one, is an example's own."""
        gradients = any(self.args[i] for i, item in enumerate(self.op.inputs)
                        if item.name.startswith("needs_") and item.name != "needs_grad_input")
        return gradients or any(self.dims[i] is not None for i, item in enumerate(self.op.inputs)
                                if getattr(item, "role", "") == "parameter")

    def results(self, made, dim_of, unfold):
        """What is returned, and where each has its examples; what is not made has none."""
        made = made if isinstance(made, tuple) else (made,)
        there = [_fakes.is_made(self.op, output, self.args) for output in self.op.outputs]
        dims = tuple(dim_of(output) if is_there else None for output, is_there in zip(self.op.outputs, there))
        values = tuple(unfold(value, dim) if dim is not None else value for value, dim in zip(made, dims))
        return (values, dims) if len(values) > 1 else (values[0], dims[0])


def _one_by_one(batch):
    examples = []
    for example in range(batch.size):
        args = [arg if dim is None else arg.select(dim, example) for arg, dim in zip(batch.args, batch.dims)]
        made = batch.call(*args)
        examples.append(made if isinstance(made, tuple) else (made,))
    stacked = tuple(torch.stack(values) for values in zip(*examples))
    return (stacked, (0,) * len(stacked)) if len(stacked) > 1 else (stacked[0], 0)


def _along_front(batch, args):
    """A call that takes the examples as one dimension more."""
    args = [batch.at(i, 0) if batch.is_tensor(i) and item.role != "parameter" else args[i]
            for i, item in enumerate(batch.op.inputs)]
    return batch.results(batch.call(*args), lambda output: 0, lambda value, dim: value)


def _elementwise(batch):
    if len(batch.args) == 1:  # in the layout that it has
        return batch.call(batch.args[0]), batch.dims[0]
    return _along_front(batch, batch.args)


def _rows(batch):
    return _one_by_one(batch) if batch.own_parameters() else _along_front(batch, batch.args)


def _dimensions(batch):
    """normalize: its dimensions move by one. A number has one dimension, so that there is one to name."""
    place, rank = batch.op.place_of_type("dims"), batch.rank()
    if not rank:
        return _one_by_one(batch)
    chosen = batch.args[place] or range(rank)
    if any(not -rank <= dim < rank for dim in chosen):
        return _one_by_one(batch)  # which says what is wrong with them
    return _along_front(batch, [*batch.args[:place], [dim % rank + 1 for dim in chosen], *batch.args[place + 1:]])


def _folded(batch, dim_of):
    """A call whose dimension dim_of(tensor) has the examples of all, one behind the other."""
    args = [batch.at(i, dim_of(item)).flatten(dim_of(item), dim_of(item) + 1) if batch.is_tensor(i) else batch.args[i]
            for i, item in enumerate(batch.op.inputs)]
    if batch.op.place_of_type("integer") >= 0 and batch.op.family.startswith("channel_norm"):
        args[batch.op.place_of_type("integer")] *= batch.size
    return batch.results(batch.call(*args), dim_of, lambda value, dim: value.unflatten(
        dim, (batch.size, value.shape[dim] // batch.size)))


def _channels(batch):
    if batch.rank() < 2:
        return _one_by_one(batch)
    return _folded(batch, lambda item: 0 if item.shape == "channels" else 1)


def _samples(batch):
    return _one_by_one(batch) if batch.rank() < 3 else _folded(batch, lambda item: 0)


RULES = {"elementwise": _elementwise, "channel_norm": _channels, "row_norm": _rows, "window": _samples,
         "normalize": _dimensions}


def rule_of(op: Operator, call):
    """The function that torch.library.register_vmap takes."""
    rule = RULES[op.family.removesuffix("_backward").removesuffix("_with_statistics")]

    def batched(info, in_dims, *args, **kwargs):
        return rule(Batch(op, call, info.batch_size, in_dims, _fakes.with_defaults(call, args, kwargs)))

    return batched
