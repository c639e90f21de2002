"""Kiln's C functions on NumPy arrays, called by ctypes: what a session's results must be, bit for bit."""
import ctypes

import ml_dtypes
import numpy as np

import kiln.onnxruntime

FLOAT, BFLOAT = 2, 4  # DLPack's type codes


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


def library():
    [path] = (kiln.onnxruntime.LIBRARY.parent.parent / "lib").glob("libkiln.so*")
    loaded = ctypes.CDLL(str(path))
    loaded.kiln_last_error.restype = ctypes.c_char_p
    return loaded


def tensor(array):
    """Of an array that lives as long; None for None."""
    if array is None:
        return None
    code = BFLOAT if array.dtype == ml_dtypes.bfloat16 else FLOAT
    integers = (ctypes.c_int64 * array.ndim)
    strides = integers(*(step // array.itemsize for step in array.strides))
    made = DLTensor(array.ctypes.data, 1, 0, array.ndim, code, 8 * array.itemsize, 1, integers(*array.shape), strides, 0)
    return ctypes.byref(made)


def argument(value):
    if value is None or isinstance(value, np.ndarray):
        return tensor(value)
    if isinstance(value, float):
        return ctypes.c_double(value)
    if isinstance(value, (tuple, list)):
        return (ctypes.c_int64 * len(value))(*value)
    return ctypes.c_int64(value)


def call(name, *arguments):
    """kiln_<name>(NULL, arguments...): arrays, None, floats as double, integers, tuples as int64_t *."""
    kiln_library = library()
    status = getattr(kiln_library, f"kiln_{name}")(None, *map(argument, arguments))
    if status != 0:
        raise ValueError(kiln_library.kiln_last_error().decode())


def result(name, x, *arguments):
    """The output, of the input's shape and type, which comes last."""
    y = np.empty_like(x)
    call(name, x, *arguments, y)
    return y
