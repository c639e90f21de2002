"""`bench estimate`: what it reads from qemu's log and asks of llvm-mca. test_emulated.py runs it whole, where a cross build is."""
import shutil
import sys
import unittest

from support import BUILD, ROOT, BenchTest, bench

sys.path.insert(0, str(ROOT))
from bench import blocks, errors, estimate  # noqa: E402

LOG = """----------------
IN: kernel
0x5500001000:  4e22cc20  fmla     v0.4s, v1.4s, v2.4s
0x5500001004:  54ffffe1  b.ne     #0x5500001000

----------------
IN:
0x5500002000:  d65f03c0  ret
Trace 0: 0x7f8a34000100 [0000000000000000/0000005500001000/00000051/ff000000] kernel
Trace 0: 0x7f8a34000100 [0000000000000000/0000005500001000/00000051/ff000000] kernel
Trace 0: 0x7f8a34000300 [0000000000000000/0000005500002000/00000051/ff000000]
"""


class Log(unittest.TestCase):
    def test_blocks(self):
        self.assertEqual(blocks.translated(LOG.splitlines()),
                         {0x5500001000: ["4e22cc20", "54ffffe1"], 0x5500002000: ["d65f03c0"]})
        self.assertEqual(blocks.EXECUTED.findall(LOG), ["0000005500001000"] * 2 + ["0000005500002000"])

    def test_blocks_that_a_page_cuts(self):
        fmla, branch, ret = "4e22cc20", "54ffffe1", "d65f03c0"
        cut = {0x5500001ff8: [fmla, fmla], 0x5500002000: [fmla, branch], 0x5500002008: [ret]}
        self.assertEqual(blocks.joined(cut, {0x5500001ff8: 90.0, 0x5500002000: 100.0, 0x5500002008: 1.0}),
                         [([fmla, fmla, fmla, branch], 90.0), ([fmla, branch], 10.0), ([ret], 1.0)])
        self.assertEqual(blocks.joined({0x5500001ff8: [fmla], 0x5500002000: [ret]}, {0x5500001ff8: 1.0, 0x5500002000: 1.0}),
                         [([fmla], 1.0), ([ret], 1.0)])

    def test_the_hottest(self):
        executed = [(["a"] * 10, 100.0), (["b"], 1.0), (["c"] * 100, 90.0)]
        chosen, scale = estimate.hottest(executed)
        self.assertEqual([words[0] for words, _ in chosen], ["c", "a"])
        self.assertAlmostEqual(scale, 10001 / 10000)


class Cores(unittest.TestCase):
    CHAIN = ("4e22cc20",) * 8  # fmla v0.4s, v1.4s, v2.4s

    def setUp(self):
        try:
            estimate.tool("llvm-mca"), estimate.tool("llvm-mc")
        except errors.BenchError as e:
            self.skipTest(str(e))

    def test_twice_the_chain_takes_about_twice_the_cycles(self):
        once, twice, again = estimate.cycles([self.CHAIN, self.CHAIN * 2, self.CHAIN], "neoverse-n1")
        self.assertGreater(once, 8)
        self.assertAlmostEqual(twice / once, 2, delta=0.2)
        self.assertEqual(again, once)  # each block stands alone

    def test_numbers_become_the_instructions_they_are(self):
        self.assertEqual(estimate.assembly(("4e22cc20", "d65f03c0")), ["fmla\tv0.4s, v1.4s, v2.4s", "ret"])

    def test_a_core_that_is_unknown(self):
        with self.assertRaisesRegex(errors.BenchError, "llvm-mca for abacus"):
            estimate.cycles([self.CHAIN], "abacus")


class Command(BenchTest):
    def test_no_program(self):
        text = bench("estimate", "--program", "/nowhere/kiln_bench", "--out", self.out, status=2)
        self.assertIn("make cross-arm builds it", text)

    def test_a_program_of_another_architecture(self):
        if not shutil.which("qemu-aarch64") and not shutil.which("qemu-aarch64-static"):
            self.skipTest("qemu-aarch64 is not installed")
        text = bench("estimate", "--program", f"{BUILD}/bin/kiln_bench", "--out", self.out, status=2)
        self.assertIn("estimate: kiln_bench under qemu", text)
        self.assertFalse(self.out.exists())


if __name__ == "__main__":
    unittest.main()
