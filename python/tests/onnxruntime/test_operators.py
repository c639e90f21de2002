"""Every operator that Kiln has, in every type, beside ONNX's specification in float64."""
import numpy as np
import reference
from onnx import TensorProto, helper
from support import FLOATS, TYPES, TestCase, model, one_node, random, run, value, wide

FLOAT = TensorProto.FLOAT
DYNAMIC = ["n", "c", "h", "w"]
SHAPES = [(2, 6, 5, 7), (1, 6, 4, 4), (3, 6, 1, 9)]


class Elementwise(TestCase):
    ATTRIBUTES = {"HardSigmoid": {"alpha": 1 / 6}}

    def test_values(self):
        for op, function in reference.ELEMENTWISE.items():
            for kind in FLOATS:
                session = self.session(one_node(op, [(kind, DYNAMIC)], [(kind, DYNAMIC)], **self.ATTRIBUTES.get(op, {})))
                for shape in SHAPES:
                    with self.subTest(op=op, type=TYPES[kind], shape=shape):
                        x = random(shape, kind, scale=4)
                        [y] = run(session, x)
                        self.assert_close(y, function(wide(x)), kind)

    def test_any_rank(self):
        for op, function in reference.ELEMENTWISE.items():
            for shape in ((), (5,), (1, 2, 1, 3, 1, 2, 2)):
                with self.subTest(op=op, shape=shape):
                    session = self.session(one_node(op, [(FLOAT, shape)], [(FLOAT, shape)], **self.ATTRIBUTES.get(op, {})))
                    x = random(shape, scale=3).reshape(shape)
                    [y] = run(session, x)
                    self.assert_close(y, function(wide(x)), FLOAT)

    def test_softplus_has_no_threshold(self):
        session = self.session(one_node("Softplus", [(FLOAT, ["n"])], [(FLOAT, ["n"])]))
        x = np.linspace(15, 30, 4001, dtype=np.float32)
        [y] = run(session, x)
        np.testing.assert_array_max_ulp(y, reference.softplus(wide(x)).astype(np.float32), 1)

    def test_fast(self):
        of = one_node("Tanh", [(FLOAT, ["n"])], [(FLOAT, ["n"])])
        x = random(5000, scale=2)
        [exact], [fast] = run(self.session(of), x), run(self.session(of, accuracy="fast"), x)
        self.assertFalse(np.array_equal(exact, fast))
        np.testing.assert_array_max_ulp(fast, np.tanh(wide(x)).astype(np.float32), 5)


class Channels(TestCase):
    """Normalizations of (N, C, *), and what takes a value per channel."""

    def case(self, op, kind, of_parameters, expected, opset=24, parameters=2, **attributes):
        """A session of dynamic shape, run on each shape; expected(x, *parameters) is the reference."""
        inputs = [(kind, DYNAMIC)] + [(of_parameters, [6])] * parameters
        session = self.session(one_node(op, inputs, [(kind, DYNAMIC)], opset=opset, **attributes))
        given = [np.abs(random(6, of_parameters, seed=3 + i)) + 0.5 for i in range(parameters)]
        given = [g.astype(TYPES[of_parameters]) for g in given]
        for shape in SHAPES:
            with self.subTest(op=op, type=TYPES[kind], parameters=TYPES[of_parameters], shape=shape):
                x = random(shape, kind, scale=2, shift=1)
                [y] = run(session, x, *given)
                self.assert_close(y, expected(wide(x), *map(wide, given)), kind, factor=4)

    def test_batch_normalization(self):
        for kind in FLOATS:
            for of_parameters in {kind, FLOAT}:
                self.case("BatchNormalization", kind, of_parameters, reference.batch_normalization, parameters=4)
        self.case("BatchNormalization", FLOAT, FLOAT, lambda *a: reference.batch_normalization(*a, epsilon=0.25),
                  parameters=4, epsilon=0.25)
        for opset in (7, 9, 14):
            self.case("BatchNormalization", FLOAT, FLOAT, reference.batch_normalization, opset, parameters=4)

    def test_group_normalization(self):
        for kind in FLOATS:
            for groups in (1, 2, 6):
                self.case("GroupNormalization", kind, kind,
                          lambda x, w, b, g=groups: reference.group_normalization(x, w, b, g, 1e-2), num_groups=groups,
                          epsilon=1e-2)

    def test_instance_normalization(self):
        for kind in FLOATS:
            self.case("InstanceNormalization", kind, kind, reference.instance_normalization)
        self.case("InstanceNormalization", FLOAT, FLOAT, reference.instance_normalization, opset=6)

    def test_lrn(self):
        for kind in FLOATS:
            for size in (1, 2, 3, 4, 5, 8):  # ONNX's windows of even size reach further up, Kiln's further down
                self.case("LRN", kind, kind, lambda x, s=size: reference.lrn(x, s, 0.5, 0.6, 2.0), parameters=0, size=size,
                          alpha=0.5, beta=0.6, bias=2.0)
        self.case("LRN", FLOAT, FLOAT, lambda x: reference.lrn(x, 5), parameters=0, size=5)
        self.case("LRN", FLOAT, FLOAT, lambda x: reference.lrn(x, 5), opset=1, parameters=0, size=5)

    def test_lp_normalization(self):
        for kind in FLOATS:
            for p in (1, 2):
                for axis in (-1, 0, 1, 2, 3):
                    self.case("LpNormalization", kind, kind,
                              lambda x, a=axis, p=p: reference.lp_normalization(x, a, p), parameters=0, axis=axis, p=p)


