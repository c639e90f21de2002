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

    def test_classes_of_shapes(self):
        kernel = kernels.Kernel("k", "layer_norm", "rows", "exact", "t", None, "", "", "", (), "")
        space = spaces.Space({"generator.a": [1, 2, 4], "runtime.grain": [5]}, [], [], {})
        entry = {"generator": {"a": 1}, "runtime": {"grain": 5}, "classes": [{"up_to": 64, "generator": {"a": 2}, "runtime": {"grain": 5}}]}
        file = {"kernels": {"rows": entry}}

        def present(up_to):
            return kernels.Unit(kernel, space, up_to).present(file)["generator.a"]
        self.assertEqual([present(n) for n in (None, 32, 64, 128)], [1, 2, 2, 1])
        found = {"generator": {"a": 4}, "runtime": {"grain": 5}}
        updated = kernels.Unit(kernel, space, 128).updated(file, found)
        self.assertEqual([(c["up_to"], c["generator"]["a"]) for c in updated["classes"]], [(64, 2), (128, 4)])
        self.assertEqual(updated["generator"], {"a": 1})
        self.assertEqual(kernels.Unit(kernel, space).updated(file, found), {**found, "classes": entry["classes"]})

    def test_the_repositorys_schedules_lie_in_their_spaces(self):
        manifest, declared = kernels.Manifest(os.environ["KILN_BUILD"]), spaces.read()
        seen = 0
        for target in sorted({k.target for k in manifest.kernels}):
            file = json.loads((kernels.ROOT / "schedules" / f"{target}.json").read_text())
            for unit in kernels.units(manifest, target, declared, []):
                self.assertIsNotNone(unit.present(file), f"{target}: {unit.name}")
                seen += 1
        self.assertGreater(seen, 5)


if __name__ == "__main__":
    unittest.main()
