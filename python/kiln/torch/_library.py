"""Loads the native library, which defines torch.ops.kiln, and registers in Python what belongs to its operators."""
import ctypes
import pathlib

import torch

from . import _autocast, _autograd, _batching, _fakes
from ._table import OPERATORS

NATIVE = pathlib.Path(__file__).with_name("_native.so")
LEAST_TORCH = (2, 10)

native = None  # the library, by ctypes
_registered = None  # what holds the registrations
eager = {}  # by operator: autograd's Function for calls in which nothing but autograd takes part


def load():
    """Does nothing when it is called again."""
    global native, _registered
    if native is not None:
        return
    found = tuple(int(part) for part in torch.__version__.split(".")[:2])
    if found < LEAST_TORCH:
        raise ImportError(f"kiln.torch: expected PyTorch {'.'.join(map(str, LEAST_TORCH))} or later, got {torch.__version__}")
    torch.ops.load_library(str(NATIVE))
    native = ctypes.CDLL(str(NATIVE))
    _registered = torch.library.Library("kiln", "FRAGMENT")
    by_name = {op.name: op for op in OPERATORS}
    for op in OPERATORS:
        _register(_registered, op, by_name.get(f"{op.forward}_backward") if op.direction != "backward" else None)


def _register(library, op, backward):
    for name, call in ((op.name, op.call("default")), (f"{op.name}.untracked", op.call("untracked"))):
        torch.library.register_fake(f"kiln::{name}", _fakes.fake_of(op, call), lib=library)
        torch.library.register_vmap(f"kiln::{name}", _batching.rule_of(op, call), lib=library)
        _autocast.register(library, op, name, call)
    kernel, eager[op.name] = _autograd.functions_of(op, backward)
    library.impl(op.name, kernel, "Autograd")
