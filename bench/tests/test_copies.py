"""Copies and the roof of several threads."""
import pathlib
import sys
import unittest

import numpy as np

from support import BUILD, ROOT

sys.path.insert(0, str(ROOT))
from bench import elements, library  # noqa: E402


class Copies(unittest.TestCase):
    def setUp(self):
        self.library = library.Library(f"{BUILD}/lib/libkiln_bench.so")

    def session(self, count, threads):
        return library.Session(self.library, {"do": "measure", "case": {"op": "tanh", "shape": [count]}, "threads": threads,
                                              "only": ["copy/memcpy", "copy/loop", "copy/streaming"]})

    @staticmethod
    def team():
        """The threads of this process that copy, without the one that asks them to."""
        names = [pathlib.Path(task, "comm") for task in pathlib.Path("/proc/self/task").iterdir()]
        return sum(name.read_text().strip() == "bench_team" for name in names if name.exists())

    def test_threads_are_there_before_anything_is_timed_and_none_is_added(self):
        with self.session(1 << 12, 3) as session:
            self.assertEqual(self.team(), 2)
            for name in session.names():
                self.assertTrue(session.call(name))
            self.assertEqual(self.team(), 2)
        self.assertEqual(self.team(), 0)
        with self.session(1 << 12, 1):
            self.assertEqual(self.team(), 0)

    def test_every_element_is_copied_by_any_number_of_threads(self):
        for count in (1, 15, 16, 17, 1000, 4097):
            for threads in (1, 2, 3, 7):
                with self.subTest(f"{count} by {threads}"), self.session(count, threads) as session:
                    for name in session.names():
                        session.memory("output")[:] = 0
                        self.assertTrue(session.call(name))
                        self.assertTrue(np.array_equal(session.memory("output"), session.memory("input")))

    def test_elements_of_16_bits_too(self):
        for count in (1, 31, 33, 4097):
            for threads in (1, 3):
                request = {"do": "measure", "case": {"op": "tanh", "dtype": "bfloat16", "shape": [count]}, "threads": threads,
                           "only": ["copy/memcpy", "copy/loop", "copy/streaming"]}
                with self.subTest(f"{count} by {threads}"), library.Session(self.library, request) as session:
                    for name in session.names():
                        session.memory("output")[:] = 0
                        self.assertTrue(session.call(name))
                        self.assertEqual((session.memory("output").dtype, session.memory("output").size), (np.uint16, count))
                        self.assertTrue(np.array_equal(session.memory("output"), session.memory("input")))

    def test_the_values_of_a_case_are_float32s_to_the_nearest(self):
        def values(dtype):
            case = {"op": "layer_norm", "dtype": dtype, "shape": [4096], "arguments": {"normalized_shape": [4096]}}
            with library.Session(self.library, {"do": "measure", "case": case}) as session:
                return {name: elements.floats(session.memory(name), dtype).copy() for name in ("input", "weight", "bias")}
        wide = values("float32")
        for dtype in ("float16", "bfloat16"):
            for name, narrow in values(dtype).items():
                off = np.abs(narrow.astype(np.float64) - wide[name]) / elements.last_place(narrow.astype(np.float64), dtype)
                self.assertLessEqual(off.max(), 0.5, (dtype, name))

    def test_all_threads_work_at_once(self):
        # 64 MiB each of 3 threads: all of them have used the CPU, none did another's part.
        with self.session(3 << 24, 3) as session:
            for _ in range(3):
                session.call("copy/loop")
            ticks = []
            for task in pathlib.Path("/proc/self/task").iterdir():
                if (task / "comm").read_text().strip() == "bench_team":
                    ticks.append(sum(map(int, (task / "stat").read_text().rpartition(")")[2].split()[11:13])))
            self.assertEqual(len(ticks), 2)
            self.assertGreater(min(ticks), 0, ticks)

    def test_the_roof_says_its_sizes_and_refuses_no_threads(self):
        roof = self.library.ask({"do": "roof", "bytes": [16384, 1 << 20], "threads": 2, "rounds": 1, "seconds": 1e-4})["roof"]
        self.assertEqual([b["bytes"] for b in roof["bandwidth"]], [16384, 1 << 20])
        self.assertIn("expected 1 to 4096", self.library.ask({"do": "roof", "bytes": [16384], "threads": 0})["error"])


if __name__ == "__main__":
    unittest.main()
