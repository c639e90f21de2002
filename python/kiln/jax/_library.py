"""Loads the native library and has JAX know its handlers."""
import ctypes
import pathlib
import re

import jax
import jaxlib
import numpy as np

from ._rows import Argument
from ._table import OPERATORS

NATIVE = pathlib.Path(__file__).with_name("_handlers.so")
PLATFORMS = ("cpu", "CUDA")


class Tensor(ctypes.Structure):
    """DLTensor, without memory."""

    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


class _Integers(ctypes.Structure):
    _fields_ = [("data", ctypes.POINTER(ctypes.c_int64)), ("count", ctypes.c_int)]


class Value(ctypes.Union):
    """Of an argument, by its type."""

    _fields_ = [("integer", ctypes.c_int64), ("real", ctypes.c_double), ("integers", _Integers)]


def check_jax(module):
    if not hasattr(module, "make_user_context"):
        raise ImportError(f"kiln.jax: expected a JAX that has jax.make_user_context, as 0.10.2 does, got {module.__version__}")


def _open():
    check_jax(jax)
    if not NATIVE.exists():
        raise ImportError("kiln.jax: this package of kiln is built without it, as jaxlib's header was not there")
    native = ctypes.CDLL(str(NATIVE))
    native.kiln_jax_handler.restype = ctypes.c_void_p
    native.kiln_jax_handler.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    native.kiln_jax_check.argtypes = [ctypes.c_char_p, ctypes.POINTER(Tensor), ctypes.POINTER(Value)]
    native.kiln_jax_check_settings.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_char_p]
    native.kiln_jax_last_error.restype = ctypes.c_char_p
    return native


def version_of_jaxlib():
    """(major, minor) of XLA's FFI, as jaxlib's own header has it; None where it has no header."""
    header = pathlib.Path(jax.ffi.include_dir()) / "xla" / "ffi" / "api" / "c_api.h"
    try:
        found = dict(re.findall(r"#define XLA_FFI_API_(MAJOR|MINOR) (\d+)", header.read_text()))
        return int(found["MAJOR"]), int(found["MINOR"])
    except (OSError, KeyError):
        return None


def check_version(handlers, found):
    """Handlers serve XLA's FFI of their own version, and later ones of the same major number."""
    if found is not None and (found[0] != handlers[0] or found[1] < handlers[1]):
        raise ImportError(f"kiln.jax: expected version {handlers[0]}.{handlers[1]} of XLA's FFI or a later {handlers[0]}.x, "
                          f"got {found[0]}.{found[1]}, of jaxlib {jaxlib.__version__}")


def _register(native):
    handlers = native.kiln_jax_ffi_major(), native.kiln_jax_ffi_minor()
    check_version(handlers, version_of_jaxlib())
    for op in OPERATORS:
        for platform in PLATFORMS:
            handler = native.kiln_jax_handler(op.name.encode(), platform.encode())
            try:
                jax.ffi.register_ffi_target(f"kiln_{op.name}", jax.ffi.pycapsule(handler), platform=platform)
            except Exception as error:
                raise ImportError(f"kiln.jax: jaxlib {jaxlib.__version__} takes no handlers for version {handlers[0]}.{handlers[1]} "
                                  f"of XLA's FFI: {error}") from error


native = _open()
_register(native)

_REFUSALS = (None, ValueError, TypeError, MemoryError, RuntimeError)
_CODES = {"i": 0, "u": 1, "f": 2, "c": 5, "b": 6}  # DLPack's, by NumPy's kinds
_OPAQUE, _BFLOAT = 3, 4


def raise_refusal(refusal):
    if refusal:
        raise _REFUSALS[refusal](native.kiln_jax_last_error().decode())


def describe(shape, dtype):
    """A Tensor; None for both is one that is absent."""
    if shape is None:
        return Tensor(ndim=-1)
    code = _BFLOAT if dtype == "bfloat16" else _CODES.get(getattr(dtype, "kind", ""), _OPAQUE)
    return Tensor(device_type=1, ndim=len(shape), code=code, bits=8 * dtype.itemsize, lanes=1,
                  shape=(ctypes.c_int64 * len(shape))(*shape))


def value_of(argument: Argument, value):
    if argument.type in ("extents", "dims"):
        return Value(integers=_Integers((ctypes.c_int64 * len(value))(*value), len(value)))
    if argument.type == "real":
        return Value(real=np.finfo(np.float32).eps if value is None else value)
    return Value(integer=value)
