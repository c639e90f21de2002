"""Real candidates of one kernel: a good one is built, checked and timed, one that computes other bits is found out."""
import dataclasses
import os
import pathlib
import tempfile
import unittest

from bench.runner import Runner
from tune import final_comparison, kernels, schedule_file, spaces
from tune.errors import CandidateFailed
from tune.builder import Builder

TARGET = "x86_64_baseline"  # every x86 CPU runs it


class Rows(unittest.TestCase):
    def test_they_are_the_builds(self):
        manifest = kernels.Manifest(os.environ["KILN_BUILD"])
        sources = {k.source for k in manifest.kernels}
        self.assertGreater(len(sources), 10)
        for source in sources:
            rows = "".join(k.row() for k in manifest.kernels if k.source == source)
            self.assertEqual(pathlib.Path(source).with_suffix(".inc").read_text(), rows + "#undef KILN_KERNEL\n")


class Candidates(unittest.TestCase):
    def setUp(self):
        self.manifest = kernels.Manifest(os.environ["KILN_BUILD"])
        self.unit = kernels.units(self.manifest, TARGET, spaces.read(), ["^tanh.dense.exact$"])[0]
        self.present = self.unit.present(schedule_file.read(TARGET))
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def builder(self, unit=None):
        made = Builder(self.manifest, unit or self.unit, self.folder, 1, Runner())
        self.addCleanup(made.stop)
        return made

    def other_point(self):
        return next(p for p in self.unit.space.points() if p != self.present)

    def test_a_candidate_is_timed_beside_the_present_schedule(self):
        ratios = list(self.builder().rounds(self.other_point(), self.present, 2))
        self.assertEqual(len(ratios), 2)
        self.assertTrue(all(r > 0 for r in ratios), ratios)

    def test_the_final_comparison_and_its_baselines(self):
        others = [p for p in self.unit.space.points() if p != self.present][:2]
        found = final_comparison.compare_finalists(self.builder(), self.present, others)
        self.assertIn(found["best"], [self.present, *others])
        self.assertEqual(len(found["gains"]), 0 if found["best"] == self.present else final_comparison.REPEATS)
        self.assertTrue(all(g > 1 for g in found["gains"]))
        self.assertEqual(set(found["baselines"]), {"Mullapudi2016", "Adams2019"})
        for name, baseline in found["baselines"].items():
            with self.subTest(name):
                self.assertGreater(baseline["ratio"], 0)
                self.assertEqual(baseline["bits"], "same")
                self.assertEqual(len(baseline["per_case"]), len(self.unit.space.cases))
                self.assertIn(f"autoscheduler={name}", baseline["command"])
                self.assertNotIn("/", baseline["command"])

    def test_other_bits_are_wrong_results(self):
        fast = tuple(i.replace("exact", "fast") for i in self.unit.kernel.identity)
        unit = dataclasses.replace(self.unit, kernel=dataclasses.replace(self.unit.kernel, identity=fast))
        with self.assertRaises(CandidateFailed) as failure:
            self.builder(unit).prepare(self.other_point())
        self.assertEqual(failure.exception.kind, "wrong results")

    def test_a_generator_that_refuses(self):
        unit = dataclasses.replace(self.unit, kernel=dataclasses.replace(self.unit.kernel, name="no_such_generator"))
        with self.assertRaises(CandidateFailed) as failure:
            self.builder(unit).prepare(self.other_point())
        self.assertEqual(failure.exception.kind, "build")


if __name__ == "__main__":
    unittest.main()
