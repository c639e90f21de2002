"""Kiln in JAX: the operators as functions of arrays, under jax.jit, jax.grad and jax.vmap.

The functions are named as in torch.nn.functional, with its arguments, their order and defaults. Arrays are of float32, float16
or bfloat16, on the CPU or on a CUDA device. Where PyTorch updates running statistics in place, they are returned behind the
result. kiln.jax.options says how calls are carried out.
"""
from . import _functions
from ._functions import *
from ._settings import options

__all__ = ["options", *_functions.__all__]
