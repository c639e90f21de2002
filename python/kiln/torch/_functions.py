"""Calls of PyTorch's own functions, carried out by Kiln."""
import collections
import contextlib

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from . import functional
from ._table import OPERATORS
from ._taken import takes


def _replaced():
    """PyTorch's functions, and Kiln's in their place: torch.nn.functional's, and of an activation torch's and the tensor's."""
    for op in OPERATORS:
        if op.direction != "forward":
            continue
        places = (F, torch, torch.Tensor) if op.elementwise else (F,)
        for original in {getattr(place, op.torch, None) for place in places} - {None}:
            yield original, getattr(functional, op.torch)


class functions(contextlib.ContextDecorator, TorchFunctionMode):
    """A context, or a decorator, within which calls of torch.nn.functional's functions, of torch's and of tensors' methods run
    Kiln's, by whatever module or function they are called; `counts` says how many of each did. What Kiln does not take runs as
    before: other element types and devices, other arguments than functional's, and `out` of a method. Functions that run inside
    another one of PyTorch's, as in torch.nn.LSTM, are not called by Python and stay PyTorch's."""

    _functions = dict(_replaced())

    def __init__(self):
        super().__init__()
        self.counts = collections.Counter()

    def __repr__(self):
        return f"<kiln.torch.functions: {', '.join(f'{name} {count}' for name, count in self.counts.items()) or 'no calls'}>"

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        ours = self._functions.get(function)
        if ours is None or not _fits(ours, args, kwargs):
            return function(*args, **kwargs)
        self.counts[ours.__name__] += 1
        return ours(*args, **kwargs)


def _fits(ours, args, kwargs):
    given = [value for value in (*args, *kwargs.values()) if isinstance(value, torch.Tensor)]
    if not given or not takes(args[0] if args else kwargs.get("input"), *given):
        return False
    if ours is functional.softplus:
        named = {**dict(zip(("beta", "threshold"), args[1:])), **kwargs}
        return named.get("beta", 1) == 1 and named.get("threshold", 20) == 20
    if ours is functional.normalize:  # PyTorch's has norms by name, too
        return not isinstance(args[1] if len(args) > 1 else kwargs.get("p"), str)
    return kwargs.get("out") is None
