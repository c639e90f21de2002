"""Spaces: those of the repository hold its schedules, and expressions say what is wrong with them."""
import json
import os
import pathlib
import tempfile
import unittest

from tune import kernels, schedule_file, spaces
from tune.errors import TuneError
from tune.expressions import evaluate


def a_kernel(op, form, direction="forward", dtype="float32", halide=""):
    return kernels.Kernel("symbol", op, direction, dtype, form, "exact", "x86_64_avx2", "general", None, 5, form, "", "", halide, (), "")


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
        kernel = a_kernel("layer_norm", "rows")
        space = spaces.Space({"generator.a": [1, 2, 4], "runtime.grain": [5]}, [], [], {})
        entry = {"generator": {"a": 1}, "runtime": {"grain": 5}, "classes": [{"up_to": 64, "generator": {"a": 2}, "runtime": {"grain": 5}}]}
        file = {"forward": {"float32": {"rows": entry}}}

        def present(up_to):
            return kernels.Unit(kernel, space, up_to).present(file)["generator.a"]
        self.assertEqual([present(n) for n in (None, 32, 64, 128)], [1, 2, 2, 1])
        found = {"generator": {"a": 4}, "runtime": {"grain": 5}}
        updated = kernels.Unit(kernel, space, 128).updated(file, found)
        self.assertEqual([(c["up_to"], c["generator"]["a"]) for c in updated["classes"]], [(64, 2), (128, 4)])
        self.assertEqual(updated["generator"], {"a": 1})
        self.assertEqual(kernels.Unit(kernel, space).updated(file, found), {**found, "classes": entry["classes"]})

    def test_an_entry_is_of_a_direction_and_an_element_type(self):
        kernel, file = a_kernel("layer_norm", "rows", dtype="float16"), {"forward": {"float32": {"rows": {}}}}
        with self.assertRaisesRegex(TuneError, "forward: float16: no entry for layer_norm.rows"):
            kernels.entry_of(file, kernel)

    def test_a_space_is_of_a_direction_and_of_element_types(self):
        declared = [{"kernels": ["*.rows"], "where": "cpu", "dtypes": ["float64"]},
                    {"kernels": ["*.rows"], "where": "cpu", "direction": "backward"}, {"kernels": ["layer_*"], "where": "cpu"}]

        def found(**identity):
            space = spaces.matching(declared, a_kernel("layer_norm", "rows", **identity), "cpu")
            return declared.index(space) if space else None
        self.assertEqual(found(), 2)
        self.assertEqual(found(dtype="float64"), 0)
        self.assertEqual(found(direction="backward"), 1)
        self.assertIsNone(spaces.matching(declared, a_kernel("layer_norm", "rows"), "device"))

    def test_another_element_type_is_another_study(self):
        space = {"kernels": ["*"], "where": "cpu", "generator": {"a": ["lanes"]}, "cases": [{"shape": [4]}]}
        wide, narrow = (spaces.of_kernel(space, a_kernel("tanh", "dense", dtype=t, halide="x86-64-avx2-avx"))
                        for t in ("float32", "float16"))
        # Both compute in float32.
        self.assertEqual((wide.parameters["generator.a"], narrow.parameters["generator.a"]), ([8], [8]))
        self.assertEqual([c["dtype"] for c in wide.cases + narrow.cases], ["float32", "float16"])
        self.assertNotEqual(wide.digest(), narrow.digest())

    def test_schedule_files_are_written_as_they_are(self):
        for path in sorted((kernels.ROOT / "schedules").glob("*.json")):
            text = path.read_text()
            self.assertEqual(schedule_file.text(json.loads(text)), text, path.name)

    def test_the_repositorys_schedules_lie_in_their_spaces(self):
        manifest, declared = kernels.Manifest(os.environ["KILN_BUILD"]), spaces.read()
        seen = 0
        for target in sorted({k.target for k in manifest.kernels}):
            file = json.loads((kernels.ROOT / "schedules" / f"{target}.json").read_text())
            for dtype in sorted({k.dtype for k in manifest.kernels if k.target == target}):
                for unit in kernels.units(manifest, target, declared, [], dtype=dtype):
                    self.assertIsNotNone(unit.present(file), f"{target}: {dtype}: {unit.name}")
                    seen += 1
        self.assertGreater(seen, 5)

    def test_all_entries_of_types_of_16_bits_are_in_a_space(self):
        """Those of targets that this build is not for, too."""
        declared = spaces.read()
        for path in sorted((kernels.ROOT / "schedules").glob("*.json")):
            for dtype, entries in json.loads(path.read_text())["forward"].items():
                for key, entry in entries.items() if dtype != "float32" else ():
                    op, form = key.split(".")[:2] if "." in key else ("tanh", key)
                    kernel = a_kernel(op, form, dtype=dtype, halide={"x86_64_avx512": "avx512", "x86_64_avx2": "x86-64-avx"}.get(path.stem, ""))
                    space = spaces.matching(declared, kernel, "device" if path.stem in kernels.devices() else "cpu")
                    self.assertIsNotNone(space, f"{path.name}: {dtype}: {key}")
                    for serving in [entry, *entry.get("classes", [])]:
                        self.assertIsNotNone(spaces.of_kernel(space, kernel).point_of(serving), f"{path.name}: {dtype}: {key}")


if __name__ == "__main__":
    unittest.main()
