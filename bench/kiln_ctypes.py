"""libkiln through ctypes and NumPy, for the benchmark against Python peers."""
import ctypes
import pathlib
import re

import numpy as np

TABLE = pathlib.Path(__file__).resolve().parent.parent / "include/kiln/operators.def"


class Tensor(ctypes.Structure):
    """DLTensor of dlpack.h."""
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]

    @classmethod
    def of(cls, array):
        shape = (ctypes.c_int64 * array.ndim)(*array.shape)
        strides = (ctypes.c_int64 * array.ndim)(*(s // array.itemsize for s in array.strides))
        tensor = cls(array.ctypes.data, 1, 0, array.ndim, 2, 32, 1, shape, strides, 0)
        tensor.keep = (array, shape, strides)
        return tensor


class Kiln:
    def __init__(self, path, threads, isa=None):
        self.library = ctypes.CDLL(path)
        self.library.kiln_last_error.restype = ctypes.c_char_p
        self.library.kiln_version.restype = ctypes.c_char_p
        self.library.kiln_context_isa.restype = ctypes.c_char_p
        self.version = self.library.kiln_version().decode()
        self.contexts = {}
        for number, accuracy in enumerate(("exact", "fast")):
            context = ctypes.c_void_p()
            self.check(self.library.kiln_context_create(ctypes.byref(context)))
            self.check(self.library.kiln_context_set_num_threads(context, threads))
            self.check(self.library.kiln_context_set_accuracy(context, number))
            if isa:
                self.check(self.library.kiln_context_set_isa(context, isa.encode()))
            self.contexts[accuracy] = context
        self.isa = self.library.kiln_context_isa(self.contexts["exact"]).decode()
        self.rows = dict(re.findall(r'^KILN_POINTWISE\((\w+), "([^"]*)"', TABLE.read_text(), re.MULTILINE))

    def check(self, status):
        if status:
            raise RuntimeError(self.library.kiln_last_error().decode())

    def activations(self):
        return list(self.rows)

    def accuracies(self, op):
        return self.rows.get(op, "exact").split()

    @staticmethod
    def aligned(count):
        """float32 aligned to a page, as a framework's allocator would for large tensors."""
        raw = np.empty(count * 4 + 4096, np.uint8)
        start = -raw.ctypes.data % 4096
        return raw[start:start + count * 4].view(np.float32)

    def bind(self, case, accuracy, x, y):
        """A call without arguments that computes y from x."""
        function, context = getattr(self.library, f"kiln_{case.op}"), self.contexts[accuracy]
        given, result = Tensor.of(x), Tensor.of(y)
        keep = {name: Tensor.of(value) for name, value in case.parameters().items()}
        pointer = {name: ctypes.byref(tensor) for name, tensor in keep.items()}
        affine = pointer.get("weight"), pointer.get("bias")
        eps = ctypes.c_double(1e-5)
        between = {
            "batch_norm": lambda a: (pointer["running_mean"], pointer["running_var"], *affine, ctypes.c_int(a["training"]),
                                     ctypes.c_double(0.1), eps),
            "group_norm": lambda a: (ctypes.c_int64(a["num_groups"]), *affine, eps),
            "instance_norm": lambda a: (None, None, *affine, ctypes.c_int(1), ctypes.c_double(0.1), eps),
            "layer_norm": lambda a: ((ctypes.c_int64 * 1)(*a["normalized_shape"]), ctypes.c_int(1), *affine, eps),
            "local_response_norm": lambda a: (ctypes.c_int64(a["size"]), ctypes.c_double(1e-4), ctypes.c_double(0.75),
                                              ctypes.c_double(1)),
            "normalize": lambda a: (ctypes.c_double(2), (ctypes.c_int64 * 1)(a["dim"]), ctypes.c_int(1),
                                    ctypes.c_double(1e-12)),
        }.get(case.op, lambda a: ())(case.arguments)
        arguments = context, ctypes.byref(given), *between, ctypes.byref(result)

        def call(keep=(given, result, keep)):
            self.check(function(*arguments))
        return call
