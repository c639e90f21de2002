"""cases.json, operators.py and gradients.py: they have what the benchmark needs of every operator of the table, and nothing of others."""
import itertools
import json
import sys
import unittest

from support import ROOT, BenchTest

sys.path.insert(0, str(ROOT))
from bench import cases, errors, gradients, operators, table  # noqa: E402

MACHINE = {"caches": {"L1": 32 << 10, "L2": 512 << 10}, "memory_bytes": 1 << 30}


class EveryOperator(unittest.TestCase):
    def test_it_has_a_case_at_every_size(self):
        for direction in table.directions():
            everything = cases.all_cases(MACHINE, direction)
            for op in table.operators(direction):
                with self.subTest(op):
                    self.assertLessEqual({"L1", "L2", "DRAM"}, {c.level for c in everything if c.op == op})

    def test_it_has_its_work(self):
        for op, row in {**table.operators(), **table.operators("backward")}.items():
            read = table.whole_tensors(op) - 1
            with self.subTest(op):
                work = cases.work(op)
                for counted in (work, *work.get("when", {}).values()):
                    self.assertIn(counted["reads"], (read, 2 * read))
                    self.assertTrue(counted["derived"])
                    self.assertLess(0, counted["exact"]["multiply"] + counted["exact"]["add"])
                self.assertLessEqual(set(work.get("when", {})), {a.name for a in table.operator(op).arguments})

    def test_it_has_its_entry(self):
        for op in table.operators():
            with self.subTest(op):
                self.assertTrue(callable(operators.operator(op).result))
        for op in table.operators("backward").values():
            with self.subTest(op.name):
                self.assertIn(op.forward, {**gradients.DERIVATIVES, **gradients.NORMALIZATIONS})

    def test_its_node_takes_tensors_that_it_has(self):
        for op, row in table.operators().items():
            with self.subTest(op):
                node = operators.operator(op).onnx_runtime
                if node:
                    self.assertTrue(node.name or row.onnx)
                    self.assertNotEqual(node.name, row.onnx)
                    self.assertLessEqual(set(node.tensors), set(table.parameters(op)))


class Others(BenchTest):
    def test_there_are_none(self):
        self.assertLessEqual(set(operators.OPERATORS), set(table.operators()))
        self.assertLessEqual(set(cases.read()[1]), set(table.operators()))
        self.assertLessEqual({*gradients.DERIVATIVES, *gradients.NORMALIZATIONS}, set(table.operators()))

    def test_an_unknown_one_is_named(self):
        for function, file in ((operators.operator, "operators.py"), (cases.work, "cases.json")):
            with self.assertRaisesRegex(errors.BenchError, f'bench/{file}.* no operator "frobnicate"'):
                function("frobnicate")

    def test_names_are_unique(self):
        ids = [c.id for direction in table.directions() for c in cases.all_cases(MACHINE, direction)]
        self.assertEqual(sorted(ids), sorted(set(ids)))

    def test_a_case_that_is_wrong_is_named(self):
        good = {"name": "mine", "op": "tanh", "shape": ["n"]}
        for wrong, expected in (({"op": "frobnicate"}, 'case mine: no operator "frobnicate"'),
                                ({"arguments": {"eps": 1}}, "case mine: tanh has no argument eps"),
                                ({"op": "layer_norm"}, "case mine: layer_norm needs normalized_shape"),
                                ({"absent": ["weight"]}, "case mine: tanh has no tensor weight"),
                                ({"layouts": ["diagonal"]}, 'case mine: no layout "diagonal"'),
                                ({"data": ["odd"]}, 'case mine: no data "odd"')):
            with self.subTest(expected), self.assertRaisesRegex(errors.BenchError, f"cases: {expected}"):
                cases.check("cases", {**good, **wrong})
        with self.assertRaisesRegex(errors.BenchError, "cases: a case has name, op and shape"):
            cases.check("cases", {"name": "mine"})

    def test_a_slow_case_has_a_plain_one_of_its_operator(self):
        slow, plain = {"name": "mine", "op": "tanh", "shape": [2]}, [{"name": "usual", "op": "silu", "shape": ["n"]}]
        for row in (slow, {**slow, "plain": "usual"}, {**slow, "plain": "other"}):
            self.out.write_text(json.dumps({"work": {}, "cases": [], "plain": plain, "cliffs": [row]}))
            with self.subTest(row), self.assertRaisesRegex(errors.BenchError, "case mine: expected the name of a plain case of tanh"):
                cases.read(self.out)

    def test_a_file_that_is_none_is_named(self):
        for content in ("not JSON", "[]", json.dumps({"cases": []})):
            self.out.write_text(content)
            with self.subTest(content), self.assertRaisesRegex(errors.BenchError, 'out.json: expected an object with "work"'):
                cases.read(self.out)


