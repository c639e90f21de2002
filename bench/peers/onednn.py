"""oneDNN, through the library of its own that scripts/bench_peers.sh builds from native/peers/."""
import ctypes
import math
import pathlib
import sys
import weakref

import numpy as np

from .. import elements, operators, table
from ..library import Native, empty
from .peer import Peer

LIBRARY = pathlib.Path(sys.prefix) / "lib/libkiln_onednn.so"


class Named(ctypes.Structure):
    """A tensor or a number of a call by name."""
    _fields_ = [("name", ctypes.c_char_p), ("tensor", ctypes.c_void_p), ("number", ctypes.c_double)]


class Given(ctypes.Structure):
    """As in native/peers/onednn_call.h, like Named."""
    _fields_ = [("op", ctypes.c_char_p), ("dtype", ctypes.c_char_p), ("shape", ctypes.POINTER(ctypes.c_int64)), ("named", ctypes.POINTER(Named)),
                *((name, ctypes.c_int32) for name in ("rank", "named_count", "channels_last", "threads"))]


def given_of(op, dtype, shape, tensors, numbers, channels_last=False, threads=1):
    """tensors: {name: array}, those of the case's shape of the element type, the others of float32. The structure keeps none of the
    arrays."""
    named = [Named(name.encode(), array.ctypes.data, 0) for name, array in tensors.items()]
    named += [Named(name.encode(), None, number) for name, number in numbers.items()]
    return Given(op.encode(), dtype.encode(), (ctypes.c_int64 * len(shape))(*shape), (Named * len(named))(*named), len(shape), len(named),
                 channels_last, threads)


class OneDnn(Peer):
    name, dtypes = "onednn", ("float32", "float16", "bfloat16")  # float16 where the CPU has AVX512-FP16
    directions = ("forward", "backward")

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
    def lacks(cls):
        if not LIBRARY.exists():
            return "not installed"
        return "" if hasattr(cls.load(), "kiln_onednn_has_gradients") else "built from an earlier source; scripts/bench_peers.sh builds it"

    @classmethod
    def version(cls):
        return cls.load().kiln_onednn_version().decode()

    def bind(self, case, x):
        row = table.operator(case.op)
        if not operators.operator(row.forward).onednn:
            return None
        shape = case.shape
        if "normalized_shape" in case.arguments:  # rows and what is normalized, the last dimensions together
            width = math.prod(case.arguments["normalized_shape"])
            shape = [math.prod(shape) // width, width]
        numbers = {name: value for name, value in case.arguments.items() if isinstance(value, (bool, int, float))}
        parameters = {name: elements.floats(values, case.dtype) for name, values in case.tensors.items() if name != "input"}
        results = self.results(case, row, parameters)
        inputs = {"input": case.tensors.get("input", x), row.tensors[0].name: x}
        tensors = {**parameters, **inputs, **results}
        given = given_of(case.op, case.dtype, shape, tensors, numbers, case.channels_last, self.threads)
        handle = ctypes.c_void_p()
        refused = self.library.kiln_onednn_open(given, handle)
        if refused:
            raise RuntimeError(refused.decode())
        call = Native(self.library.kiln_onednn_run, handle, (tensors, given))
        weakref.finalize(call, self.library.kiln_onednn_close, handle)
        return call, lambda: self.of_type(case, results) if case.direction == "backward" else results["output"]

    @staticmethod
    def results(case, row, parameters):
        """{name: array} for what a call writes: gradients of parameters in float32, as the parameters are."""
        found = {tensor.name: np.empty_like(parameters["weight"]) for tensor in table.results(row.name)[1:]}
        return {row.tensors[-1].name: empty(case.shape, case.layout, case.dtype), **found}

    @staticmethod
    def of_type(case, results):
        return {name: values if name == "grad_input" else elements.of_floats(values, case.dtype) for name, values in results.items()}
