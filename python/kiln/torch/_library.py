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
    stream = _stream_of_device()
    if stream is not None:
        native.kiln_torch_set_stream_of_device(ctypes.cast(stream, ctypes.c_void_p))
    _registered = torch.library.Library("kiln", "FRAGMENT")
    by_name = {op.name: op for op in OPERATORS}
    for op in OPERATORS:
        _register(_registered, op, by_name.get(f"{op.forward}_backward") if op.direction != "backward" else None)


def _stream_of_device():
    """PyTorch's function of a CUDA device's current stream; None where it is built without CUDA."""
    if torch.version.cuda is None:
        return None
    library = pathlib.Path(torch.__file__).with_name("lib") / "libtorch_cuda.so"  # loaded by now
    return ctypes.CDLL(str(library)).aoti_torch_get_current_cuda_stream


def _register(library, op, backward):
    for name, call in ((op.name, op.call("default")), (f"{op.name}.untracked", op.call("untracked"))):
        torch.library.register_fake(f"kiln::{name}", _fakes.fake_of(op, call), lib=library)
        torch.library.register_vmap(f"kiln::{name}", _batching.rule_of(op, call), lib=library)
        _autocast.register(library, op, name, call)
    kernel, eager[op.name] = _autograd.functions_of(op, backward)
    library.impl(op.name, kernel, "Autograd")
