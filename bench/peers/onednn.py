"""oneDNN, through the library of its own that scripts/bench_peers.sh builds from native/peers/onednn.cpp."""
import ctypes
import math
import pathlib
import sys
import weakref

from ..library import Native, empty
from .peer import Peer

LIBRARY = pathlib.Path(sys.prefix) / "lib/libkiln_onednn.so"


class Given(ctypes.Structure):
    """As in native/peers/onednn.cpp."""
    TENSORS = ("weight", "bias", "running_mean", "running_var")
    _fields_ = [("op", ctypes.c_char_p), ("shape", ctypes.POINTER(ctypes.c_int64)), ("x", ctypes.c_void_p), ("y", ctypes.c_void_p),
                *((name, ctypes.c_void_p) for name in TENSORS), ("size", ctypes.c_int64),
                *((name, ctypes.c_int32) for name in ("rank", "channels_last", "training", "threads"))]


class OneDnn(Peer):
    name = "onednn"
    OPERATORS = {"tanh", "sigmoid", "silu", "mish", "hardsigmoid", "batch_norm", "layer_norm", "local_response_norm"}

    def __init__(self, threads):
        self.library, self.threads = self.load(), threads

    @staticmethod
    def load():
        library = ctypes.PyDLL(str(LIBRARY))
        for name, result, arguments in (("open", ctypes.c_char_p, [ctypes.POINTER(Given), ctypes.POINTER(ctypes.c_void_p)]),
                                        ("close", None, [ctypes.c_void_p]), ("version", ctypes.c_char_p, [])):
            function = getattr(library, f"kiln_onednn_{name}")
            function.restype, function.argtypes = result, arguments
        return library

    @classmethod
    def version(cls):
        return cls.load().kiln_onednn_version().decode() if LIBRARY.exists() else None

    def bind(self, case, x):
        if case.op not in self.OPERATORS:
            return None
        shape, parameters, result = case.shape, case.parameters(), empty(case.shape, case.layout)
        if case.op == "layer_norm":  # rows and what is normalized, the last dimensions together
            width = math.prod(case.arguments["normalized_shape"])
            shape = [math.prod(shape) // width, width]
        given = Given(op=case.op.encode(), shape=(ctypes.c_int64 * len(shape))(*shape), x=x.ctypes.data, y=result.ctypes.data,
                      size=case.arguments.get("size", 0), rank=len(shape), channels_last=case.channels_last,
                      training=case.arguments.get("training", False), threads=self.threads,
                      **{name: parameters[name].ctypes.data for name in Given.TENSORS if name in parameters})
        handle = ctypes.c_void_p()
        refused = self.library.kiln_onednn_open(given, handle)
        if refused:
            raise RuntimeError(refused.decode())
        call = Native(self.library.kiln_onednn_run, handle, (x, result, parameters))
        weakref.finalize(call, self.library.kiln_onednn_close, handle)
        return call, lambda: result
