"""libkiln_bench.so through ctypes: sessions of a case, timed in C++ by Google Benchmark."""
import ctypes
import json
import math

import numpy as np

from . import elements

CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class Native:
    """A call of C, function(argument), 0 for success, that is timed without Python in between; `keeps` what it needs."""

    def __init__(self, function, argument, keeps):
        self.function, self.argument, self.keeps = ctypes.cast(function, CALLBACK), argument, keeps

    def __call__(self):
        if self.function(self.argument) != 0:
            raise RuntimeError("the call failed")


class Library:
    def __init__(self, path):
        # PyDLL keeps the interpreter's lock during a call, so that a peer's call does not first have to wait for it.
        self.library = ctypes.PyDLL(str(path))
        for name, result, arguments in (
                ("answer", ctypes.c_char_p, [ctypes.c_char_p]),
                ("open", ctypes.c_char_p, [ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]),
                ("close", None, [ctypes.c_void_p]),
                ("tensor", ctypes.c_void_p, [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int64)]),
                ("add", None, [ctypes.c_void_p, ctypes.c_char_p, CALLBACK, ctypes.c_void_p]),
                ("call", ctypes.c_int, [ctypes.c_void_p, ctypes.c_char_p]),
                ("names", ctypes.c_char_p, [ctypes.c_void_p]),
                ("measure", ctypes.c_char_p, [ctypes.c_void_p])):
            function = getattr(self.library, f"kiln_bench_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)

    def ask(self, request):
        return json.loads(self.answer(json.dumps(request).encode()))


class RequestError(Exception):
    pass


class Session:
    """A case that is open. Tensors are NumPy views of the harness's memory, as elements.py has them."""

    def __init__(self, library, request):
        self.library, self.handle, self.callbacks = library, ctypes.c_void_p(), []
        self.dtype = request["case"].get("dtype", "float32")
        self.failures = {}  # of callbacks: {implementation: message}
        self.checked(library.open(json.dumps(request).encode(), ctypes.byref(self.handle)))

    @staticmethod
    def checked(reply):
        answer = json.loads(reply)
        if "error" in answer:
            raise RequestError(answer["error"])
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.close(self.handle)

    def memory(self, name):
        count = ctypes.c_int64()
        address = self.library.tensor(self.handle, name.encode(), ctypes.byref(count))
        if not address:
            return None
        element = elements.ELEMENTS[self.dtype]
        return np.frombuffer((ctypes.c_uint8 * (count.value * element.bytes)).from_address(address), element.stored)

    def add(self, name, call):
        """`call`: a function of Python without arguments, or Native."""
        if isinstance(call, Native):
            self.callbacks.append(call)
            self.library.add(self.handle, name.encode(), call.function, call.argument)
            return

        def guarded(_):
            try:
                call()
                return 0
            except Exception as e:  # the peer's own failure: it is left out, and the message goes into the results
                self.failures[name] = f"{type(e).__name__}: {e}"
                return 1

        callback = CALLBACK(guarded)
        self.callbacks.append(callback)
        self.library.add(self.handle, name.encode(), callback, None)

    def call(self, name):
        return self.library.call(self.handle, name.encode()) == 0

    def names(self):
        return self.checked(self.library.names(self.handle))["names"]

    def measure(self):
        return self.checked(self.library.measure(self.handle))["implementations"]


def placed(memory, shape, layout):
    """`memory`, 1-d, seen as a tensor: the layouts of native/case.h."""
    if layout == "transposed":
        return memory.reshape(shape[::-1]).T
    if layout in ("padded", "column"):  # values after each row, or after each element
        rows = shape[:-1] if layout == "padded" else shape
        wide = memory.reshape(*rows, memory.size // math.prod(rows))
        return wide[..., :shape[-1]] if layout == "padded" else wide[..., 0]
    assert memory.size == math.prod(shape)
    if layout == "contiguous":
        return memory.reshape(shape)
    n, c, *spatial = shape
    return np.moveaxis(memory.reshape(n, *spatial, c), -1, 1)


def empty(shape, layout, dtype="float32"):
    """A tensor for a peer's result, at a multiple of 64 bytes as PyTorch's are."""
    element, count = elements.ELEMENTS[dtype], math.prod(shape)
    line = 64 // element.bytes
    memory = np.empty(count + line, element.stored)
    start = -(memory.ctypes.data // element.bytes) % line
    return placed(memory[start:start + count], shape, layout)
