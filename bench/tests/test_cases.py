"""cases.json and operators.py: they have what the benchmark needs of every operator of the table, and nothing of others."""
import json
import sys
import unittest

from support import ROOT, BenchTest

sys.path.insert(0, str(ROOT))
from bench import cases, errors, operators, table  # noqa: E402

MACHINE = {"caches": {"L1": 32 << 10, "L2": 512 << 10}, "memory_bytes": 1 << 30}


class EveryOperator(unittest.TestCase):
    def test_it_has_a_case_at_every_size(self):
        everything = cases.all_cases(MACHINE)
        for op in table.operators():
            with self.subTest(op):
                self.assertLessEqual({"L1", "L2", "DRAM"}, {c.level for c in everything if c.op == op})

    def test_it_has_its_work(self):
        for op in table.operators():
            with self.subTest(op):
                work = cases.work(op)
                for counted in (work, *work.get("when", {}).values()):
                    self.assertIn(counted["reads"], (1, 2))
                    self.assertTrue(counted["derived"])
                    self.assertLess(0, counted["exact"]["multiply"] + counted["exact"]["add"])
                self.assertLessEqual(set(work.get("when", {})), {a.name for a in table.operator(op).arguments})

    def test_it_has_its_entry(self):
        for op in table.operators():
            with self.subTest(op):
                self.assertTrue(callable(operators.operator(op).result))

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

    def test_an_unknown_one_is_named(self):
        for function, file in ((operators.operator, "operators.py"), (cases.work, "cases.json")):
            with self.assertRaisesRegex(errors.BenchError, f'bench/{file}.* no operator "frobnicate"'):
                function("frobnicate")

    def test_names_are_unique(self):
        ids = [c.id for c in cases.all_cases(MACHINE)]
        self.assertEqual(sorted(ids), sorted(set(ids)))

    def test_a_case_that_is_wrong_is_named(self):
        good = {"name": "mine", "op": "tanh", "shape": ["n"]}
        for wrong, expected in (({"op": "frobnicate"}, 'case mine: no operator "frobnicate"'),
                                ({"arguments": {"eps": 1}}, "case mine: tanh has no argument eps"),
                                ({"op": "layer_norm"}, "case mine: layer_norm needs normalized_shape"),
                                ({"absent": ["weight"]}, "case mine: tanh has no tensor weight"),
                                ({"layouts": ["diagonal"]}, 'case mine: no layout "diagonal"')):
            with self.subTest(expected), self.assertRaisesRegex(errors.BenchError, f"cases: {expected}"):
                cases.check("cases", {**good, **wrong})
        with self.assertRaisesRegex(errors.BenchError, "cases: a case has name, op and shape"):
            cases.check("cases", {"name": "mine"})

    def test_a_file_that_is_none_is_named(self):
        for content in ("not JSON", "[]", json.dumps({"cases": []})):
            self.out.write_text(content)
            with self.subTest(content), self.assertRaisesRegex(errors.BenchError, 'out.json: expected an object with "work"'):
                cases.read(self.out)


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
