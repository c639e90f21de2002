"""The float64 gradients that errors are measured against: they are how the float64 results change, in blocks and at once."""
import shutil
import sys
import unittest
from unittest import mock

import numpy as np

import example
from support import ROOT, BenchTest, bench
from test_reference import Example, examples

sys.path.insert(0, str(ROOT))
from bench import gradients, operators, reference, results, roofline, table  # noqa: E402

SHAPE = (6, 4, 5, 7)
STEP = 1e-5


def backward():
    """(an operator's case, its gradient's) of those that have one."""
    rng = np.random.default_rng(9)
    for case in examples():
        row = table.gradient(case.op)
        if row:
            names, arguments = {t.name for t in row.tensors}, {a.name for a in row.arguments}
            tensors = {name: values for name, values in case.tensors.items() if name in names}
            # Beyond 0.1 from zero, where norms and hardsigmoid's ends have corners.
            x = rng.uniform(0.1, 2.5, SHAPE) * rng.choice([-1, 1], SHAPE)
            yield case, Example(row.name, {name: v for name, v in case.arguments.items() if name in arguments}, {"input": x, **tensors})


def of(gradient, x, g, block=None):
    tensors = {name: values for name, values in gradient.tensors.items() if name != "input"}
    step = block or len(x)
    return gradients.evaluate(gradient, tensors, lambda: ((x[i:i + step], g[i:i + step]) for i in range(0, len(x), step)), len(x))


