"""Kiln: activation and normalization kernels with the same bits on every machine, on any framework's arrays.

The functions are named as in torch.nn.functional, with its arguments, their order and defaults. Arrays are NumPy's, of
float32, float16 or ml_dtypes' bfloat16, or anything with __dlpack__ (PyTorch, JAX, CuPy); the result is of the input's kind.
kiln.backward has the gradients, kiln.options says how calls are carried out.
"""
from . import _loading  # first: it says why the native part does not load
from . import _operators, backward
from ._native import __version__, isa, num_threads
from ._operators import *
from ._settings import options

__all__ = ["backward", "isa", "num_threads", "options", *_operators.__all__]
