"""Gradients: of an operator by its <operator>_backward, of a gradient none."""
import functools

import jax
import jax.numpy as jnp

from ._batching import batched
from ._rows import Call
from ._table import OPERATORS

_rows = {op.name: op for op in OPERATORS}


def _measuring(call: Call):
    """The call that returns besides what its gradient takes of it: statistics, where it computes any."""
    op = _rows.get(f"{call.op.name}_with_statistics")
    if op is None or (op.written_when and not call.value(op.written_when)):
        return call
    return call._replace(op=op, present=(*call.present, *(tensor.name for tensor in op.written if tensor.role == "measured")))


def _kept(call, backward, arrays, results):
    """{name: array} of what the gradient takes. Running statistics count where they are not updated."""
    found = {**arrays, **{name: array for name, array in results.items() if name not in arrays and name != "output"}}
    names = [tensor.name for tensor in backward.read if tensor.name in found]
    return {name: found[name] for name in names if name not in call.updated}


@functools.lru_cache(maxsize=4096)
def _once(call):
    """The call where a gradient is being taken already: there is no second one, and an error is better than zeros."""

    def refuse(*_):
        raise NotImplementedError(f"kiln.jax.{call.op.forward}: Kiln has no second derivatives")

    function = jax.custom_vjp(batched(call))
    function.defvjp(refuse, refuse)
    return function


@functools.lru_cache(maxsize=4096)
def differentiable(call: Call):
    """The call as a function of the arrays that it reads, which JAX has a gradient of."""
    backward = _rows[f"{call.op.name}_backward"]
    names = [tensor.name for tensor in call.read]
    values = tuple(call.value(argument.name) for argument in backward.arguments)

    def forward(*tracked):
        """What is wanted of the gradient is told to it by the sizes of arrays of its types: JAX takes it that the tree of what
        is kept does not depend on that."""
        arrays = {name: one.value for name, one in zip(names, tracked)}
        told = {f"grad_{name}": jnp.zeros(int(one.perturbed), arrays[name].dtype) for name, one in zip(names, tracked)
                if name not in call.op.statistics}
        results = _once(_measuring(call))(*arrays.values())
        returned = {tensor.name: results[tensor.name] for tensor in call.written}
        return {**returned, **{name: results[name] for name in call.updated}}, (_kept(call, backward, arrays, results), told)

    def gradient(residuals, cotangents):
        (kept, told), grad_output = residuals, cotangents["output"]
        wanted = {name: array for name, array in told.items() if array.size}
        if not wanted or isinstance(grad_output, jax.custom_derivatives.SymbolicZero):
            return (None,) * len(names)
        arrays = {"grad_output": grad_output, **kept}
        read = [tensor.name for tensor in backward.read if tensor.name in arrays]
        types = tuple((name, str(array.dtype)) for name, array in wanted.items())
        made = _once(Call(backward, (*read, *wanted), values, call.settings, types))(*(arrays[name] for name in read))
        return tuple(made.get(f"grad_{name}") for name in names)

    function = jax.custom_vjp(batched(call))
    function.defvjp(forward, gradient, symbolic_zeros=True)
    return function
