"""How the calls of Kiln's nodes are read from a model of ONNX: small models with known answers."""
import pathlib
import tempfile
import unittest

import numpy as np

from support import needs, missing

if not missing("onnx", "onnxruntime", "kiln.onnxruntime"):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    import onnx_calls
    import onnx_run
    from calls import digest


def model_of(nodes, shape, constants=(), outputs=("y",), opset=18):
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    stored = [numpy_helper.from_array(np.asarray(value), name) for name, value in dict(constants).items()]
    graph = helper.make_graph(nodes, "g", inputs, ends, stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@needs("onnx", "onnxruntime", "kiln.onnxruntime")
class Recording(unittest.TestCase):
    def record(self, model, x, branch=None, **more):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            onnx.save(model, folder / "model.onnx")
            recorder = onnx_run.Recorder(folder / "model.onnx", folder, branch)
            result = recorder.run(None, {"x": x, **more})
        return recorder.calls, result

    def test_nodes_and_patterns(self):
        nodes = [helper.make_node("Tanh", ["x"], ["a"], name="t"), helper.make_node("Sigmoid", ["a"], ["s"], name="s"),
                 helper.make_node("Mul", ["a", "s"], ["m"], name="m"),
                 helper.make_node("HardSigmoid", ["m"], ["y"], name="h", alpha=1 / 6)]
        x = np.random.default_rng(1).standard_normal((2, 9), np.float32)
        calls, (y,) = self.record(model_of(nodes, [2, 9]), x)
        self.assertEqual({call.operator for call in calls}, {"tanh", "silu", "hardsigmoid"})
        by_name = {call.operator: call for call in calls}
        self.assertEqual(digest(by_name["tanh"].input), digest(x))
        self.assertEqual(digest(by_name["silu"].input), digest(by_name["tanh"].output))
        self.assertEqual(digest(by_name["hardsigmoid"].output), digest(y))
        for call in calls:
            self.assertEqual(digest(call.run()), digest(call.output), call.operator)

    def test_a_branch_that_is_taken(self):
        def branch(kind):
            end = helper.make_tensor_value_info(f"{kind}_y", TensorProto.FLOAT, None)
            return helper.make_graph([helper.make_node(kind, ["x"], [f"{kind}_y"], name=kind)], kind, [], [end])

        node = helper.make_node("If", ["c"], ["y"], name="if", then_branch=branch("Tanh"), else_branch=branch("Sigmoid"))
        model = model_of([node], [4])
        model.graph.input.append(helper.make_tensor_value_info("c", TensorProto.BOOL, []))
        x = np.float32([-1, 0, 0.5, 2])
        for holds, operator in ((True, "tanh"), (False, "sigmoid")):
            calls, (y,) = self.record(model, x, holds, c=np.array(holds))
            self.assertEqual([call.operator for call in calls], [operator])
            np.testing.assert_allclose(y, np.tanh(x) if holds else 1 / (1 + np.exp(-x)), rtol=1e-6)

    def test_a_group_that_is_not_known(self):
        model = model_of([helper.make_node("Softsign", ["x"], ["y"], name="n")], [3])
        group = [type("Node", (), {"name": "n", "group": 0})]
        with self.assertRaisesRegex(ValueError, "no operator of Kiln is known for the nodes Softsign"):
            onnx_calls.Groups(model, group)


@needs("onnx", "onnxruntime", "kiln.onnxruntime")
class Times(unittest.TestCase):
    def test_by_type_of_node(self):
        nodes = [helper.make_node("Relu", ["x"], ["a"], name="r"), helper.make_node("Sigmoid", ["a"], ["s"], name="s"),
                 helper.make_node("Mul", ["a", "s"], ["b"], name="m"), helper.make_node("Tanh", ["b"], ["y"], name="t")]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            onnx.save(model_of(nodes, [8, 64]), folder / "model.onnx")
            session = onnx_run.on_kiln(folder / "model.onnx", folder)
            for _ in range(3):
                session.run(None, {"x": np.ones((8, 64), np.float32)})
            times = onnx_run.times(session, 2)
            self.assertEqual(sorted(file.name for file in folder.iterdir()), ["model.onnx"])
        self.assertEqual(set(times), {("Relu", False), ("Mul + Sigmoid", True), ("Tanh", True)})
        self.assertTrue(all(value >= 0 for value in times.values()))
