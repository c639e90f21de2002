"""The ONNX project's own node tests of these operators, run on Kiln."""
import collections
import re
import warnings

import numpy as np
import onnx.backend.test.case.node as cases
from support import TestCase, wide

import kiln.onnxruntime

# The names that the ONNX project's tests begin with, by operator, and how many there are at least.
NAMES = {
    "Tanh": (r"tanh", 2), "Sigmoid": (r"sigmoid", 2), "HardSigmoid": (r"hardsigmoid", 3), "Swish": (r"swish", 1),
    "Mish": (r"mish", 1), "Softplus": (r"softplus", 2), "BatchNormalization": (r"batchnorm", 4),
    "GroupNormalization": (r"group_normalization", 2), "InstanceNormalization": (r"instancenorm", 2),
    "LayerNormalization": (r"layer_normalization", 19), "RMSNormalization": (r"rms_normalization", 19),
    "LRN": (r"lrn", 2), "LpNormalization": (r"l[12]normalization|lpnormalization", 6),
}
# ONNX's own tests of HardSigmoid have other slopes than 1/6 and are left to the CPU.
LEFT = {"HardSigmoid"}


def collected():
    """The cases by operator: of the operator itself, and with it written out as the function that it is."""
    found = collections.defaultdict(list)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of ONNX's own cases, which overflow on purpose
        every = cases.collect_testcases(None)
    for case in {case.name: case for case in every}.values():
        for op, (name, _) in NAMES.items():
            if re.match(rf"test_({name})(_|$)", case.name):
                found[op].append(case)
    return found


class NodeCases(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = collected()

    def check(self, case, session):
        for inputs, outputs in case.data_sets:
            results = session.run(None, {described.name: given for described, given in zip(session.get_inputs(), inputs)})
            self.assertEqual(len(results), len(outputs))
            for result, expected in zip(results, outputs):
                self.assertEqual((result.dtype, result.shape), (expected.dtype, expected.shape))
                np.testing.assert_allclose(wide(result), wide(expected), rtol=case.rtol, atol=case.atol)

    def test_there_are_as_many(self):
        for op, (_, least) in NAMES.items():
            whole = [case for case in self.cases[op] if "_expanded" not in case.name]
            self.assertGreaterEqual(len(whole), least, op)

    def test_operators(self):
        for op in NAMES:
            for case in self.cases[op]:
                if "_expanded" in case.name:
                    continue
                with self.subTest(case.name):
                    session = kiln.onnxruntime.session(case.model, providers=[kiln.onnxruntime.NAME, "CPUExecutionProvider"])
                    self.assertEqual(self.taken(session), [] if op in LEFT else [op])
                    self.check(case, session)

    def test_written_out(self):
        """Kiln takes of these what it finds in them, and the rest is the CPU's."""
        count = 0
        for case in (case for op in NAMES for case in self.cases[op] if "_expanded" in case.name):
            with self.subTest(case.name):
                self.check(case, kiln.onnxruntime.session(case.model))
                count += 1
        self.assertGreater(count, 40)

    def test_hardsigmoid_of_a_sixth(self):
        """The ONNX project's values, with the slope that Kiln has."""
        case = next(case for case in self.cases["HardSigmoid"] if case.name == "test_hardsigmoid")
        model = type(case.model).FromString(case.model.SerializeToString())
        for attribute in model.graph.node[0].attribute:
            attribute.f = {"alpha": 1 / 6, "beta": 0.5}[attribute.name]
        [x] = case.data_sets[0][0]
        session = self.session(model)
        [y] = session.run(None, {session.get_inputs()[0].name: x})
        np.testing.assert_allclose(wide(y), np.clip(wide(x) / 6 + 0.5, 0, 1), rtol=case.rtol, atol=case.atol)
