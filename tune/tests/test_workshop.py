"""Real candidates of one kernel: a good one is built, checked and timed, one that computes other bits is found out."""
import dataclasses
import json
import os
import tempfile
import unittest

from tune import kernels, spaces
from tune.errors import CandidateFailed
from tune.workshop import Workshop

TARGET = "x86_64_baseline"  # every x86 CPU runs it


class Candidates(unittest.TestCase):
    def setUp(self):
        self.manifest = kernels.Manifest(os.environ["KILN_BUILD"])
        file = json.loads((kernels.ROOT / f"schedules/{TARGET}.json").read_text())
        self.unit = kernels.units(self.manifest, TARGET, file, spaces.read(), ["^tanh.dense.exact$"])[0]
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def workshop(self, unit=None):
        made = Workshop(self.manifest, unit or self.unit, self.folder, 1)
        self.addCleanup(made.stop)
        return made

    def other_point(self):
        return next(p for p in self.unit.space.points() if p != self.unit.present)

    def test_a_candidate_is_timed_beside_the_present_schedule(self):
        ratios = list(self.workshop().rounds(self.other_point(), self.unit.present, 2))
        self.assertEqual(len(ratios), 2)
        self.assertTrue(all(r > 0 for r in ratios), ratios)

    def test_other_bits_are_wrong_results(self):
        fast = tuple(i.replace("exact", "fast") for i in self.unit.kernel.identity)
        unit = dataclasses.replace(self.unit, kernel=dataclasses.replace(self.unit.kernel, identity=fast))
        with self.assertRaises(CandidateFailed) as failure:
            self.workshop(unit).prepare(self.other_point())
        self.assertEqual(failure.exception.kind, "wrong results")

    def test_a_generator_that_refuses(self):
        unit = dataclasses.replace(self.unit, kernel=dataclasses.replace(self.unit.kernel, name="no_such_generator"))
        with self.assertRaises(CandidateFailed) as failure:
            self.workshop(unit).prepare(self.other_point())
        self.assertEqual(failure.exception.kind, "build")


if __name__ == "__main__":
    unittest.main()