class Derivatives(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(4)
        self.g, self.direction = rng.uniform(-1, 1, SHAPE), rng.uniform(-1, 1, SHAPE)

    def loss(self, case, x, tensors):
        return float((self.g * operators.operator(case.op).result(x, case.arguments, tensors, x)).sum())

    def test_of_the_input(self):
        for case, gradient in backward():
            x = gradient.tensors["input"]
            up, down = (self.loss(case, x + s * STEP * self.direction, case.tensors) for s in (1, -1))
            with self.subTest(f"{case.op} {case.arguments}"):
                found = float((of(gradient, x, self.g)["grad_input"] * self.direction).sum())
                self.assertAlmostEqual(found, (up - down) / (2 * STEP), delta=1e-5 * max(1, abs(found)))

    def test_of_weight_and_bias(self):
        rng = np.random.default_rng(6)
        for case, gradient in backward():
            x = gradient.tensors["input"]
            for name, found in of(gradient, x, self.g).items():
                parameter = name.removeprefix("grad_")
                if parameter == "input":
                    continue
                values = found.values
                self.assertTrue((np.abs(values) <= found.magnitudes).all())
                change = rng.uniform(-1, 1, case.tensors[parameter].shape)
                up, down = (self.loss(case, x, {**case.tensors, parameter: case.tensors[parameter] + s * change}) for s in (1, -1))
                with self.subTest(f"{case.op} {case.arguments}: {name}"):
                    self.assertAlmostEqual(float((values * change).sum()), (up - down) / 2, places=6)

    def test_blocks_make_no_difference(self):
        for case, gradient in backward():
            if reference.over_first_dimension(gradient, self.g):
                continue
            whole, parts = (of(gradient, gradient.tensors["input"], self.g, block) for block in (None, 2))
            for name in whole:
                with self.subTest(f"{case.op} {case.arguments}: {name}"):
                    np.testing.assert_allclose(parts[name], whole[name], rtol=1e-12, atol=1e-12)


class Errors(BenchTest):
    def test_a_sample_of_the_input_s_and_all_of_the_parameters(self):
        g = np.random.default_rng(4).uniform(-1, 1, SHAPE).astype(np.float32)
        for case, gradient in backward():
            gradient.tensors["input"] = gradient.tensors["input"].astype(np.float32)
            with mock.patch.object(reference, "SAMPLE", {"ulp": 100, "absolute": 300}), mock.patch.object(reference, "BLOCK", 150):
                exact = reference.evaluate(gradient, g)
                whole = of(gradient, gradient.tensors["input"].astype(np.float64), g.astype(np.float64))
                rounded = {name: getattr(found, "values", found).astype(np.float32) for name, found in whole.items()}
                with self.subTest(f"{case.op} {case.arguments}"):
                    self.assertLessEqual(exact["grad_input"].size, whole["grad_input"].size)
                    self.assertLessEqual(reference.error_of(gradient, rounded, exact), 0.51)
                    if "grad_weight" in rounded:  # by the magnitudes of its terms
                        off = {**rounded, "grad_weight": rounded["grad_weight"] + np.float32(0.25) * exact["grad_weight"].magnitudes}
                        self.assertAlmostEqual(reference.error_of(gradient, off, exact), 0.25, places=4)
                    for name in rounded:
                        spoilt = {**rounded, name: rounded[name].copy()}
                        spoilt[name].flat[0] = np.nan
                        self.assertIsNone(reference.error_of(gradient, spoilt, exact))

    def test_a_run_of_gradients(self):
        self.run_bench("--op", "layer_norm_backward", "--op", "silu_backward", "--op", "batch_norm_backward", python=True, small=[
            "--case", "/L1/contiguous", "--threads", "1", "--rounds", "1", "--round-ms", "0.1"])
        found = self.results()
        self.assertEqual(found["options"]["direction"], "backward")
        self.assertEqual({r["op"] for r in found["rows"]}, {"layer_norm_backward", "silu_backward", "batch_norm_backward"})
        for row in found["rows"]:
            kiln = next(c for c in row["implementations"] if c["name"].startswith("kiln/exact/"))
            with self.subTest(row["case"]):
                self.assertLess(0, kiln["error"])
                self.assertLess(kiln["error"], 1.5 if row["op"] == "silu_backward" else 3e-6)

    def test_the_direction_alone(self):
        self.run_bench("--direction", "backward", small=["--case", "^tanh-backward/L1/contiguous", "--threads", "1", "--rounds", "1"])
        self.assertEqual([r["op"] for r in self.results()["rows"]], ["tanh_backward"])

    def test_operators_of_two_directions_are_refused(self):
        text = self.run_bench("--op", "silu", "--op", "silu_backward", small=[], status=2)
        self.assertIn("--op: expected operators of one direction", text)
        self.assertIn("invalid choice: 'frobnicate'", self.run_bench("--op", "frobnicate", small=[], status=2))


class Pages(BenchTest):
    def test_bytes_are_three_tensors_and_a_copy_s_two(self):
        row = example.of_gradients()["rows"][0]
        copy, kiln = (next(c for c in row["implementations"] if c["name"].startswith(name)) for name in ("copy/loop", "kiln/"))
        self.assertAlmostEqual(results.bytes_per_second(row, kiln), 3 * row["bytes"] / 1e-3)
        self.assertAlmostEqual(results.bytes_per_second(row, copy), 2 * row["bytes"] / copy["best"])
        self.assertAlmostEqual(results.of_copy(row, kiln), 0.75)  # the fastest copy takes half the time, for two tensors
        self.assertEqual(results.of_copy({**row, "implementations": [kiln]}, kiln), None)

    def test_the_roof_is_that_of_as_many_bytes(self):
        file = example.of_gradients()
        silu = file["rows"][1]
        kiln = next(c for c in silu["implementations"] if c["name"].startswith("kiln/"))
        self.assertAlmostEqual(roofline.point(file, silu, kiln).memory_share, 3 * silu["bytes"] / 2e10 / 1e-2)

    def test_the_readme_has_them_behind_the_operators(self):
        readme = self.folder / "README.md"
        shutil.copy(ROOT / "README.md", readme)
        files = [self.save("backward.json", example.of_gradients()), self.save("forward.json", example.results())]
        bench("readme", *files, "--readme", readme)
        text = readme.read_text()
        forward, behind = text.split("The same layers' gradients")
        self.assertIn("| bert-layer_norm | 4096x768 | 25.2 | 0.50 |", forward)
        self.assertIn("1 CPUs, avx2, gradients, 2026-02-02", behind)
        self.assertIn("| bert-layer_norm-backward | 4096x768 | 37.7 | 0.75 | 3.0e-07 | 4.00 torch eager |", behind)
        bench("readme", files[1], "--readme", readme)
        self.assertNotIn("The same layers' gradients", readme.read_text())

    def test_the_report_has_their_sections(self):
        bench("report", self.save("r.json", example.of_gradients()))
        content = (self.folder / "r.html").read_text()
        for expected in ('<h2 id="layer_norm_backward">', '<h2 id="silu_backward">', "of a gradient two reads and one write"):
            self.assertIn(expected, content)


if __name__ == "__main__":
    unittest.main()
