"""What the functions of _functions.py share."""
import functools
import operator

import jax

from . import _settings
from ._ffi import names_of
from ._gradients import differentiable
from ._rows import Call

index, real = operator.index, float


def may_be_none(read, value):
    return None if value is None else read(value)


def extents(shape):
    """A number or several, as a tuple."""
    return (index(shape),) if hasattr(shape, "__index__") else tuple(map(index, shape))


def dims(dim):
    """None of them means all."""
    return () if dim is None else extents(dim)


def no_inplace(name, inplace):
    if inplace:
        raise ValueError(f"kiln.jax.{name}: inplace: expected False, as JAX's arrays are not written in place, got {inplace}")


@functools.lru_cache(maxsize=4096)
def _compiled(op, given, values, settings):
    present = [tensor.name for tensor, is_given in zip(op.read, given) if is_given]
    call = Call(op, (*present, *(tensor.name for tensor in op.written)), values, settings)

    def function(*arrays):
        made = differentiable(call)(*arrays)
        results = tuple(made[name] for name in names_of(call))
        return results if len(results) > 1 else results[0]

    function.__name__ = function.__qualname__ = f"kiln_{op.name}"
    return jax.jit(function)


def call(op, tensors, values):
    """Of a row, with the tensors that it reads, in its order, and its values."""
    given = tuple([tensor is not None for tensor in tensors])
    function = _compiled(op, given, values, _settings.current())
    return function(*tensors) if all(given) else function(*[tensor for tensor in tensors if tensor is not None])
