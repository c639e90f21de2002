"""Nodes that Kiln cannot compute to ONNX's meaning are left to the CPU."""
import kiln.onnxruntime
import numpy as np
import onnxruntime
import reference
from onnx import TensorProto, helper
from support import CPU, TestCase, constant, model, one_node, random, run, value, wide

FLOAT, HALF, DOUBLE, BRAIN = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16


class Claims(TestCase):
    def assert_left(self, of):
        """To others, or refused by all, where ONNX Runtime has no other that could."""
        try:
            session = kiln.onnxruntime.session(of)
        except Exception:
            with self.assertRaises(Exception):
                onnxruntime.InferenceSession(of.SerializeToString(), providers=[CPU])
            return None
        self.assertEqual([t for t in self.taken(session) if t == of.graph.node[0].op_type], [])
        return session

    def test_double(self):
        for op in ("Tanh", "Sigmoid", "Softplus"):
            x = random((3, 4), DOUBLE)
            session = self.assert_left(one_node(op, [(DOUBLE, (3, 4))], [(DOUBLE, (3, 4))], opset=13 if op != "Softplus" else 1))
            if session is not None:
                np.testing.assert_allclose(run(session, x)[0], reference.ELEMENTWISE[op](x), rtol=1e-12)

    def test_hardsigmoid(self):
        def of(**attributes):
            return one_node("HardSigmoid", [(FLOAT, (9,))], [(FLOAT, (9,))], **attributes)

        sixth = float(np.float32(1 / 6))
        for attributes in ({}, {"alpha": 0.2}, {"alpha": 0.16666676}, {"alpha": sixth, "beta": 0.4}, {"beta": 0.5}):
            with self.subTest(**attributes):
                x = random(9, scale=5)
                session = self.assert_left(of(**attributes))
                alpha, beta = attributes.get("alpha", 0.2), attributes.get("beta", 0.5)
                np.testing.assert_allclose(run(session, x)[0], np.clip(alpha * wide(x) + beta, 0, 1), atol=1e-6)
        for alpha in (sixth, float(np.nextafter(np.float32(sixth), np.float32(0))), 0.1666667):  # as PaddlePaddle writes it
            with self.subTest(alpha=alpha):
                session, x = self.session(of(alpha=alpha)), np.linspace(-4, 4, 9, dtype=np.float32)
                np.testing.assert_allclose(run(session, x)[0], np.clip(alpha * wide(x) + 0.5, 0, 1), atol=1.2e-7)

    def test_swish(self):
        x = random(9)
        session = self.assert_left(one_node("Swish", [(FLOAT, (9,))], [(FLOAT, (9,))], alpha=1.5))
        np.testing.assert_allclose(run(session, x)[0], wide(x) * reference.sigmoid(1.5 * wide(x)), atol=1e-6)

    def test_stash_type(self):
        for op in ("LayerNormalization", "RMSNormalization", "GroupNormalization"):
            attributes = {"num_groups": 2} if op == "GroupNormalization" else {}
            inputs = [(HALF, (2, 4))] + [(HALF, (4,))] * (1 if op == "RMSNormalization" else 2)
            self.assert_left(one_node(op, inputs, [(HALF, (2, 4))], stash_type=TensorProto.FLOAT16, **attributes))

    def test_rms_normalization_to_another_type(self):
        self.assert_left(one_node("RMSNormalization", [(HALF, (2, 4)), (FLOAT, (4,))], [(FLOAT, (2, 4))]))

    def test_scales_by_row(self):
        """ONNX has scales that differ from row to row, Kiln has none."""
        x, scale = random((3, 4, 5)), random((3, 1, 5), seed=1)
        inputs = [(FLOAT, x.shape), (FLOAT, scale.shape)]
        session = self.assert_left(one_node("LayerNormalization", inputs, [(FLOAT, x.shape)]))
        if session is not None:
            self.assert_close(run(session, x, scale)[0], reference.layer_normalization(wide(x), wide(scale))[0], FLOAT, 4)

    def test_unknown_ranks(self):
        """Where the rank is not known, neither is whether the scale differs from row to row."""
        node = helper.make_node("LayerNormalization", ["x", "s"], ["y"])
        for axis, known, taken in ((-1, True, True), (1, True, False), (-1, False, False)):
            node = helper.make_node("LayerNormalization", ["x", "s"], ["y"], axis=axis)
            shape = helper.make_node("Reshape", ["a", "to"], ["x"])
            of = model([shape, node], [value("a", FLOAT, ["n"]), value("to", TensorProto.INT64, ["r"]),
                                       value("s", FLOAT, [4] if known else None)], [value("y", FLOAT, None)], checked=False)
            with self.subTest(axis=axis, known=known):
                session = kiln.onnxruntime.session(of)
                self.assertEqual(self.taken(session), ["LayerNormalization"] if taken else [])
                x, scale = random((2, 4)), random(4, seed=1)
                [y] = run(session, x.reshape(-1), np.array([2, 4]), scale)
                self.assert_close(y, reference.layer_normalization(wide(x), wide(scale))[0], FLOAT, 4)

    def test_batch_normalization_types(self):
        inputs = [(FLOAT, (2, 3)), (HALF, (3,)), (HALF, (3,)), (FLOAT, (3,)), (FLOAT, (3,))]
        self.assert_left(one_node("BatchNormalization", inputs, [(FLOAT, (2, 3))]))

    def test_batch_normalization_without_channels(self):
        """An input of one dimension has one channel for ONNX. Where the rank is not known, Kiln finds that as it runs."""
        node = helper.make_node("BatchNormalization", ["x", "p0", "p1", "p2", "p3"], ["y"])
        for channels, shape, known in ((1, (4,), ["n"]), (1, (4,), None), (1, (0,), None), (3, (4, 3), None)):
            constants = [constant(f"p{i}", np.abs(random(channels, seed=i)) + np.float32(0.5)) for i in range(4)]
            of = model([node], [value("x", FLOAT, known)], [value("y", FLOAT, None)], constants, checked=False)
            with self.subTest(shape=shape, known=known):
                taken = self.taken(self.assert_as_on_cpu(of, random(shape)))
                self.assertEqual(taken, [] if known else ["BatchNormalization"])

    def test_group_normalization_by_group(self):
        """Version 18 has scale and bias by group, and is a function that ONNX Runtime writes out."""
        x, scale, bias = random((2, 4, 3)), random(2, seed=1), random(2, seed=2)
        node = helper.make_node("GroupNormalization", ["x", "s", "b"], ["y"], num_groups=2)
        graph = helper.make_graph([node], "graph", [value("x", FLOAT, x.shape), value("s", FLOAT, (2,)), value("b", FLOAT, (2,))],
                                  [value("y", FLOAT, x.shape)])
        of = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
        session = self.assert_left(of)
        if session is not None:
            expected = reference.group_normalization(wide(x), np.repeat(wide(scale), 2), np.repeat(wide(bias), 2), 2)
            self.assert_close(run(session, x, scale, bias)[0], expected, FLOAT, 4)

    def test_operators_option(self):
        nodes = [helper.make_node("Tanh", ["x"], ["a"]), helper.make_node("Sigmoid", ["a"], ["b"]),
                 helper.make_node("Softplus", ["b"], ["y"])]
        of = model(nodes, [value("x", FLOAT, (5,))], [value("y", FLOAT, (5,))])
        self.session(of, ["Tanh", "Softplus"], operators=" Tanh, Softplus,")
        session = self.session(of, ["Tanh", "Softplus"], operators=["Softplus", "Tanh"])
        self.assertEqual(self.left(session), ["Sigmoid"])
        self.session(of, ["Softplus", "Sigmoid", "Tanh"])
        for none in ([], "", " ,"):
            self.session(of, [], operators=none)

    def test_other_domains(self):
        """A node is ONNX's by its domain, whatever its name is."""
        node = helper.make_node("Tanh", ["x"], ["y"], domain="kiln.test")
        graph = helper.make_graph([node], "graph", [value("x", FLOAT, (3,))], [value("y", FLOAT, (3,))])
        body = helper.make_function("kiln.test", "Tanh", ["x"], ["y"], [helper.make_node("Neg", ["x"], ["y"])],
                                    [helper.make_opsetid("", 24)])
        of = helper.make_model(graph, functions=[body], ir_version=10,
                               opset_imports=[helper.make_opsetid("", 24), helper.make_opsetid("kiln.test", 1)])
        session = kiln.onnxruntime.session(of)
        self.assertEqual((self.taken(session), self.left(session)), ([], ["Neg"]))
        self.assertEqual(run(session, np.float32([1, 2, 3]))[0].tolist(), [-1, -2, -3])

    def test_nothing_to_take(self):
        of = model([helper.make_node("Add", ["x", "c"], ["y"])], [value("x", FLOAT, (2,))], [value("y", FLOAT, (2,))],
                   [constant("c", np.float32([1, 2]))])
        session = self.session(of, [])
        self.assertEqual(session.get_providers(), [kiln.onnxruntime.NAME, CPU])
