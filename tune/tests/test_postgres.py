"""Two workers in processes of their own on one study in PostgreSQL: none loses or repeats a trial."""
import collections
import pathlib
import tempfile
import unittest

from tune.study import Storage, Study
from tune.tests import postgres, toy
from tune.tests.worker import start


@unittest.skipUnless(postgres.programs(), "PostgreSQL's server is not installed")
class TwoWorkers(unittest.TestCase):
    def test_one_study(self):
        with postgres.server() as url, tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            workers = [start(url, log, seed) for seed in (1, 2)]
            self.assertEqual([w.wait(timeout=300) for w in workers], [0, 0])
            storage = Storage(url)
            study = Study(storage, "toy", toy.space(), toy.point(1, 1), {"cpu": "toy"})
            self.assertEqual(study.locks.open(), [])
            self.assertEqual(len(study.finished()), len(study.points))
            self.assertEqual(study.best()[0], toy.point(8, 3))
            lines = collections.Counter(log.read_text().splitlines())
            self.assertEqual(set(lines.values()), {1})
            self.assertEqual(len({row.owner for row in study.locks.all()}), 2)
            storage.engine.dispose()


if __name__ == "__main__":
    unittest.main()
