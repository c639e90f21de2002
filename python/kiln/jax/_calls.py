"""What the functions of _functions.py share."""
import functools
import operator

import jax

from . import _settings
from ._ffi import is_array, names_of, no_array
from ._gradients import differentiable
from ._rows import Call
from ._sharding import varying_alike


def _read(reader, op, name, value, expected):
    try:
        return reader(value)
    except TypeError:
        if isinstance(value, jax.core.Tracer):
            raise  # JAX says what is wrong
        raise TypeError(f"kiln_{op}: {name}: expected {expected}, got {type(value).__name__}") from None


def index(op, name, value, expected="an integer"):
    found = _read(operator.index, op, name, value, expected)
    if not -2**63 <= found < 2**63:
        raise ValueError(f"kiln_{op}: {name}: expected an integer of 64 bits, got {value}")
    return found


def _float(value):
    if isinstance(value, (str, bytes, bytearray)):
        raise TypeError
    return float(value)


def real(op, name, value):
    return value if type(value) is float else _read(_float, op, name, value, "a number")


def real_or_none(op, name, value):
    return None if value is None else real(op, name, value)


def extents(op, name, shape):
    """A number or several, as a tuple."""
    expected = "an integer, or a tuple of integers"
    try:
        found = (shape,) if isinstance(shape, int) else tuple(shape)
    except TypeError:
        found = (shape,)
    return tuple([index(op, name, each, expected) for each in found])


def dims(op, name, dim):
    """None of them means all."""
    return () if dim is None else extents(op, name, dim)


def no_inplace(name, inplace):
    if inplace:
        raise ValueError(f"kiln.jax.{name}: inplace: expected False, as JAX's arrays are not written in place, got {inplace}")


@functools.lru_cache(maxsize=4096)
def _compiled(op, given, values, settings):
    present = [tensor.name for tensor, is_given in zip(op.read, given) if is_given]
    call = Call(op, (*present, *(tensor.name for tensor in op.written)), values, settings)

    def function(*arrays):
        made = differentiable(call)(*varying_alike(arrays))
        results = tuple(made[name] for name in names_of(call))
        return results if len(results) > 1 else results[0]

    function.__name__ = function.__qualname__ = f"kiln_{op.name}"
    return jax.jit(function)


def call(op, tensors, values):
    """Of a row, with the tensors that it reads, in its order, and its values."""
    given = tuple([tensor is not None for tensor in tensors])
    function = _compiled(op, given, values, _settings.current())
    try:
        return function(*tensors) if all(given) else function(*[tensor for tensor in tensors if tensor is not None])
    except TypeError:
        for tensor, array in zip(op.read, tensors):
            if array is not None and not is_array(array):
                raise TypeError(no_array(op.name, tensor.name, array)) from None
        raise