MACHINES = {"two caches": MACHINE, "three": {"caches": {"L1": 49152, "L2": 1 << 20, "L3": 32 << 20}, "memory_bytes": 1 << 35},
            "none known": {"caches": {}, "memory_bytes": 1 << 33},
            "a large last one": {"caches": {"L1": 32 << 10, "L2": 1 << 20, "L3": 768 << 20}, "memory_bytes": 1 << 40}}


class Sizes(unittest.TestCase):
    def test_every_curve_has_six(self):
        for direction, (name, machine) in itertools.product(table.directions(), MACHINES.items()):
            curves = {}
            for c in cases.select(cases.all_cases(machine, direction), [], "quick"):
                if c.level != "layer":
                    curves.setdefault(c.name, set()).add(c.bytes)
            self.assertEqual(set(curves), {row["name"] for row in cases.rows_of(direction) if "n" in row["shape"]})
            for case, sizes in curves.items():
                with self.subTest(f"{name}: {case}"):
                    self.assertGreaterEqual(len(sizes), 6)

    def test_the_caches_levels_are_among_them(self):
        machine = MACHINES["three"]
        sizes = cases.curve_bytes(machine["caches"], machine["memory_bytes"])
        levels = cases.level_bytes(machine["caches"], machine["memory_bytes"])
        self.assertEqual({level: sizes[level] for level in levels}, levels)
        self.assertEqual(sizes, {"L1": 16 << 10, "64KiB": 64 << 10, "L2": 256 << 10, "1MiB": 1 << 20, "L3": 8 << 20, "DRAM": 128 << 20})

    def test_what_each_run_has(self):
        everything = cases.all_cases(MACHINES["three"])
        of = {size: cases.select(everything, [], size) for size in ("quick", "record", "full")}
        self.assertEqual(of["full"], everything)
        self.assertEqual({c.layout for c in of["quick"]}, {"contiguous"})
        more = [c for c in of["record"] if c not in of["quick"]]
        self.assertEqual({(c.level, c.layout) for c in more}, {("layer", "channels_last")})

    def test_types_of_16_bits_have_few_that_stand_for_all(self):
        narrow = [dtype for dtype in table.BYTES if dtype != "float32"]
        everything = cases.all_cases(MACHINES["three"], dtypes=list(table.BYTES))
        self.assertEqual(cases.select(everything, [], "full"), everything)
        for size in ("quick", "record"):
            chosen = cases.select(everything, [], size)
            of = {dtype: [c for c in chosen if c.dtype == dtype] for dtype in table.BYTES}
            self.assertEqual(of["float32"], cases.select(cases.all_cases(MACHINES["three"]), [], size))
            for dtype in narrow:
                self.assertLess(len(of[dtype]), len(of["float32"]) / 2)
                self.assertEqual({c.op for c in of[dtype]}, {op for op, row in table.operators().items() if dtype in row.dtypes})
                self.assertEqual({c.level for c in of[dtype]}, {"layer", "DRAM"})
                self.assertEqual({c.layout for c in of[dtype]}, set(cases.DENSE) if size == "record" else {"contiguous"})
                self.assertEqual({c.bytes for c in of[dtype] if c.level == "DRAM"}, {128 << 20})
        names = [c.id for c in chosen if c.dtype == narrow[0]]
        self.assertIn("resnet50-stage1-bn-train/layer/channels_last", names)
        self.assertIn("resnet50-stage1-bn/layer/channels_last", names)
        self.assertNotIn("call-overhead/layer/contiguous", names)

    def test_the_roof_of_all_threads_fills_the_caches_of_all(self):
        three = MACHINES["three"]
        one, two, many = (cases.roof_bytes(three, threads) for threads in (1, 2, 64))
        self.assertEqual(one, cases.level_bytes(three["caches"], three["memory_bytes"]))
        self.assertEqual(two, {"L1": 32 << 10, "L2": 512 << 10, "L3": 8 << 20, "DRAM": 128 << 20})
        # 64 second-level caches hold more than the third level.
        self.assertEqual(many, {"L1": 1 << 20, "L2": 16 << 20, "DRAM": 128 << 20})
        self.assertEqual(cases.roof_bytes(three, 1024)["DRAM"], 4 * 1024 * (256 << 10))


