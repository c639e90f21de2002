"""The float64 results that errors are measured against: a sample's are those of the whole, and an error that is put in is
the error that is found."""
import dataclasses
import sys
import unittest
from unittest import mock

import numpy as np

from support import ROOT

sys.path.insert(0, str(ROOT))
from bench import elements, errors, reference, table  # noqa: E402

# Beside the defaults, the other values of booleans, and rows of one dimension and of two: what else leads an operator another
# way.
ARGUMENTS = {"local_response_norm": [{"size": 3}], "normalize": [{"p": 3}, {"p": "inf"}, {"dim": [2, -1]}]}


@dataclasses.dataclass
class Example:
    op: str
    arguments: dict
    tensors: dict
    dtype: str = "float32"


def examples():
    rng = np.random.default_rng(5)
    for name, op in table.operators().items():
        required = {a.name: [7] if a.type == "extents" else 2 for a in op.arguments if a.default is None}
        others = [{a.name: not a.default} for a in op.arguments if a.type == "boolean"]
        others += [{a.name: [5, 7]} for a in op.arguments if a.type == "extents"]
        for given in [{}, *others, *ARGUMENTS.get(name, [])]:
            arguments = table.arguments(name, {**required, **given})
            yield Example(name, arguments, {t.name: rng.uniform(0.5, 2, arguments.get(t.shape, 4)).astype(np.float32)
                                            for t in op.tensors[1:-1]})


class Samples(unittest.TestCase):
    x = np.random.default_rng(3).uniform(-3, 3, (6, 4, 5, 7)).astype(np.float32)

    def test_they_are_the_whole_result_s(self):
        for case in examples():
            whole = reference.evaluate(case, self.x)["output"]
            with self.subTest(f"{case.op} {case.arguments}"), mock.patch.object(reference, "SAMPLE", {"ulp": 100, "absolute": 300}):
                part = reference.evaluate(case, self.x)["output"]
                self.assertEqual(part.shape, (100,) if table.operator(case.op).family == "elementwise" else (2, 4, 5, 7))
                np.testing.assert_allclose(part.ravel(), whole.ravel()[:part.size], rtol=1e-12, atol=0)

    def test_normalized_over_the_batch_there_is_no_part_of_it(self):
        for dim in (0, [], [-4, 1]):
            case = Example("normalize", table.arguments("normalize", {"dim": dim}), {})
            with mock.patch.object(reference, "SAMPLE", {"ulp": 100, "absolute": 300}):
                self.assertEqual(reference.evaluate(case, self.x)["output"].shape, self.x.shape)

    def test_an_operator_that_is_unknown_is_named(self):
        row = dataclasses.replace(table.operator("normalize"), name="frobnicate")
        with mock.patch.object(table, "operators", lambda _: {"frobnicate": row}):
            with self.assertRaisesRegex(errors.BenchError, 'bench/operators.py has no operator "frobnicate"'):
                reference.evaluate(Example("frobnicate", {}, {}), self.x)

    def test_the_error_that_was_put_in_is_found(self):
        for case in examples():
            exact = reference.evaluate(case, self.x)
            y = exact["output"].astype(np.float32).reshape(self.x.shape)
            rounding = reference.error_of(case, {"output": y}, exact)
            self.assertLessEqual(rounding, 0.5)
            at = np.unravel_index(np.argmax(np.abs(y)), y.shape)
            step = np.spacing(y[at]) if table.operator(case.op).family == "elementwise" else np.float32(0.01 * abs(y[at]))
            y[at] += 3 * step
            found = reference.error_of(case, {"output": y}, exact)
            with self.subTest(f"{case.op} {case.arguments}"):
                expected = 3 if table.operator(case.op).family == "elementwise" else 3 * step / max(1, abs(y[at]))
                self.assertAlmostEqual(found, expected, delta=0.5 if table.operator(case.op).family == "elementwise" else 0.002)
            y[at] = np.nan
            self.assertIsNone(reference.error_of(case, {"output": y}, exact))


class ElementTypes(unittest.TestCase):
    def test_they_are_those_of_the_table(self):
        self.assertEqual({name: element.bytes for name, element in elements.ELEMENTS.items()}, table.BYTES)

    def test_words_stand_for_their_numbers(self):
        for dtype, word, expected in (("float16", 0x3c01, 1 + 2**-10), ("float16", 0x0001, 2.0**-24), ("bfloat16", 0x3f81, 1 + 2**-7),
                                      ("bfloat16", 0x8001, -2.0**-133), ("bfloat16", 0xff80, -np.inf)):
            stored = np.array([[word]], np.uint16).view(elements.ELEMENTS[dtype].stored)
            self.assertEqual(elements.floats(stored, dtype)[0, 0], expected)
        for dtype, element in elements.ELEMENTS.items():
            self.assertTrue(np.isnan(elements.floats(np.array([element.nan], element.stored), dtype)[0]))
            numbers = np.array([1, -0.375, 2.0**-10], np.float32)
            self.assertEqual(elements.floats(elements.of_floats(numbers, dtype), dtype).tolist(), numbers.tolist())
        self.assertEqual(elements.of_floats(np.array([1 + 2.0**-8, 1 + 3 * 2.0**-8], np.float32), "bfloat16").tolist(), [0x3f80, 0x3f82])

    def test_an_error_is_in_places_of_the_type(self):
        x = np.array([1.0, 3.0], np.float16)
        case = Example("tanh", {}, {}, "float16")
        exact = reference.evaluate(case, x)
        np.testing.assert_allclose(exact["output"], np.tanh(x.astype(np.float64)))
        y = exact["output"].astype(np.float16)
        self.assertLessEqual(reference.error_of(case, {"output": y}, exact), 0.5)
        y.view(np.uint16)[1] += 3
        self.assertAlmostEqual(reference.error_of(case, {"output": y}, exact), 3, delta=0.5)
        words = np.array([0x3f80, 0x4040], np.uint16)  # 1 and 3 of bfloat16; of results that are 1 and 3 and a place more
        exact = {"output": np.array([1, 3 + 2.0**-6])}
        self.assertAlmostEqual(reference.error_of(dataclasses.replace(case, dtype="bfloat16"), {"output": words}, exact), 1)

    def test_places_of_subnormal_numbers(self):
        self.assertEqual(list(elements.last_place(np.array([2.0**-20, 2.0**-14, 1.0]), "float16")), [2.0**-24, 2.0**-24, 2.0**-10])


if __name__ == "__main__":
    unittest.main()
