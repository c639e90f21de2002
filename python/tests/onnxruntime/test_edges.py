"""What is at the edge of ONNX's meaning: nothing to compute, single values, norms of zero, values that are no numbers."""
import numpy as np
import reference
from onnx import TensorProto
from support import FLOATS, TYPES, TestCase, one_node, random, run, wide

FLOAT = TensorProto.FLOAT


class Edges(TestCase):
    def test_empty(self):
        def check(op, shape, parameters=(), **attributes):
            with self.subTest(op=op, shape=shape):
                dynamic = [f"d{i}" for i in range(len(shape))]
                inputs = [(FLOAT, dynamic)] + [(FLOAT, p.shape) for p in parameters]
                session = self.session(one_node(op, inputs, [(FLOAT, dynamic)], **attributes))
                [y] = run(session, np.empty(shape, np.float32), *parameters)
                self.assertEqual((y.shape, y.dtype), (shape, np.float32))

        three = np.ones(3, np.float32)
        for shape in ((0, 3, 4), (2, 3, 0)):
            for op in reference.ELEMENTWISE:
                check(op, shape, **({"alpha": 1 / 6} if op == "HardSigmoid" else {}))
            check("BatchNormalization", shape, [three] * 4)
            check("InstanceNormalization", shape, [three] * 2)
            check("GroupNormalization", shape, [three] * 2, num_groups=1)
            check("LRN", shape, size=3)
            check("LpNormalization", shape)
        check("LayerNormalization", (0, 3), [three])
        check("RMSNormalization", (0, 3), [three])
        check("LayerNormalization", (2, 0), [np.empty(0, np.float32)])
        check("RMSNormalization", (2, 0), [np.empty(0, np.float32)])

    def test_single_values(self):
        """ONNX normalizes one value, which has no variance: the bias is what remains."""
        for kind in FLOATS:
            scale, bias = random(5, kind, seed=1), random(5, kind, seed=2)
            x = random((3, 5, 1, 1), kind, shift=9)
            for op, attributes in (("InstanceNormalization", {}), ("GroupNormalization", {"num_groups": 5})):
                with self.subTest(op=op, type=TYPES[kind]):
                    inputs = [(kind, x.shape), (kind, (5,)), (kind, (5,))]
                    [y] = run(self.session(one_node(op, inputs, [(kind, x.shape)], **attributes)), x, scale, bias)
                    self.assert_same_bits(y, np.broadcast_to(bias.reshape(5, 1, 1), x.shape).copy())

    def test_single_values_that_are_no_numbers(self):
        x = np.float32([1, np.inf, np.nan, -np.inf]).reshape(1, 4, 1)
        one, zero = np.ones(4, np.float32), np.zeros(4, np.float32)
        session = self.session(one_node("InstanceNormalization", [(FLOAT, x.shape)] + [(FLOAT, (4,))] * 2, [(FLOAT, x.shape)]))
        np.testing.assert_array_equal(run(session, x, one, zero)[0].reshape(-1), np.float32([0, np.nan, np.nan, np.nan]))

    def test_norms_of_zero(self):
        """ONNX defines the result as zero, however small a norm is that is not zero."""
        tiny = np.float32(1e-45)
        x = np.float32([[0, 0, 0], [tiny, 0, 0], [0, -1e-30, 0], [0, 3, 4]])
        for p in (1, 2):
            session = self.session(one_node("LpNormalization", [(FLOAT, x.shape)], [(FLOAT, x.shape)], p=p))
            [y] = run(session, x)
            expected = [[0, 0, 0], [1, 0, 0], [0, -1, 0], [0, 3 / 7, 4 / 7] if p == 1 else [0, 0.6, 0.8]]
            np.testing.assert_allclose(y, expected, rtol=1e-6)
        zero = np.zeros((2, 3), np.float16)
        session = self.session(one_node("LpNormalization", [(TensorProto.FLOAT16, (2, 3))], [(TensorProto.FLOAT16, (2, 3))]))
        self.assertEqual(run(session, zero)[0].tolist(), zero.tolist())

    def test_special_values(self):
        x = np.float32([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, 1e38, -1e38])
        expected = {"Tanh": [np.nan, 1, -1, 0.0, -0.0, 1e-45, 1, -1], "Sigmoid": [np.nan, 1, 0, 0.5, 0.5, 0.5, 1, 0],
                    "Softplus": [np.nan, np.inf, 0, np.log(2), np.log(2), np.log(2), 1e38, 0]}
        for op, values in expected.items():
            [y] = run(self.session(one_node(op, [(FLOAT, x.shape)], [(FLOAT, x.shape)])), x)
            np.testing.assert_array_equal(y, np.float32(values))
            np.testing.assert_array_equal(np.signbit(y[1:]), np.signbit(np.float32(values)[1:]))

    def test_large_means(self):
        """Normalizations do not cancel."""
        x = (random((4, 8, 64), scale=1e-2) + np.float32(1e4)).astype(np.float32)
        one, zero = np.ones(8, np.float32), np.zeros(8, np.float32)
        session = self.session(one_node("InstanceNormalization", [(FLOAT, x.shape)] + [(FLOAT, (8,))] * 2, [(FLOAT, x.shape)]))
        expected = reference.instance_normalization(wide(x), wide(one), wide(zero))
        np.testing.assert_allclose(run(session, x, one, zero)[0], expected, atol=1e-5)

    def test_lrn_of_two_dimensions(self):
        x = random((3, 7))
        session = self.session(one_node("LRN", [(FLOAT, x.shape)], [(FLOAT, x.shape)], size=3, alpha=1.0))
        self.assert_close(run(session, x)[0], reference.lrn(wide(x).reshape(3, 7, 1), 3, 1.0)[..., 0], FLOAT, 4)
