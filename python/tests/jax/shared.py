"""What the tests of kiln.jax share: the calls of the tests on NumPy's arrays, as functions of JAX's."""
import functools
import importlib.util
import pathlib
import sys
import unittest

_found = importlib.util.find_spec("jax")
if _found is None or _found.loader is None:
    raise unittest.SkipTest("JAX is not installed")

import jax
import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "numpy"))
from support import BFLOAT16, DTYPES, FORWARD, ROOT, SHAPE, TABLE, KilnTest, every_call, expected, in_float64, kiln, reference, values

import kiln.jax as kj

# An input without values at each place that may be empty, by family.
EMPTY = {"elementwise": [(0,), (3, 0, 2)], "channel_norm": [(0, 8, 5, 4)], "row_norm": [(0, 8, 5, 4)],
         "window": [(0, 8, 5, 4), (3, 8, 0, 4)], "normalize": [(0, 8, 5, 4), (3, 8, 0, 4)]}


def arrays_of(arguments):
    """Those of a call's arguments that are arrays."""
    return {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}


def tracked(arguments):
    """Those that a gradient may be asked for."""
    return {name: value for name, value in arrays_of(arguments).items() if not name.startswith("running")}


def function(name, arguments, wanted):
    """kiln.jax.<name> as a function of the input and the arguments of `wanted`, in their order."""

    def of_arrays(x, *given):
        return getattr(kj, name)(x, **{**arguments, **dict(zip(wanted, given))})

    return of_arrays


class JaxTest(KilnTest):
    def assert_bits(self, got, want, message=""):
        """Of an array of JAX beside one of NumPy or of JAX."""
        self.assertIsInstance(got, jax.Array, message)
        self.assert_same_bits(np.asarray(got), np.asarray(want), message)

    def assert_all(self, got, want, message=""):
        """Of trees of arrays."""
        got, want = jax.tree.leaves(got), jax.tree.leaves(want)
        self.assertEqual(len(got), len(want), message)
        for one, other in zip(got, want):
            self.assert_bits(one, other, message)


def of_each_call(*dtypes):
    """A test of one call, test(self, name, arguments, x), for all of these element types, which are all without one."""

    def of_all(test):
        @functools.wraps(test)
        def run(self):
            for dtype in dtypes or DTYPES:
                for name, arguments in every_call(dtype):
                    with self.subTest(name, dtype=str(np.dtype(dtype)), arguments=list(arguments)):
                        test(self, name, arguments, values(SHAPE, dtype))

        return run

    return of_all


__all__ = ["BFLOAT16", "DTYPES", "EMPTY", "FORWARD", "JaxTest", "ROOT", "SHAPE", "TABLE", "arrays_of", "expected", "every_call", "function",
           "in_float64", "jax", "kiln", "kj", "np", "of_each_call", "reference", "tracked", "unittest", "values"]