class Training(TestCase):
    """BatchNormalization with training_mode."""

    def case(self, kind, outputs, shape, **attributes):
        inputs = [(kind, shape)] + [(FLOAT, [shape[1]])] * 4
        given = [(kind, shape), (FLOAT, [shape[1]]), (FLOAT, [shape[1]])]
        asked = [v if i in outputs else None for i, v in enumerate(given)]
        model = one_node("BatchNormalization", inputs, asked, training_mode=1, **attributes)
        x = random(shape, kind, scale=3, shift=-2)
        parameters = [np.abs(random(shape[1], seed=i)) + 0.1 for i in range(4)]
        expected = reference.batch_normalization_training(wide(x), *map(wide, parameters), **attributes)
        for i, result in zip(outputs, run(self.session(model), x, *parameters)):
            self.assert_close(result, expected[i], FLOAT if i else kind, factor=4)

    def test_all_outputs(self):
        for kind in FLOATS:
            self.case(kind, (0, 1, 2), (4, 5, 3, 7))
        self.case(FLOAT, (0, 1, 2), (8, 3), epsilon=1e-2, momentum=0.25)

    def test_some_outputs(self):
        self.case(FLOAT, (0, 1), (4, 5, 3, 7))
        self.case(FLOAT, (0, 2), (4, 5, 3, 7))

    def test_one_value_a_channel(self):
        self.case(FLOAT, (0, 1, 2), (1, 5))


class Rows(TestCase):
    def test_layer_normalization(self):
        for kind in FLOATS:
            for axis in (-1, 1, 2, -3, 0):
                shape = (3, 4, 5)
                of_row = list(shape[axis:])
                for bias in (True, False):
                    inputs = [(kind, shape), (kind, of_row)] + [(kind, of_row)] * bias
                    session = self.session(one_node("LayerNormalization", inputs, [(kind, shape)], axis=axis, epsilon=1e-3))
                    x, *given = [random(s, k, seed=i, shift=0.5) for i, (k, s) in enumerate(inputs)]
                    with self.subTest(type=TYPES[kind], axis=axis, bias=bias):
                        [y] = run(session, x, *given)
                        expected = reference.layer_normalization(wide(x), *map(wide, given), axis=axis, epsilon=1e-3)
                        self.assert_close(y, expected[0], kind, factor=4)

    def test_statistics(self):
        for kind in FLOATS:
            for asked in ((0, 1, 2), (0, 2), (0, 1)):
                for axis in (-1, 1, 0):
                    shape, of_rows = (3, 4, 5), (3, 4, 5)[:axis % 3] + (1,) * (3 - axis % 3)
                    given = [(kind, shape), (FLOAT, of_rows), (FLOAT, of_rows)]
                    outputs = [v if i in asked else None for i, v in enumerate(given)][:max(asked) + 1]
                    model = one_node("LayerNormalization", [(kind, shape), (kind, shape[axis % 3:])], outputs, axis=axis)
                    x, scale = random(shape, kind, shift=3), random(shape[axis % 3:], kind, seed=1)
                    expected = reference.layer_normalization(wide(x), wide(scale), axis=axis)
                    with self.subTest(type=TYPES[kind], asked=asked, axis=axis):
                        for i, result in zip(asked, run(self.session(model), x, scale)):
                            self.assert_close(result, expected[i], FLOAT if i else kind, factor=4)

    def test_rms_normalization(self):
        for kind in FLOATS:
            for axis in (-1, 1, -3):
                shape = (3, 4, 5)
                of_row = shape[axis:]
                session = self.session(one_node("RMSNormalization", [(kind, shape), (kind, of_row)], [(kind, shape)], axis=axis))
                x, scale = random(shape, kind, scale=3), random(of_row, kind, seed=1)
                with self.subTest(type=TYPES[kind], axis=axis):
                    [y] = run(session, x, scale)
                    self.assert_close(y, reference.rms_normalization(wide(x), wide(scale), axis), kind, factor=4)

    def test_broadcast_parameters(self):
        """Scale and bias of any shape that broadcasts to a row's."""
        x = random((2, 3, 4, 5))
        for shape in ((4, 5), (1, 5), (4, 1), (1, 1), (5,), (1,), ()):
            with self.subTest(shape=shape):
                inputs = [(FLOAT, x.shape), (FLOAT, shape), (FLOAT, (5,))]
                scale, bias = random(shape, seed=1).reshape(shape), random(5, seed=2)
                session = self.session(one_node("LayerNormalization", inputs, [(FLOAT, x.shape)], axis=2))
                [y] = run(session, x, scale, bias)
                self.assert_close(y, reference.layer_normalization(wide(x), wide(scale), wide(bias), axis=2)[0], FLOAT, 4)
                session = self.session(one_node("RMSNormalization", inputs[:2], [(FLOAT, x.shape)], axis=2))
                [y] = run(session, x, scale)
                self.assert_close(y, reference.rms_normalization(wide(x), wide(scale), 2), FLOAT, 4)

    def test_simplified_layer_normalization(self):
        """ONNX Runtime's own name of RMSNormalization, with the reciprocal of the root."""
        for kind in FLOATS:
            node = helper.make_node("SimplifiedLayerNormalization", ["x", "s"], ["y", "r"], axis=1, epsilon=1e-3)
            shape, of_rows = (3, 4, 5), (3, 1, 1)
            of = model([node], [value("x", kind, shape), value("s", kind, (4, 5))],
                       [value("y", kind, shape), value("r", FLOAT, of_rows)], checked=False)
            x, scale = random(shape, kind, scale=3), random((4, 5), kind, seed=1)
            with self.subTest(type=TYPES[kind]):
                y, rstd = run(self.session(of), x, scale)
                self.assert_close(y, reference.rms_normalization(wide(x), wide(scale), 1, 1e-3), kind, factor=4)
                self.assert_close(rstd, 1 / np.sqrt((wide(x) ** 2).mean(axis=(1, 2), keepdims=True) + 1e-3), FLOAT, 4)