class Gradients(unittest.TestCase):
    def setUp(self):
        self.cases = {c.id: c for c in cases.all_cases(MACHINES["three"], "backward")}

    def test_each_layer_has_one_where_its_operator_does(self):
        layers = [c for c in cases.all_cases(MACHINES["three"]) if c.level == "layer" and table.gradient(c.op)]
        self.assertGreater(len(layers), 15)
        for c in layers:
            mine = self.cases[f"{c.name}-backward/layer/{c.layout}"]
            with self.subTest(mine.id):
                self.assertEqual((mine.op, mine.direction, mine.shape, mine.origin), (f"{c.op}_backward", "backward", c.shape, c.origin))
                self.assertEqual(mine.request()["direction"], "backward")
                cases.check("cases", {"name": mine.name, "op": mine.op, "shape": mine.shape, "arguments": mine.arguments, "absent": mine.absent})

    def test_they_have_the_arguments_of_the_layer(self):
        self.assertEqual(self.cases["resnet50-stage1-bn-train-backward/layer/contiguous"].arguments, {"training": True})
        self.assertEqual(self.cases["llama-rms_norm-backward/layer/contiguous"].arguments, {"normalized_shape": [4096], "eps": 1e-6})
        self.assertEqual(self.cases["style-instance_norm-backward/layer/contiguous"].absent, ["running_mean", "running_var"])

    def test_three_tensors_fit_where_two_do(self):
        three = MACHINES["three"]
        for level, size in cases.level_bytes(three["caches"], three["memory_bytes"], 3).items():
            if level != "DRAM":
                self.assertLessEqual(3 * size, three["caches"][level] * 3 // 4)
        self.assertEqual(self.cases["silu-backward/L1/contiguous"].bytes, 8 << 10)
        self.assertEqual(self.cases["silu-backward/DRAM/contiguous"].bytes, 128 << 20)

    def test_slow_cases_have_none(self):
        self.assertFalse([c for c in self.cases.values() if c.level == cases.CLIFFS])


class SlowCases(unittest.TestCase):
    def setUp(self):
        self.slow = [c for c in cases.all_cases(MACHINE) if c.level == cases.CLIFFS]

    def test_each_is_measured_by_a_case_of_about_its_size(self):
        self.assertTrue(self.slow)
        for c in self.slow:
            with self.subTest(c.id):
                self.assertEqual((c.plain.op, c.plain.layout, c.plain.data), (c.op, "contiguous", ""))
                one_sample = 4 * 32 * 64 * 64
                self.assertLessEqual(c.bytes / 2, c.plain.bytes)
                self.assertLessEqual(c.plain.bytes, 2 * max(c.bytes, one_sample))

    def test_they_have_every_layout_and_kind_of_data(self):
        self.assertEqual({c.layout for c in self.slow}, set(cases.LAYOUTS))
        self.assertEqual({c.data for c in self.slow}, {"", *cases.DATA})

    def test_they_are_not_in_the_quick_run(self):
        for size in ("quick", "record"):
            self.assertFalse([c for c in cases.select(self.slow, [], size)])
            self.assertEqual(cases.select(self.slow, ["/cliffs/"], size), self.slow)


class OnnxRuntime(unittest.TestCase):
    def attributes(self, op, **given):
        return operators.operator(op).onnx_runtime.attributes(table.arguments(op, given))

    def test_arguments_that_its_node_has(self):
        self.assertEqual(self.attributes("layer_norm", normalized_shape=[5, 7], eps=0.25), {"axis": -2, "epsilon": 0.25})
        self.assertEqual(self.attributes("normalize", p=1, dim=[3]), {"p": 1, "axis": 3})
        self.assertEqual(self.attributes("batch_norm", eps=0.25), {"epsilon": 0.25})

    def test_arguments_that_it_has_not(self):
        for op, given in (("batch_norm", {"training": True}), ("instance_norm", {"use_input_stats": False}),
                          ("normalize", {"p": 3}), ("normalize", {"dim": [1, 2]}), ("normalize", {"dim": []})):
            with self.subTest(f"{op} {given}"):
                self.assertIsNone(self.attributes(op, **given))


if __name__ == "__main__":
    unittest.main()
