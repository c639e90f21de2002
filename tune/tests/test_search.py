"""The search in a toy space, on a clock that only it moves: it finds the known best, and loses and repeats nothing."""
import collections
import os
import pathlib
import signal
import tempfile
import threading
import time
import unittest

from tune import race
from tune.errors import CandidateFailed, TuneError
from tune.locks import key
from tune.study import Storage, Study
from tune.tests import toy
from tune.tests.worker import start
from tune.tuner import Search


class Searching(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.url = f"sqlite:///{self.folder}/study.db"

    def study(self, seed=1, facts=None, wanted=()):
        return Study(Storage(self.url), "toy", toy.space(), toy.point(1, 1), facts or {"cpu": "toy"}, seed=seed, wanted=wanted)

    def log(self):
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def worker(self, seed):
        return start(self.url, self.folder / "log", seed)

    def test_finds_the_best_in_part_of_the_space(self):
        study, clock = self.study(), toy.Clock()
        Search(study, toy.Builder(clock), 2, trials=20, clock=clock).run()
        self.assertEqual(study.best()[0], toy.point(8, 3))
        self.assertAlmostEqual(study.best()[1], toy.seconds(toy.point(8, 3)) / toy.seconds(toy.point(1, 1)))

    def test_every_kind_of_failure_ends_a_trial_alone(self):
        bad = {(16, 1): "crash", (8, 2): "wrong results", (8, 4): "hang", (2, 2): "build"}
        study, clock = self.study(), toy.Clock()
        builder = toy.Builder(clock, bad=bad)
        Search(study, builder, 2, clock=clock).run()
        failed = {(t.params["generator.width"], t.params["generator.unroll"]): t.user_attrs["failure"]
                  for t in study.finished() if "failure" in t.user_attrs}
        self.assertEqual(failed, bad)
        self.assertEqual(study.best()[0], toy.point(8, 3))
        self.assertEqual(len(study.finished()), len(study.points))

    def test_stops_at_the_deadline(self):
        study, clock = self.study(), toy.Clock()
        Search(study, toy.Builder(clock), 1, deadline=30, clock=clock).run()
        self.assertGreater(clock.now, 30)
        self.assertLess(len(study.finished()), len(study.points))

    def test_the_race_ends_by_the_deadline_too(self):
        study, clock = self.study(), toy.Clock()
        Search(study, toy.Builder(clock), 1, deadline=600, clock=clock).run()
        self.assertEqual(study.race(), [])
        self.assertGreater(max(map(len, study.rounds.all().values())), race.FIRST)
        self.assertLess(len(study.finished()), len(study.points))
        self.assertLess(clock.now, 600 * 1.1)
        self.assertGreater(clock.now, 600 / 2)

    def test_two_workers_share_a_study(self):
        studies = [self.study(seed) for seed in (1, 2)]
        builders = [toy.Builder(toy.Clock(), pause=lambda: time.sleep(0.01)) for _ in studies]
        threads = [threading.Thread(target=Search(s, w, 2).run) for s, w in zip(studies, builders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = collections.Counter(str(p) for w in builders for p in w.prepared)
        self.assertEqual(set(counts.values()), {1})
        self.assertEqual(len(counts), len(studies[0].points) - 1)  # the present schedule is not measured
        self.assertTrue(all(w.prepared for w in builders))

    def test_kill_and_go_on(self):
        first = self.worker(1)
        while len(self.log()) < 3:
            time.sleep(0.02)
            self.assertIsNone(first.poll())
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        done = len(self.log())
        second = self.worker(2)
        self.assertEqual(second.wait(timeout=120), 0)
        study = self.study(seed=3)
        self.assertEqual(len(study.finished()), len(study.points))
        self.assertEqual(study.locks.open(), [])
        self.assertEqual(study.best()[0], toy.point(8, 3))
        # What the first one finished was not measured again; at most the one that it was at can be twice in the log.
        repeated = [line for line, n in collections.Counter(self.log()).items() if n > 1]
        self.assertLessEqual(len(repeated), 1, repeated)
        self.assertGreaterEqual(done, 3)

    def test_the_leading_candidates_are_timed_again(self):
        study, clock = self.study(), toy.Clock()
        builder, left = toy.Builder(clock), []
        Search(study, builder, 2, clock=clock, on_race=left.append).run()
        expected = race.rungs(len(study.points) - 1)
        rounds = {point: len(r) for point, r in study.rounds.all().items()}
        self.assertGreater(len(expected), 1)
        for count, each in expected:
            self.assertGreaterEqual(sum(n >= each for n in rounds.values()), count)
        self.assertEqual(rounds[key(toy.point(8, 3))], expected[-1][1])
        self.assertEqual(study.race(), [])
        self.assertEqual((left[0] > left[-1], left[-1]), (True, 0))

    def test_what_leads_elsewhere_is_timed_to_the_end(self):
        study, clock = self.study(wanted=[toy.point(1, 6), toy.point(1, 7)]), toy.Clock()
        Search(study, toy.Builder(clock), 1, trials=12, clock=clock).run()
        rounds = {point: len(r) for point, r in study.rounds.all().items()}
        self.assertEqual(rounds[key(toy.point(1, 6))], max(rounds.values()))

    def test_trees_are_kept_of_what_may_lead(self):
        study, clock = self.study(), toy.Clock()
        builder, kept = toy.Builder(clock), []
        builder.retain = lambda points: kept.append(len(points))
        Search(study, builder, 2, trials=12, clock=clock).run()
        self.assertLessEqual(max(kept), 1 + race.survivors(13))

    def test_a_crash_in_the_race_ends_the_candidate(self):
        class Crashing(toy.Builder):
            def rounds(self, at, reference, count):
                if at == toy.point(8, 3) and count > race.FIRST:
                    raise CandidateFailed("crash", "at last")
                return super().rounds(at, reference, count)
        study, clock, told = self.study(), toy.Clock(), []
        Search(study, Crashing(clock), 1, clock=clock, on_result=lambda *result: told.append(result)).run()
        self.assertNotIn(toy.point(8, 3), study.leaders(len(study.points)))
        self.assertEqual([str(outcome) for _, outcome in told if isinstance(outcome, CandidateFailed)], ["at last"])

    def test_an_interrupted_race_goes_on(self):
        class Interrupted(toy.Builder):
            def rounds(self, at, reference, count):
                if count > race.FIRST and len(self.measured) > 30:
                    raise KeyboardInterrupt
                return super().rounds(at, reference, count)
        study, clock = self.study(), toy.Clock()
        first = Interrupted(clock)
        with self.assertRaises(KeyboardInterrupt):
            Search(study, first, 2, clock=clock).run()
        study, second = self.study(), toy.Builder(clock)
        left = len(study.race())
        Search(study, second, 2, clock=clock).run()
        self.assertEqual((second.prepared, study.race()), ([], []))
        self.assertGreater(left, 0)
        self.assertLess(len(second.measured), len(first.measured))

    def test_the_reference_stays(self):
        study, clock = self.study(), toy.Clock()
        Search(study, toy.Builder(clock), 1, clock=clock).run()
        again = Study(Storage(self.url), "toy", toy.space(), toy.point(8, 3), {"cpu": "toy"})
        self.assertEqual(again.reference, toy.point(1, 1))
        self.assertEqual(again.ranking(), study.ranking())

    def test_another_cpu_is_refused(self):
        self.study()
        with self.assertRaisesRegex(TuneError, "another CPU: expected other, the study has toy"):
            self.study(facts={"cpu": "other"})


if __name__ == "__main__":
    unittest.main()
