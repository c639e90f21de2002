"""A call of XLA's FFI: shapes and types of its results, what Kiln says of them, and XLA's attributes."""
import jax
import jax.numpy as jnp
import numpy as np

from . import _library, _sharding
from ._rows import Call


def names_of(call: Call):
    """Of a call's results: what is written, in the order of the row, then updated statistics."""
    return [tensor.name for tensor in call.written] + call.updated


def _shape_of(call, tensor, input):
    """Of a result. Where arguments do not fit, it need not be right: Kiln refuses these before."""
    if tensor.shape == "channels":
        return input.shape[1:2]
    if tensor.shape == "planes":
        return input.shape[:2]
    if tensor.shape == "groups":
        return (*input.shape[:1], max(call.values[call.op.place_of_type("integer")], 0))
    if tensor.shape == "input":
        return input.shape
    extents = call.values[call.op.place_of_type("extents")]
    return extents if tensor.shape == "normalized_shape" else input.shape[:max(input.ndim - len(extents), 0)]


def _dtype_of(call, tensor, input):
    """A parameter's gradient has its type."""
    return jnp.dtype("float32" if tensor.role == "measured" else dict(call.types).get(tensor.name, input.dtype))


def _results(call, arrays):
    """{name: shape and type}"""
    input = arrays["input"]
    found = {tensor.name: (_shape_of(call, tensor, input), _dtype_of(call, tensor, input)) for tensor in call.written}
    found.update({name: (arrays[name].shape, arrays[name].dtype) for name in call.updated})
    return {name: jax.ShapeDtypeStruct(*each) for name, each in found.items()}


def _check(call, arrays):
    """Raises what Kiln says of such a call. It is asked with the shapes alone, as it is traced."""
    op = call.op
    described = [_library.describe(arrays[t.name].shape, arrays[t.name].dtype) if t.name in arrays else _library.describe(None, None)
                 for t in op.tensors]
    values = [_library.value_of(argument, value) for argument, value in zip(op.arguments, call.values)]
    tensors = (_library.Tensor * len(described))(*described)
    _library.raise_refusal(_library.native.kiln_jax_check(op.name.encode(), tensors, (_library.Value * max(len(values), 1))(*values)))


ATTRIBUTES = {"boolean": np.bool_, "integer": np.int64, "real": np.float64, "extents": np.int64, "dims": np.int64}


def _attributes(call):
    """None and no dimensions are no attribute."""
    op, (threads, accuracy, isa) = call.op, call.settings
    present = sum(1 << i for i, tensor in enumerate(op.tensors) if tensor.name in call.present)
    values = {argument.name: np.array(value, ATTRIBUTES[argument.type]) if isinstance(value, tuple) else ATTRIBUTES[argument.type](value)
              for argument, value in zip(op.arguments, call.values) if value is not None and value != ()}
    return {"tensors": np.int64(present), "threads": np.int64(threads), "fast": np.bool_(accuracy == "fast"), "isa": isa, **values}


def is_array(value):
    """Or a number, which JAX makes one of."""
    return hasattr(value, "dtype") or isinstance(value, (bool, int, float, complex))


def no_array(op, name, value):
    return f"kiln_{op}: {name}: expected an array, got {type(value).__name__}"


def bind(call, *arrays):
    """{name: array} of the results. `arrays`: those that are read, in the order of the row."""
    names = [tensor.name for tensor in call.read]
    for name, array in zip(names, arrays):
        if not hasattr(array, "dtype"):
            raise TypeError(no_array(call.op.forward, name, array))
    by_name = dict(zip(names, map(jnp.asarray, arrays)))
    if "input" not in by_name:
        raise TypeError(no_array(call.op.forward, "input", None))
    results = _results(call, by_name)
    _check(call, {**results, **by_name})
    if call.op.family.startswith("elementwise"):
        return dict(zip(results, [_sharding.by_shards(lambda *shards: _custom_call(call, shards)[0], list(by_name.values()))]))
    return dict(zip(results, _custom_call(call, list(by_name.values()))))


def _custom_call(call, arrays):
    names = [tensor.name for tensor in call.read]
    results = _results(call, dict(zip(names, arrays)))
    places = list(results)
    aliases = {names.index(name): places.index(name) for name in call.updated}
    function = jax.ffi.ffi_call(f"kiln_{call.op.name}", list(results.values()), input_output_aliases=aliases)
    return _sharding.varying_alike(function(*arrays, **_attributes(call)), arrays)
