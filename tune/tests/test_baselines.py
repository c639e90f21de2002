"""Baselines of kernels that take a second; every kernel of the tables has estimates."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tune import baselines  # noqa: E402

GENERATORS = pathlib.Path(os.environ["KILN_BUILD"]) / "generators"
HALIDE = "x86-64-linux-sse41-avx-avx2-f16c-fma-strict_float-user_context-no_bounds_query-no_asserts-no_runtime"


def rows(path, macro):
    for row in re.findall(rf"^{macro}\((.*)\)$", (ROOT / path).read_text(), re.MULTILINE):
        yield [a.strip().strip('"') for a in row.split(",")]


def kernels():
    for name, *_ in rows("include/kiln/operators.def", "KILN_POINTWISE"):
        yield from (f"{name}.{form}" for form in ("dense", "strided"))
    for name, _, forms, *_ in rows("stages.def", "KILN_STAGE"):
        yield from (f"{name}.{form}" for form in forms.split())


class Baselines(unittest.TestCase):
    def run_generator(self, autoscheduler, estimates):
        with tempfile.TemporaryDirectory() as folder:
            command = baselines.baseline_command(GENERATORS / "kiln_generate_channels", "channel_apply_contiguous", "kernel",
                                             autoscheduler, HALIDE, folder, estimates)
            done = subprocess.run(command, capture_output=True, text=True, timeout=baselines.LIMIT, check=False)
            return done, {p.name: p.read_text(errors="replace") for p in pathlib.Path(folder).iterdir()}

    def test_autoschedulers_of_cpus(self):
        for name, scheduler in baselines.AUTOSCHEDULERS.items():
            if scheduler.device:
                continue
            with self.subTest(name):
                done, files = self.run_generator(name, baselines.estimates_of("channel_apply.contiguous"))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(set(files), {"kernel.o", "kernel.schedule.h"})
                self.assertIn("vectorize", files["kernel.schedule.h"])

    def test_estimates_that_do_not_fit(self):
        fit = baselines.estimates_of("channel_apply.contiguous")
        for wrong, expected in (({"y": [4096, 8]}, "y: expected 3 numbers, got 2"), ({"x": ["a", 8, 1]}, 'got "a"')):
            done, files = self.run_generator("Mullapudi2016", {**fit, **wrong})
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(expected, done.stderr)
            self.assertEqual(files, {})

    def test_every_kernel_has_estimates(self):
        names = list(kernels())
        self.assertIn("layer_norm.rows", names)
        self.assertEqual([n for n in names if baselines.estimates_of(n) is None], [])


if __name__ == "__main__":
    unittest.main()
