"""What the tests of kiln.torch share: sample calls of every operator, made from operators.toml, and the C functions."""
import ctypes
import functools
import itertools
import pathlib
import sys
import unittest
from typing import NamedTuple

import torch

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))

from operator_table import rows, table  # noqa: E402

import kiln.torch  # noqa: E402

OPERATORS = {op.name: op for op in table.load(ROOT / "operators.toml", table.stages_of(ROOT / "stages.def"))}
FORWARD = [op for op in OPERATORS.values() if op.direction == "forward"]

# Shapes by family, and arguments that have no default or are worth another value than it.
SHAPES = {
    "elementwise": [(3, 37), (), (0, 4), (2, 3, 4, 5)],
    "channel_norm": [(6, 4, 5), (3, 4, 6, 5), (2, 4, 3, 2, 5)],
    "row_norm": [(5, 24), (2, 3, 4, 24)],
    "window": [(2, 7, 5), (2, 7, 4, 3)],
    "normalize": [(4, 6), (2, 5, 3, 4)],
}
ARGUMENTS = {
    "num_groups": [2, 1], "training": [True, False], "use_input_stats": [True, False], "size": [5, 2], "k": [1.0, 2.0],
    "p": [2.0, 1.0, 3.0, float("inf")], "dim": [[1], [0, 1], []],
}


def tensors_of(op):
    """What is read or updated, in the order of the table."""
    return [item for item in op.takes if isinstance(item, rows.Tensor) and (not item.is_written or item.role == "statistics")]


class Case(NamedTuple):
    """A call of an operator of the direction forward."""

    op: rows.Operator
    shape: tuple
    values: dict  # of its arguments that are no tensors
    absent: bool  # whether tensors that may be absent are

    def __str__(self):
        values = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"{self.op.name}{self.shape}({values}){' without parameters' if self.absent else ''}"

    def shape_of(self, item):
        if item.role == "input":
            return self.shape
        return self.shape[1:2] if item.shape == "channels" else tuple(self.values["normalized_shape"])

    def made(self, item, generator):
        needed = item.role == "statistics" and not self.values[item.written_when]
        if item.optional and self.absent and not needed:
            return None
        values = torch.randn(self.shape_of(item), generator=generator)
        return values.abs() + 0.5 if item.name in ("running_var", "weight") else values * 1.5

    def arguments(self, dtype=torch.float32, seed=0):
        """By name and in the order of the functions; the values are float32's whatever the type."""
        generator = torch.Generator().manual_seed(seed)
        given = {}
        for item in self.op.takes:
            if isinstance(item, rows.Tensor) and item.role != "output":
                tensor = self.made(item, generator)
                given[item.name] = tensor if tensor is None else tensor.to(dtype)
            elif item.name in self.values:
                given[item.name] = self.values[item.name]
        return given


def values_of(op, shape):
    """Choices of the arguments: all of the first's, and each other value of the rest by itself."""
    choices = {}
    for argument in op.arguments:
        if argument.type == "extents":
            choices[argument.name] = [list(shape[-1:]), list(shape[-2:])] if len(shape) > 2 else [list(shape[-1:])]
        elif argument.name in ARGUMENTS:
            choices[argument.name] = ARGUMENTS[argument.name]
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


@functools.cache
def cases(op_name):
    op = OPERATORS[op_name]
    optional = any(item.optional for item in tensors_of(op))
    return [Case(op, shape, values, absent) for shape in SHAPES[op.family] for values in values_of(op, shape)
            for absent in ([False, True] if optional else [False])]


def one_case(op_name):
    """One of few values, for tests that take long."""
    return next(case for case in cases(op_name) if len(case.shape) == max(map(len, SHAPES[case.op.family])))




def function_arguments(given):
    """As PyTorch's functions take them: all dimensions are None, one is a number."""
    dim = given.get("dim")
    if dim is None:
        return given
    return {**given, "dim": None if not dim else dim[0] if len(dim) == 1 else tuple(dim)}


def floating(given):
    return {name: value for name, value in given.items() if isinstance(value, torch.Tensor)}


def with_gradients(given):
    """The same, whose gradients are asked for: those of the input and of the parameters."""
    tracked = {name: value.detach().clone().requires_grad_() for name, value in floating(given).items()
               if not name.startswith("running")}
    return {**given, **tracked}, tracked


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


TYPES = {torch.float32: (2, 32), torch.float16: (2, 16), torch.bfloat16: (4, 16)}


def dl_tensor(tensor):
    if tensor is None:
        return None
    extents = ctypes.c_int64 * tensor.dim()
    code, bits = TYPES[tensor.dtype]
    return ctypes.byref(DLTensor(tensor.data_ptr(), 1, 0, tensor.dim(), code, bits, 1, extents(*tensor.shape),
                                 extents(*tensor.stride()), 0))


def c_values(item, value):
    """What the C function gets for an item of the table."""
    if isinstance(item, rows.Tensor):
        return [dl_tensor(value)]
    if item.type in ("extents", "dims"):
        return [(ctypes.c_int64 * len(value))(*value), ctypes.c_int(len(value))]
    if item.may_be_null:
        return [None if value is None else ctypes.byref(ctypes.c_double(value))]
    kinds = {"boolean": ctypes.c_int, "integer": ctypes.c_int64, "real": ctypes.c_double}
    return [kinds[item.type](value)]


@functools.cache
def library():
    path = next((pathlib.Path(kiln.torch.__file__).parent.parent / "lib").glob("libkiln.so.*"))
    found = ctypes.CDLL(str(path))
    found.kiln_last_error.restype = ctypes.c_char_p
    return found


def call_c(name, given, context=None):
    """kiln_<name> by ctypes, with what `given` has under the table's names, defaults elsewhere."""
    arguments = [context]
    for item in OPERATORS[name].takes:
        value = given.get(item.name, getattr(item, "default", None))
        arguments += c_values(item, None if value == rows.MACHINE_EPSILON else value)
    if getattr(library(), f"kiln_{name}")(*arguments):
        raise AssertionError(library().kiln_last_error().decode())


def of_each_case(*operators):
    """A test of one case, for all of these operators, which are all without one."""

    def of_all(test):
        @functools.wraps(test)
        def run(self):
            for op in operators or FORWARD:
                for case in cases(op.name):
                    with self.subTest(str(case)):
                        test(self, case)

        return run

    return of_all


class TorchTest(unittest.TestCase):
    def assert_same_bits(self, got, expected):
        self.assertEqual((got.dtype, got.shape), (expected.dtype, expected.shape))
        kind = {4: torch.int32, 2: torch.int16}[got.element_size()]
        same = got.contiguous().view(kind) == expected.contiguous().view(kind)
        self.assertTrue(bool(same.all()), f"{int((~same).sum())} of {same.numel()} differ")
