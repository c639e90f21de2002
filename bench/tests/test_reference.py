"""The float64 results that errors are measured against: a sample's are those of the whole, and an error that is put in is
the error that is found."""
import dataclasses
import sys
import unittest
from unittest import mock

import numpy as np

from support import ROOT

sys.path.insert(0, str(ROOT))
from bench import cases, reference  # noqa: E402

ARGUMENTS = {"group_norm": {"num_groups": 2}, "local_response_norm": {"size": 3}, "normalize": {"dim": 1}}


@dataclasses.dataclass
class Example:
    op: str
    arguments: dict

    def parameters(self):
        rng = np.random.default_rng(5)
        count = 7 if self.op == "layer_norm" else 4
        names = ("weight", "bias", "running_mean", "running_var") if "_norm" in self.op and "local" not in self.op else ()
        return {name: rng.uniform(0.5, 2, count).astype(np.float32) for name in names}


def examples():
    for op in cases.operators():
        for arguments in ({"training": True}, {"training": False}) if op == "batch_norm" else (ARGUMENTS.get(op, {}),):
            yield Example(op, arguments)


class Samples(unittest.TestCase):
    x = np.random.default_rng(3).uniform(-3, 3, (6, 4, 5, 7)).astype(np.float32)

    def test_they_are_the_whole_result_s(self):
        for case in examples():
            whole = reference.evaluate(case, self.x)
            with self.subTest(case.op), mock.patch.object(reference, "SAMPLE", {"ulp": 100, "absolute": 300}):
                part = reference.evaluate(case, self.x)
                self.assertEqual(part.shape, (100,) if case.op in reference.POINTWISE else (2, 4, 5, 7))
                np.testing.assert_allclose(part.ravel(), whole.ravel()[:part.size], rtol=1e-12, atol=0)

    def test_normalized_over_the_batch_there_is_no_part_of_it(self):
        case = Example("normalize", {"dim": 0})
        with mock.patch.object(reference, "SAMPLE", {"ulp": 100, "absolute": 300}):
            self.assertEqual(reference.evaluate(case, self.x).shape, self.x.shape)

    def test_the_error_that_was_put_in_is_found(self):
        for case in examples():
            exact = reference.evaluate(case, self.x)
            y = exact.astype(np.float32).reshape(self.x.shape)
            rounding = reference.error_of(case, y, exact)
            self.assertLessEqual(rounding, 0.5)
            at = np.unravel_index(np.argmax(np.abs(y)), y.shape)
            step = np.spacing(y[at]) if case.op in reference.POINTWISE else np.float32(0.01 * abs(y[at]))
            y[at] += 3 * step
            found = reference.error_of(case, y, exact)
            with self.subTest(case.op):
                expected = 3 if case.op in reference.POINTWISE else 3 * step / max(1, abs(y[at]))
                self.assertAlmostEqual(found, expected, delta=0.5 if case.op in reference.POINTWISE else 0.002)
            y[at] = np.nan
            self.assertIsNone(reference.error_of(case, y, exact))


if __name__ == "__main__":
    unittest.main()
