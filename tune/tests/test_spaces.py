"""Spaces: those of the repository hold its schedules, and expressions say what is wrong with them."""
import json
import os
import pathlib
import tempfile
import unittest

from tune import kernels, spaces
from tune.errors import TuneError
from tune.expressions import evaluate


class Spaces(unittest.TestCase):
    def test_expressions(self):
        names = {"a": 8, "b": 3}
        for text, expected in (("a * b <= 24", True), ("a % b == 2 and b < 2", False), ("min(a, b) + 1", 4), (7, 7)):
            self.assertEqual(evaluate(text, names), expected, text)
        for text, message in (("a +", "expected an expression"), ("c", "does not know 'c'"), ("a.b", "does not know 'Attribute'"),
                              ("__import__('os')", "does not know")):
            with self.assertRaisesRegex(TuneError, message, msg=text):
                evaluate(text, names)

    def test_constraints_bound_the_points(self):
        space = spaces.Space({"generator.a": [1, 2, 4], "runtime.grain": [5]}, ["a < 4"], [], {})
        self.assertEqual([p["generator.a"] for p in space.points()], [1, 2])
        self.assertEqual(space.entry_of({"generator.a": 2, "runtime.grain": 5}), {"generator": {"a": 2}, "runtime": {"grain": 5}})
        self.assertIsNone(space.point_of({"generator": {"a": 4}, "runtime": {"grain": 5}}))

    def test_bad_files(self):
        for text, message in (("{", "expected an object"), ('{"spaces": [{"kernels": ["x"]}]}', "lacks cases, generator, where")):
            with tempfile.TemporaryDirectory() as folder:
                (pathlib.Path(folder) / "s.json").write_text(text)
                with self.assertRaisesRegex(TuneError, message):
                    spaces.read(folder)

    def test_the_repositorys_schedules_lie_in_their_spaces(self):
        manifest, declared = kernels.Manifest(os.environ["KILN_BUILD"]), spaces.read()
        seen = 0
        for target in sorted({k.target for k in manifest.kernels if kernels.isa_of(k.target)}):
            file = json.loads((kernels.ROOT / "schedules" / f"{target}.json").read_text())
            for unit in kernels.units(manifest, target, declared, []):
                self.assertIsNotNone(unit.present(file), f"{target}: {unit.name}")
                seen += 1
        self.assertGreater(seen, 5)


if __name__ == "__main__":
    unittest.main()
