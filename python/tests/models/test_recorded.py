"""The recorded calls of the models: their results have the digests of the repository everywhere."""
import unittest

import numpy as np

from support import flipped, missing

if missing("kiln"):
    raise unittest.SkipTest("kiln not installed")

import aarch64
import recorded
from calls import THREADS, Call, different, digest, instruction_sets, one_of_each_kind

#: Which operators of Kiln each model runs, as the page says.
OPERATORS = {
    "rapidocr": {"hardsigmoid", "sigmoid", "silu", "layer_norm", "rms_norm"}, "silero-vad": {"sigmoid", "tanh"},
    "ddddocr": {"sigmoid", "silu"}, "efficientnet": {"batch_norm", "silu", "sigmoid"}, "swin": {"layer_norm"},
    "raft": {"instance_norm"}, "alexnet": {"local_response_norm"}, "cspdarknet": {"mish"}, "vit": {"rms_norm"},
    "unet": {"group_norm", "silu"}, "autoencoder": {"group_norm", "silu"},
}


class Recorded(unittest.TestCase):
    def test_every_model_has_calls_of_its_operators(self):
        found = {name: {call.operator for call, _ in recorded.read(name)} for name in recorded.models()}
        self.assertEqual(found, OPERATORS)

    def test_every_setting_has_the_digests(self):
        for name in recorded.models():
            for call, expected in recorded.read(name):
                with self.subTest(model=name, operator=call.operator):
                    self.assertEqual(different(call, expected), {})

    def test_aarch64_has_the_digests(self):
        begin, lacking = aarch64.command()
        if lacking:
            self.skipTest(lacking)
        for name in recorded.models():
            for call, expected in recorded.read(name):
                with self.subTest(model=name, operator=call.operator):
                    self.assertEqual(aarch64.digest_of(call, begin), expected)

    def test_results_are_near_the_formula_in_float64(self):
        def scale(call, x, values):
            shape = (1, -1) + (1,) * (x.ndim - 2)
            return values * np.float64(call.arrays["weight"]).reshape(shape) + np.float64(call.arrays["bias"]).reshape(shape)

        def silu(call, x):
            return x / (1 + np.exp(-x))

        def instance_norm(call, x):
            axes = tuple(range(2, x.ndim))
            return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + call.arguments["eps"])

        def layer_norm(call, x):
            y = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + call.arguments["eps"])
            return y * call.arrays["weight"] + np.float64(call.arrays.get("bias", 0))

        def rms_norm(call, x):
            return x / np.sqrt((x * x).mean(-1, keepdims=True) + call.arguments["eps"]) * call.arrays["weight"]

        def group_norm(call, x):
            groups = x.reshape(x.shape[0], call.arguments["num_groups"], -1)
            y = (groups - groups.mean(-1, keepdims=True)) / np.sqrt(groups.var(-1, keepdims=True) + call.arguments["eps"])
            return scale(call, x, y.reshape(x.shape))

        formulas = {"silu": silu, "instance_norm": instance_norm, "layer_norm": layer_norm, "rms_norm": rms_norm,
                    "group_norm": group_norm, "sigmoid": lambda call, x: 1 / (1 + np.exp(-x)),
                    "tanh": lambda call, x: np.tanh(x), "hardsigmoid": lambda call, x: np.clip(x / 6 + 0.5, 0, 1),
                    "mish": lambda call, x: x * np.tanh(np.logaddexp(0, x))}
        held = set()
        for name in recorded.models():
            for call, _ in recorded.read(name):
                if call.operator in formulas:
                    exact = formulas[call.operator](call, np.float64(call.input))
                    np.testing.assert_allclose(call.run(), exact, rtol=1e-5, atol=2e-6, err_msg=f"{name} {call.operator}")
                    held.add(call.operator)
        self.assertEqual(held, set(formulas))


class Calls(unittest.TestCase):
    def setUp(self):
        x = np.random.default_rng(0).standard_normal((3, 64, 5, 7), np.float32)
        self.norm = Call("group_norm", {"input": x}, {"num_groups": 8, "eps": 1e-5}, "norm")

    def test_a_bit_is_seen(self):
        expected = digest(self.norm.run())
        self.assertEqual(different(self.norm, expected), {})
        other = digest(flipped(self.norm.run()))
        self.assertEqual(len(different(self.norm, other)), len(instruction_sets()) * len(THREADS))

    def test_calls_of_one_kind_are_one(self):
        same = Call("group_norm", {"input": self.norm.input + 1}, dict(self.norm.arguments))
        others = [Call("group_norm", {"input": self.norm.input[:2]}, self.norm.arguments),
                  Call("group_norm", self.norm.arrays, {"num_groups": 4, "eps": 1e-5}),
                  Call("instance_norm", self.norm.arrays, {"eps": 1e-5})]
        self.assertEqual(one_of_each_kind([self.norm, same, *others]), [self.norm, *others])

    def test_what_is_cut_is_small_and_can_be_called(self):
        rows = Call("layer_norm", {"input": self.norm.input}, {"normalized_shape": (5, 7), "eps": 1e-5})
        values = Call("silu", {"input": np.linspace(-9, 9, 100001, dtype=np.float32)})
        for call in (self.norm, rows, values):
            small = recorded.cut(call)
            self.assertLessEqual(small.input.size, recorded.VALUES)
            self.assertEqual(small.run().shape, small.input.shape)

    def test_the_tool_of_another_machine_is_named_where_it_is_missing(self):
        begin, why = aarch64.command(aarch64.ROOT / "build" / "nowhere" / "kiln")
        self.assertEqual((begin, why), ([], "build/nowhere/kiln is not built (make cross-arm)"))
