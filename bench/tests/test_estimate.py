"""`bench estimate`: which loop of a listing is the hot one, and what the file says of its figures."""
import shutil
import sys
import unittest

from support import BUILD, ROOT, BenchTest, bench

sys.path.insert(0, str(ROOT))
from bench import errors, estimate  # noqa: E402

# A loop without vectors, one that spills to the stack and stores one vector, one with a branch inside, a short one.
LISTING = """
   0:\tsub\tx1, x1, #1
   4:\tcbnz\tx1, 0 <kernel>
   8:\tldr\tq0, [x2], #16
   c:\tstr\tq1, [sp, #32]
  10:\tfmla\tv0.4s, v1.4s, v2.4s
  14:\tfmla\tv0.4s, v1.4s, v2.4s
  18:\tstr\tq0, [x3], #16
  1c:\tb.ne\t8 <kernel+0x8>  // b.any
  20:\tstp\tq0, q1, [x3]
  24:\ttbnz\tw10, #0, 8 <kernel+0x8>
  28:\tfmla\tv0.4s, v1.4s, v2.4s
  2c:\tfmla\tv0.4s, v1.4s, v2.4s
  30:\tfmla\tv0.4s, v1.4s, v2.4s
  34:\tb.ne\t20 <kernel+0x20>  // b.any
  38:\tstp\tq0, q1, [x3], #32
  3c:\tb.ne\t38 <kernel+0x38>  // b.any
"""


class HotLoop(unittest.TestCase):
    def test_the_longest_without_a_branch_that_stores_vectors(self):
        loop, elements = estimate.hot_loop(LISTING)
        self.assertEqual((len(loop), loop[0], elements), (5, "ldr\tq0, [x2], #16", 4))

    def test_none(self):
        self.assertEqual(estimate.hot_loop("   0:\tret\n"), (None, 0))


class Cores(unittest.TestCase):
    def setUp(self):
        self.mca = shutil.which("llvm-mca") or shutil.which("llvm-mca-14")
        if not self.mca:
            self.skipTest("llvm-mca is not installed")

    def test_twice_the_chain_takes_about_twice_the_cycles(self):
        chain = ["fmla v0.4s, v1.4s, v2.4s"] * 8
        once, twice = (estimate.cycles(loop, "neoverse-n1", self.mca) for loop in (chain, chain * 2))
        self.assertGreater(once, 8)
        self.assertAlmostEqual(twice / once, 2, delta=0.2)

    def test_what_is_no_assembly(self):
        with self.assertRaisesRegex(errors.BenchError, "llvm-mca for neoverse-n1"):
            estimate.cycles(["frobnicate q0"], "neoverse-n1", self.mca)


class Command(BenchTest):
    def test_no_archive(self):
        text = bench("estimate", "--archive", "/nowhere/libkiln.a", "--out", self.out, status=2)
        self.assertIn("make cross-arm builds it", text)

    def test_an_archive_of_another_architecture(self):
        if not shutil.which("aarch64-linux-gnu-objdump") or not (shutil.which("llvm-mca") or shutil.which("llvm-mca-14")):
            self.skipTest("llvm-mca or the cross compiler's objdump is not installed")
        text = bench("estimate", "--archive", f"{BUILD}/lib/libkiln.a", "--out", self.out, status=2)
        self.assertIn("estimate:", text)
        self.assertFalse(self.out.exists())


if __name__ == "__main__":
    unittest.main()
