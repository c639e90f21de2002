"""What the tests of the package on NumPy's arrays share: calls of every operator, element types, and what is near."""
import os
import pathlib
import sys
import unittest

import numpy as np

import kiln
import reference

try:
    import ml_dtypes
    BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
except ImportError:  # NumPy has no bfloat16 without it
    BFLOAT16 = None

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "scripts"))
from operator_table import table  # noqa: E402

TABLE = {op.name: op for op in table.load(ROOT / "operators.toml", table.stages_of(ROOT / "stages.def"))}
FORWARD = [name for name, op in TABLE.items() if op.direction == "forward"]
WITH_STATISTICS = [op.forward for op in TABLE.values() if op.direction == "with_statistics"]
RUNNER = os.environ.get("KILN_RUNNER", "").split()

# {element type: what a result may be off by, beside 1: half a last place, of float32 what docs/promises allows}.
DTYPES = {np.dtype(np.float32): 4e-6, np.dtype(np.float16): 6e-4, **({BFLOAT16: 5e-3} if BFLOAT16 else {})}


def values(shape, dtype=np.float32, seed=0, scale=2.0):
    """Numbers of a normal distribution."""
    return (np.random.default_rng(seed).standard_normal(shape) * scale).astype(dtype)


# Arguments of a call of each operator beside its input of this shape: arrays as a function of the element type.
SHAPE = (3, 8, 5, 4)


def channels(dtype, seed):
    return values(SHAPE[1], dtype, seed, 1.0)


def calls(dtype=np.float32):
    """{operator: [arguments by name, ...]}: those of a plain call, and of one that says everything."""
    elementwise = {name: [{}] for name in FORWARD if TABLE[name].elementwise}
    weight, bias, mean = (channels(dtype, seed) for seed in (1, 2, 3))
    var = np.abs(channels(dtype, 4)) + np.asarray(0.5, dtype)
    rows = {"weight": values((5, 4), dtype, 5), "bias": values((5, 4), dtype, 6)}
    return {
        **elementwise,
        "batch_norm": [{"running_mean": mean, "running_var": var},
                       {"running_mean": None, "running_var": None, "training": True},
                       {"running_mean": mean, "running_var": var, "weight": weight, "bias": bias, "eps": 0.25}],
        "group_norm": [{"num_groups": 4}, {"num_groups": 2, "weight": weight, "bias": bias, "eps": 0.25}],
        "instance_norm": [{}, {"running_mean": mean, "running_var": var, "weight": weight, "bias": bias,
                               "use_input_stats": False, "eps": 0.25}],
        "layer_norm": [{"normalized_shape": (4,)}, {"normalized_shape": (5, 4), **rows, "eps": 0.25}],
        "rms_norm": [{"normalized_shape": (4,)}, {"normalized_shape": (5, 4), "weight": rows["weight"], "eps": 0.25}],
        "local_response_norm": [{"size": 3}, {"size": 4, "alpha": 0.5, "beta": 0.5, "k": 2.0}],
        "normalize": [{}, {"p": 3.0, "dim": (0, -1), "eps": 0.5}, {"p": 1, "dim": None}, {"p": float("inf"), "dim": -1}],
    }


def every_call(dtype=np.float32):
    for name, all_arguments in calls(dtype).items():
        for arguments in all_arguments:
            yield name, arguments


def in_float64(value):
    return np.asarray(value, np.float64) if isinstance(value, np.ndarray) else value


def expected(name, x, arguments):
    return getattr(reference, name)(in_float64(x), **{key: in_float64(value) for key, value in arguments.items()})


def bits(array):
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")


class KilnTest(unittest.TestCase):
    def assert_near(self, got, want, dtype, message="", most=1.0):
        self.assertIsInstance(got, np.ndarray)
        self.assertEqual(got.dtype, dtype, message)
        self.assertEqual(got.shape, np.shape(want), message)
        error = np.abs(np.asarray(got, np.float64) - want) / (1 + np.abs(want))
        self.assertLess(error.max(initial=0), most * DTYPES[np.dtype(dtype)], message)

    def assert_same_bits(self, got, want, message=""):
        self.assertEqual((got.dtype, got.shape), (want.dtype, want.shape), message)
        self.assertTrue(np.array_equal(bits(got), bits(want)), message)

    def refuse(self, error, says, function, *args, **kwargs):
        """It raises just this exception, whose text has each of `says`, and is one line."""
        with self.assertRaises(error) as caught:
            function(*args, **kwargs)
        self.assertIs(type(caught.exception), error)
        text = str(caught.exception)
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, text)
        self.assertNotIn("\n", text)

    def refuse_to_decorate(self, block, name):
        """What has not done its work when it returns."""
        async def coroutine():
            pass

        def generator():
            yield

        async def both():
            yield

        for function in (coroutine, generator, both):
            says = [f"{name}: expected a function", f"{function.__name__}: use `with` inside of it"]
            self.refuse(TypeError, says, block, function)


__all__ = ["BFLOAT16", "DTYPES", "FORWARD", "KilnTest", "ROOT", "RUNNER", "SHAPE", "TABLE", "WITH_STATISTICS", "bits", "calls",
           "every_call", "expected", "in_float64", "kiln", "reference", "values"]
