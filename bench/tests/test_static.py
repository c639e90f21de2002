"""`bench static`: with a ptxas that is a script, and with the real one where it is installed."""
import os
import shutil
import sys
import unittest
from unittest import mock

from support import BUILD, ROOT, BenchTest, bench

sys.path.insert(0, str(ROOT))
from bench import static  # noqa: E402

PTX = "fma.rn.f32 %f1, %f2, %f3, %f4;\nadd.rn.f32 %f1, %f2, %f3;\nfma.rn.f32 %f1, %f2, %f3, %f4;\n"
FAKE = """#!/bin/sh
case $1 in
  --help) echo "'sm_80' 'sm_90'" ;;
  --version) echo "ptxas of a test" ;;
  *) case $3 in *broken*) echo "ptxas fatal: no" >&2; exit 1 ;; esac
     echo "0 bytes stack frame, 8 bytes spill stores, 0 bytes spill loads" >&2
     echo "ptxas info : Used 33 registers, used 0 barriers" >&2; echo "ptxas info : Used 12 registers" >&2 ;;
esac
"""


class Occupancy(unittest.TestCase):
    def test_by_hand(self):
        # 32 registers of 2048 threads are the 65536 of an SM; 40 of blocks of 256 leave room for 6 blocks of the 8.
        for registers, threads, expected in ((32, 256, 1), (33, 256, 6 / 8), (128, 128, 4 * 128 / 2048), (16, 32, 32 * 32 / 2048)):
            self.assertAlmostEqual(static.occupancy(registers, threads), expected)

    def test_threads_are_the_schedules(self):
        entries = {"dense": {"generator": {"threads": 1}}, "tanh.dense": {"generator": {"threads": 2}},
                   "mish.dense.fast": {"generator": {"threads": 3}}}
        schedule = {"forward": {"float32": entries}}
        for name, expected in (("sigmoid_forward_float32_dense_exact", 1), ("tanh_forward_float32_dense_fast", 2),
                               ("mish_forward_float32_dense_fast", 3), ("mish_forward_float32_dense_exact", 1)):
            self.assertEqual(static.threads_of(schedule, name), expected)


class Command(BenchTest):
    def with_fake(self, *kernels):
        tools, folder = self.folder / "tools", self.folder / "kernels"
        tools.mkdir()
        folder.mkdir()
        (tools / "ptxas").write_text(FAKE)
        (tools / "ptxas").chmod(0o755)
        for name in kernels:
            (folder / f"kiln_kernel_{name}_cuda_sm80.device_code").write_text(PTX)
        self.enterContext(mock.patch.dict(os.environ, PATH=f"{tools}:/usr/bin:/bin"))
        return folder

    def test_figures(self):
        folder = self.with_fake("tanh_forward_float32_dense_exact")
        text = bench("static", "--kernels", folder, "--out", self.out)
        self.assertIn("8 bytes spill stores", text)
        rows = self.results()["kernels"]
        self.assertEqual([r["architecture"] for r in rows], ["sm_80", "sm_90"])
        for r in rows:
            self.assertEqual((r["obtained"], r["registers"], r["spills"]), ("static", 33, ["8 bytes spill stores"]))
            self.assertEqual(r["arithmetic"], {"add.f32": 1, "fma.f32": 2})
        bench("report", self.out, "--out", self.folder / "r.html")
        self.assertIn("tanh_forward_float32_dense_exact", (self.folder / "r.html").read_text())

    def test_a_kernel_that_ptxas_refuses(self):
        folder = self.with_fake("broken_forward_float32_dense_exact")
        self.assertIn("refuses broken_forward_float32_dense_exact: ptxas fatal: no",
                      bench("static", "--kernels", folder, "--out", self.out, status=2))
        self.assertFalse(self.out.exists())

    def test_no_kernels_and_no_ptxas(self):
        self.assertIn("has no CUDA kernels", bench("static", "--kernels", self.folder, "--out", self.out, status=2))
        folder = self.with_fake("tanh_forward_float32_dense_exact")
        (self.folder / "tools/ptxas").unlink()
        if shutil.which("ptxas"):
            self.skipTest("a ptxas lies beside the shell")
        self.assertIn("expected ptxas on PATH", bench("static", "--kernels", folder, "--out", self.out, status=2))

    def test_the_kernels_of_the_build(self):
        if not shutil.which("ptxas"):
            self.skipTest("ptxas is not installed")
        bench("static", "--kernels", f"{BUILD}/kernels", "--out", self.out)
        rows = self.results()["kernels"]
        self.assertGreater(len({r["kernel"] for r in rows}), 40)
        self.assertEqual([r for r in rows if r["spills"]], [])


if __name__ == "__main__":
    unittest.main()
