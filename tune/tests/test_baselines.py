"""Baselines of kernels that take a second; every kernel of the build has estimates."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tune import baselines, kernels  # noqa: E402


MANIFEST = kernels.Manifest(os.environ["KILN_BUILD"])
KERNEL = next(k for k in MANIFEST.kernels if (k.name_of_form, k.target) == ("channel_apply.contiguous", "x86_64_avx2"))


class Baselines(unittest.TestCase):
    def run_generator(self, autoscheduler, estimates, kernel=KERNEL, **options):
        with tempfile.TemporaryDirectory() as folder:
            command = baselines.baseline_command(kernel, autoscheduler, folder, estimates, **options)
            done = subprocess.run(command, capture_output=True, text=True, timeout=baselines.LIMIT, check=False)
            return done, {p.name: p.read_text(errors="replace") for p in pathlib.Path(folder).iterdir()}

    def test_autoschedulers_of_cpus(self):
        for name, scheduler in baselines.AUTOSCHEDULERS.items():
            if scheduler.device:
                continue
            with self.subTest(name):
                done, files = self.run_generator(name, baselines.estimates_of(KERNEL))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(set(files), {f"{KERNEL.symbol}.o", f"{KERNEL.symbol}.schedule.h"})
                self.assertIn("vectorize", files[f"{KERNEL.symbol}.schedule.h"])

    def test_estimates_that_do_not_fit(self):
        fit = baselines.estimates_of(KERNEL)
        for wrong, expected in (({"y": [4096, 8]}, "y: expected 3 numbers, got 2"), ({"x": ["a", 8, 1]}, 'got "a"')):
            done, files = self.run_generator("Mullapudi2016", {**fit, **wrong})
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(expected, done.stderr)
            self.assertEqual(files, {})

    def test_estimates_fit_the_kernels_of_a_target(self):
        """Mullapudi2016 has no schedule for some of them, which is no matter."""
        of_form = {}
        for kernel in MANIFEST.kernels:
            if kernel.target == KERNEL.target:
                # Elementwise kernels of a form take the same, and so do those of all element types.
                of_form.setdefault(kernel.form if kernel.has_accuracies else kernel.name_of_form, kernel)
        self.assertGreater(len(of_form), 10)
        for kernel in of_form.values():
            with self.subTest(kernel.symbol):
                done, _ = self.run_generator("Mullapudi2016", baselines.estimates_of(kernel), kernel, emit="schedule")
                self.assertNotIn("Error: estimates:", done.stderr)

    def test_every_kernel_has_estimates(self):
        self.assertIn("layer_norm.rows", {k.name_of_form for k in MANIFEST.kernels})
        self.assertEqual([k.symbol for k in MANIFEST.kernels if baselines.estimates_of(k) is None], [])

    def test_checks_are_left_out_of_kernels_of_segments_alone(self):
        for kernel in MANIFEST.kernels:
            with self.subTest(kernel.symbol):
                kept = baselines.halide_target_of(kernel)
                if baselines.entry_of(kernel).get("segments"):
                    self.assertIn("-no_asserts", kept)
                else:
                    self.assertNotIn("-no_asserts", kept)


if __name__ == "__main__":
    unittest.main()
