"""Calls of PyTorch's own functions, carried out by Kiln."""
import collections

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from . import functional
from ._table import OPERATORS

DTYPES = (torch.float32, torch.float16, torch.bfloat16)


def _replaced():
    """PyTorch's functions, and Kiln's in their place: torch.nn.functional's, and of an activation torch's and the tensor's."""
    for op in OPERATORS:
        if op.direction != "forward":
            continue
        places = (F, torch, torch.Tensor) if op.elementwise else (F,)
        for original in {getattr(place, op.torch, None) for place in places} - {None}:
            yield original, getattr(functional, op.torch)


class functions(TorchFunctionMode):
    """A context in which calls of torch.nn.functional's functions, of torch's and of tensors' methods run Kiln's, by whatever
    module or function they are called; `counts` says how many of each did. What Kiln does not take runs as before: other element
    types and devices, other arguments than functional's, and `out` of a method. Functions that run inside another one of
    PyTorch's, as in torch.nn.LSTM, are not called by Python and stay PyTorch's."""

    _functions = dict(_replaced())

    def __init__(self):
        super().__init__()
        self.counts = collections.Counter()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        ours = self._functions.get(function)
        input = args[0] if args else kwargs.get("input")
        if ours is None or not takes(input) or not _fits(ours, args, kwargs):
            return function(*args, **kwargs)
        self.counts[ours.__name__] += 1
        return ours(*args, **kwargs)


def takes(tensor):
    return (isinstance(tensor, torch.Tensor) and tensor.dtype in DTYPES and tensor.layout == torch.strided
            and tensor.device.type in ("cpu", "cuda"))


def _fits(ours, args, kwargs):
    if ours is functional.softplus:
        given = {**dict(zip(("beta", "threshold"), args[1:])), **kwargs}
        return given.get("beta", 1) == 1 and given.get("threshold", 20) == 20
    return kwargs.get("out") is None
