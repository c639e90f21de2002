"""Real candidates of one kernel: a good one is built, checked and timed, one that computes other bits is found out."""
import dataclasses
import math
import os
import pathlib
import tempfile
import unittest
import unittest.mock

from bench.runner import Runner
from tune import final_comparison, kernels, schedule_file, spaces
from tune.errors import CandidateFailed
from tune.builder import Builder

TARGET = "x86_64_baseline"  # every x86 CPU runs it
LARGEST = 1 << 16  # elements: these are not for the figures


class Rows(unittest.TestCase):
    def test_they_are_the_builds(self):
        manifest = kernels.Manifest(os.environ["KILN_BUILD"])
        sources = {k.source for k in manifest.kernels}
        self.assertGreater(len(sources), 10)
        for source in sources:
            rows = "".join(k.row() for k in manifest.listed if k.source == source)
            self.assertEqual(pathlib.Path(source).with_suffix(".inc").read_text(), rows + "#undef KILN_KERNEL\n")


class Candidates(unittest.TestCase):
    def setUp(self):
        self.manifest = kernels.Manifest(os.environ["KILN_BUILD"])
        self.unit = kernels.units(self.manifest, TARGET, spaces.read(), ["^tanh.dense.exact$"])[0]
        self.unit.space.cases = [case for case in self.unit.space.cases if math.prod(case["shape"]) <= LARGEST]
        self.assertEqual({case["threads"] for case in self.unit.space.cases}, {1, "all"})
        self.present = self.unit.present(schedule_file.read(TARGET))
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def builder(self, unit=None):
        made = Builder(self.manifest, unit or self.unit, self.folder, 1, Runner())
        self.addCleanup(made.stop)
        return made

    def other_point(self):
        return next(p for p in self.unit.space.points() if p != self.present)

    def test_a_candidate_is_timed_beside_the_present_schedule(self):
        builder = self.builder()
        rounds = builder.rounds(self.other_point(), self.present, 2)
        self.assertEqual([len(ratios) for ratios in rounds], [len(self.unit.space.cases)] * 2)
        self.assertTrue(all(r > 0 for ratios in rounds for r in ratios), rounds)

    def test_trees(self):
        """A candidate's holds the program that times it; they go where they are not wanted any more."""
        builder, other = self.builder(), self.other_point()
        builder.prepare(other)
        builder.prepare(self.present)
        self.assertEqual({p.name for p in builder.place(other).iterdir() if p.is_file()}, {"kiln_bench", "checked"})
        builder.retain([self.present])
        self.assertEqual(list(builder.folder.iterdir()), [builder.place(self.present)])
        builder.remove()
        self.assertFalse(builder.folder.exists())

    def test_code(self):
        """The same of a generator that is the same; nothing else is told of it."""
        builder = self.builder()
        self.assertEqual(builder.code(), builder.code())
        fast = tuple(i.replace("exact", "fast") for i in self.unit.kernel.identity)
        self.assertNotEqual(self.builder(dataclasses.replace(self.unit, kernel=dataclasses.replace(self.unit.kernel, identity=fast))).code(),
                            builder.code())

    def test_the_final_comparison_and_its_baselines(self):
        others = [p for p in self.unit.space.points() if p != self.present][:2]
        with unittest.mock.patch.object(final_comparison, "ROUNDS", 2):
            found = final_comparison.compare_finalists(self.builder(), self.present, others)
        self.assertIn(found["best"], [self.present, *others])
        self.assertEqual(len(found["gains"]), 0 if found["best"] == self.present else final_comparison.REPEATS)
        self.assertEqual([f["point"] for f in found["finalists"]], others)
        for finalist in found["finalists"]:
            self.assertEqual(len(finalist["ratios"]), len(self.unit.space.cases))
            self.assertEqual(len(finalist["repeats"]), final_comparison.REPEATS)
        self.assertEqual(set(found["baselines"]), {"Mullapudi2016", "Adams2019"})
        for name, baseline in found["baselines"].items():
            with self.subTest(name):
                self.assertGreater(baseline["ratio"], 0)
                self.assertEqual(baseline["bits"], "same")
                self.assertEqual(len(baseline["per_case"]), len(self.unit.space.cases))
                self.assertIn(f"autoscheduler={name}", baseline["command"])
                self.assertNotIn("/", baseline["command"])

    def expect_wrong_results(self, unit):
        """Of the last point, which no test has built before."""
        fast = tuple(i.replace("exact", "fast") for i in unit.kernel.identity)
        unit = dataclasses.replace(unit, kernel=dataclasses.replace(unit.kernel, identity=fast))
        with self.assertRaises(CandidateFailed) as failure:
            self.builder(unit).prepare(list(unit.space.points())[-1])
        self.assertEqual(failure.exception.kind, "wrong results")

    def test_other_bits_are_wrong_results(self):
        self.expect_wrong_results(self.unit)

    def test_types_of_16_bits_are_held_to_digests_of_their_own(self):
        # Of silu exact and fast differ in each type, which rounding hides in others.
        unit = kernels.units(self.manifest, TARGET, spaces.read(), ["^silu.dense.exact$"], dtype="bfloat16")[0]
        unit.space.cases = [case for case in unit.space.cases if math.prod(case["shape"]) <= LARGEST]
        builder, present = self.builder(unit), unit.present(schedule_file.read(TARGET))
        rounds = builder.rounds(next(p for p in unit.space.points() if p != present), present, 1)
        self.assertTrue(all(r > 0 for ratios in rounds for r in ratios), rounds)
        self.expect_wrong_results(unit)

    def test_a_generator_that_refuses(self):
        unit = dataclasses.replace(self.unit, kernel=dataclasses.replace(self.unit.kernel, name="no_such_generator"))
        with self.assertRaises(CandidateFailed) as failure:
            self.builder(unit).prepare(self.other_point())
        self.assertEqual(failure.exception.kind, "build")


class Finalists(unittest.TestCase):
    """Whose rounds are made up: [[[ratio a case] a round] a repeat]."""

    def best_of(self, *found):
        best = final_comparison.best_of([{"point": i, **final_comparison.summary([[ratios] * 4 for ratios in repeats])}
                                         for i, repeats in enumerate(found)])
        return best and best["point"]

    def test_the_best_over_all_rounds(self):
        self.assertEqual(self.best_of([[0.9, 0.9]] * 5, [[0.7, 0.7]] * 4 + [[0.95, 0.95]]), 1)

    def test_one_case_that_is_slow_in_one_repeat_is_noise(self):
        self.assertEqual(self.best_of([[0.7, 0.98]] * 4 + [[0.7, 1.3]]), 0)

    def test_one_that_loses_in_a_case_is_none(self):
        self.assertEqual(self.best_of([[0.5, 1.04]] * 5, [[0.9, 1.0]] * 5), 1)
        self.assertIsNone(self.best_of([[0.5, 1.04]] * 5))

    def test_the_present_schedule_where_none_is_better(self):
        self.assertIsNone(self.best_of([[1.01, 1.01]] * 5, [[0.9, 0.9]] * 4 + [[1.02, 1.02]]))


if __name__ == "__main__":
    unittest.main()
