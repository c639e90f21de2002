"""Rules of jax.vmap: one call for all examples where the operator can take them side by side, with the bits of a call for
each. Examples become channels of batch_norm; samples of what is computed per sample, or channels where a parameter is an
example's own; rows of layer_norm and rms_norm; and a dimension more of what is left. Where a parameter of a row is an
example's own, or its gradient is, each example is called by itself."""
import functools

import jax
import jax.numpy as jnp

from ._ffi import bind
from ._rows import Call
from ._table import OPERATORS

# Normalizations whose statistics are a sample's own.
_OF_SAMPLES = {op.forward for op in OPERATORS
               for tensor in op.written if tensor.role == "measured" and tensor.shape in ("planes", "groups")}


class Batch:
    """A call for each of `size` examples: arrays by name, of which some have a first dimension of examples."""

    def __init__(self, call: Call, size, batched, arrays):
        names = [tensor.name for tensor in call.read]
        self.call, self.size = call, size
        self.arrays, self.batched = dict(zip(names, arrays)), dict(zip(names, batched))

    def at(self, name, axis):
        """An array with its examples along an axis, the same for all where it has none."""
        array = self.arrays[name]
        if self.batched[name]:
            return jnp.moveaxis(array, 0, axis)
        array = jnp.expand_dims(array, axis)
        return jnp.broadcast_to(array, (*array.shape[:axis], self.size, *array.shape[axis + 1:]))

    def rank(self):
        """Of the input of one example."""
        return self.arrays["input"].ndim - self.batched["input"]

    def own_parameters(self):
        """Whether a parameter, or the gradient of one, is an example's own."""
        return (any(tensor.role in ("parameter", "statistics") and self.batched[tensor.name] for tensor in self.call.read) or
                any(tensor.role == "result" for tensor in self.call.written))


def _one_by_one(batch):
    own = [array for name, array in batch.arrays.items() if batch.batched[name]]

    def example(of_example):
        left = iter(of_example)
        return batched(batch.call)(*(next(left) if batch.batched[name] else array for name, array in batch.arrays.items()))

    return jax.lax.map(example, own)


def _along_front(batch, values=None):
    """A call that takes the examples as one dimension more."""
    arrays = [batch.arrays[tensor.name] if tensor.role == "parameter" else batch.at(tensor.name, 0) for tensor in batch.call.read]
    call = batch.call if values is None else batch.call._replace(values=values)
    return batched(call)(*arrays)


def _rows(batch):
    return _one_by_one(batch) if batch.own_parameters() else _along_front(batch)


def _dimensions(batch):
    """normalize: its dimensions move by one. A number has one dimension, so that there is one to name."""
    place, rank = batch.call.op.place_of_type("dims"), batch.rank()
    if not rank:
        return _one_by_one(batch)
    values = list(batch.call.values)
    values[place] = tuple(dim % rank + 1 for dim in values[place] or range(rank))
    return _along_front(batch, tuple(values))


def _fold(array, axis):
    """Of an axis and the next one, one."""
    shape = array.shape
    return array.reshape(*shape[:axis], shape[axis] * shape[axis + 1], *shape[axis + 2:])


def _unfold(array, axis, size):
    """The first dimension has what was folded."""
    shape = array.shape
    return jnp.moveaxis(array.reshape(*shape[:axis], size, shape[axis] // size, *shape[axis + 1:]), axis, 0)


def _folded(batch, axis_of, values=None):
    """A call in which an array's axis axis_of(tensor) has the examples of all, one behind the other; None: it has none."""
    arrays = []
    for tensor in batch.call.read:
        axis = axis_of(tensor)
        arrays.append(batch.arrays[tensor.name] if axis is None else _fold(batch.at(tensor.name, axis), axis))
    call = batch.call if values is None else batch.call._replace(values=values)
    axes = {tensor.name: axis_of(tensor) for tensor in call.op.tensors}
    return {name: _unfold(array, axes[name], batch.size) for name, array in batched(call)(*arrays).items()}


def _channels(batch):
    call = batch.call
    if call.op.forward in _OF_SAMPLES and not batch.own_parameters() and not call.updated:
        return _folded(batch, lambda tensor: None if tensor.shape == "channels" else 0)
    values, groups = list(call.values), call.op.place_of_type("integer")
    if groups >= 0:
        values[groups] *= batch.size
    return _folded(batch, lambda tensor: 0 if tensor.shape == "channels" else 1, tuple(values))


_RULES = {"elementwise": _along_front, "channel_norm": _channels, "row_norm": _rows,
          "window": lambda batch: _folded(batch, lambda tensor: 0), "normalize": _dimensions}


@functools.lru_cache(maxsize=4096)
def batched(call: Call):
    """The call as a function of the arrays that it reads, which jax.vmap has a rule for."""

    def of_arrays(*arrays):
        return bind(call, *arrays)

    def rule(size, in_batched, *arrays):
        family = call.op.family.removesuffix("_backward").removesuffix("_with_statistics")
        made = _RULES[family](Batch(call, size, in_batched, arrays))
        return made, dict.fromkeys(made, True)

    function = jax.custom_batching.custom_vmap(of_arrays)
    function.def_vmap(rule)
    return function
