"""kiln_bench of a cross build, behind the emulator: every operator, both layouts, and what its file says of its figures."""
import os
import sys
import unittest

from support import BUILD, ROOT, BenchTest, bench

sys.path.insert(0, str(ROOT))
from bench import cases, errors, estimate, table  # noqa: E402


class Emulated(BenchTest):
    def setUp(self):
        super().setUp()
        self.runner_words = os.environ.get("KILN_RUNNER")
        if not self.runner_words:
            self.skipTest("no emulator: expected qemu-user")

    def test_every_operator(self):
        self.run_bench("--runner", self.runner_words, "--emulated",
                       small=["--case", "/L1/", "--threads", "1", "--rounds", "1", "--round-ms", "0.1"])
        found = self.results()
        self.assertEqual(found["machine"]["architecture"], "aarch64")
        self.assertEqual({r["op"] for r in found["rows"]}, set(table.operators()))
        self.assertEqual({r["layout"] for r in found["rows"]}, set(cases.DENSE))
        for row in found["rows"]:
            with self.subTest(row["case"]):
                names = [c["name"] for c in row["implementations"]]
                self.assertIn("copy/memcpy", names)
                self.assertIn("kiln/exact/neon", names)
                self.assertEqual({c["obtained"] for c in row["implementations"]}, {"emulated"})
        self.assertEqual({r["obtained"] for r in found["roof"]}, {"emulated"})

    def test_threads(self):
        self.run_bench("--runner", self.runner_words, "--emulated",
                       small=["--case", "^layer_norm/L1/", "--threads", "2", "--rounds", "1", "--round-ms", "0.1"])
        self.assertIn("kiln/exact/neon", [c["name"] for c in self.results()["rows"][0]["implementations"]])

    def test_estimates(self):
        try:
            estimate.tool("llvm-mca"), estimate.tool("llvm-mc")
        except errors.BenchError as e:
            self.skipTest(str(e))
        bench("estimate", "--program", f"{BUILD}/bin/kiln_bench", "--case", "^(mish|normalize)/", "--out", self.out)
        rows = {r["op"]: r for r in self.results()["rows"]}
        self.assertEqual(set(rows), {"mish", "normalize"})
        self.assertEqual({c["obtained"] for r in rows.values() for c in r["implementations"]}, {"estimate"})
        for core in estimate.CORES:
            cycles = {(op, c["name"].split("/")[1]): c["best"] / r["bytes"] for op, r in rows.items() for c in r["implementations"]
                      if c["name"].endswith(core)}
            self.assertLess(cycles["mish", "fast"], cycles["mish", "exact"])
            self.assertLess(cycles["normalize", "exact"], cycles["mish", "exact"])


if __name__ == "__main__":
    unittest.main()
