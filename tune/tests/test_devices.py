"""A candidate for a device, built, checked and timed on OpenCL's device, which here is a CPU through PoCL."""
import os
import pathlib
import tempfile
import unittest

from bench.errors import BenchError
from bench.runner import Runner
from bench.workers import RestartingWorker
from tune import kernels, schedule_file, spaces
from tune.builder import Builder

BUILD = pathlib.Path(os.environ["KILN_BUILD"])


class Devices(unittest.TestCase):
    def test_a_candidate(self):
        worker = RestartingWorker([str(BUILD / "bin/kiln_bench")], 60)
        self.addCleanup(worker.stop)
        try:
            worker.ask({"do": "describe", "device": "opencl"})
        except BenchError as e:
            self.skipTest(str(e))
        unit = kernels.units(kernels.Manifest(BUILD), "opencl", spaces.read(), ["^tanh.aligned.exact$"])[0]
        present = unit.present(schedule_file.read("opencl"))
        other = next(p for p in unit.space.points() if p != present)
        with tempfile.TemporaryDirectory() as folder:
            builder = Builder(kernels.Manifest(BUILD), unit, folder, 1, Runner())
            self.addCleanup(builder.stop)
            rounds = builder.rounds(other, present, 1)
            self.assertTrue(all(ratio > 0 for ratio in rounds[0]), rounds)
            self.assertEqual(builder.timer(other).bits(), builder.timer(present).bits())


if __name__ == "__main__":
    unittest.main()
