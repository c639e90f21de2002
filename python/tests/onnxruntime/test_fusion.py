"""What exporters write in several nodes, and Kiln computes as one."""
import kiln.onnxruntime
import numpy as np
import reference
from onnx import TensorProto, helper
from support import FLOATS, TYPES, TestCase, constant, model, random, run, value, wide

FLOAT = TensorProto.FLOAT


def number(name, x, kind=FLOAT):
    return constant(name, np.array(x, TYPES[kind]))


def rows(kind, spelling, weight=None, centred=False):
    """x / sqrt(mean(x^2) + 1/16), written in one of several ways."""
    x = "d" if centred else "x"
    nodes, constants = [], [number("eps", 2.0**-4, kind), constant("axes", np.int64([-1]))]
    if centred:
        nodes += [helper.make_node("ReduceMean", ["x", "axes"], ["mean"]), helper.make_node("Sub", ["x", "mean"], ["d"])]
    if "Pow" in spelling:
        nodes.append(helper.make_node("Pow", [x, "two"], ["squares"]))
        constants.append(number("two", 2, kind))
    else:
        nodes.append(helper.make_node("Mul", [x, x], ["squares"]))
    sums = ["v", "eps"] if "Reciprocal" in spelling else ["eps", "v"]
    nodes += [helper.make_node("ReduceMean", ["squares", "axes"], ["v"]), helper.make_node("Add", sums, ["e"]),
              helper.make_node("Sqrt", ["e"], ["root"])]
    out = "n" if weight else "y"
    if "Reciprocal" in spelling:
        nodes += [helper.make_node("Reciprocal", ["root"], ["r"]), helper.make_node("Mul", [x, "r"], [out])]
    elif "One" in spelling:
        nodes += [helper.make_node("Div", ["one", "root"], ["r"]), helper.make_node("Mul", ["r", x], [out])]
        constants.append(number("one", 1, kind))
    else:
        nodes.append(helper.make_node("Div", [x, "root"], [out]))
    if weight:
        nodes.append(helper.make_node("Mul", ["n", "w"] if weight == "last" else ["w", "n"], ["y"]))
    return nodes, constants


def groups(count, w, b, one=1.0, epsilon=1e-5):
    """group_norm of x in so many groups, as it is exported to versions before 21."""
    nodes = [helper.make_node("Reshape", ["x", "groups"], ["g"]), helper.make_node("Shape", ["x"], ["shape"]),
             helper.make_node("InstanceNormalization", ["g", "one", "zero"], ["i"], epsilon=epsilon),
             helper.make_node("Reshape", ["i", "shape"], ["r"]), helper.make_node("Mul", ["r", "w"], ["m"]),
             helper.make_node("Add", ["m", "b"], ["y"])]
    return nodes, [constant("groups", np.int64([0, count, -1])), constant("one", np.full(count, one, w.dtype)),
                   constant("zero", np.zeros(count, w.dtype)), constant("w", w), constant("b", b)]


class Fusion(TestCase):
    def whole(self, of, **arguments):
        """A session of a model that Kiln takes as one group, several nodes of it."""
        session = kiln.onnxruntime.session(of, **arguments)
        groups = [node.group for node in kiln.onnxruntime.nodes(session)]
        self.assertEqual((self.left(session), set(groups)), ([], {0}))
        self.assertGreater(len(groups), 1)
        return session

    def chain(self, ops, swapped=False, kind=FLOAT, outputs=("y",), **attributes):
        names = ["x", *(f"v{i}" for i in range(len(ops)))]
        nodes = [helper.make_node(op, [before], [after], **attributes) for op, before, after in zip(ops, names, names[1:])]
        nodes.append(helper.make_node("Mul", [names[-1], "x"] if swapped else ["x", names[-1]], ["y"]))
        return model(nodes, [value("x", kind, ["n", 5])], [value(o, kind, ["n", 5]) for o in outputs])

    def test_swish_and_mish(self):
        for ops, name in ((["Sigmoid"], "Swish"), (["Softplus", "Tanh"], "Mish")):
            for kind in FLOATS:
                for swapped in (False, True):
                    with self.subTest(name, type=TYPES[kind], swapped=swapped):
                        session = self.whole(self.chain(ops, swapped, kind))
                        for n in (1, 7, 0):
                            x = random((n, 5), kind, scale=3)
                            self.assert_close(run(session, x)[0], reference.ELEMENTWISE[name](wide(x)), kind)

    def test_values_that_are_used_elsewhere(self):
        """An output of the model, or what another node reads, is computed as it is written."""
        session = kiln.onnxruntime.session(self.chain(["Sigmoid"], outputs=("v0", "y")))
        self.assertEqual((self.taken(session), self.left(session)), (["Sigmoid"], ["Mul"]))
        x = random((3, 5))
        s, y = run(session, x)
        self.assert_close(s, reference.sigmoid(wide(x)), FLOAT)
        self.assert_close(y, reference.ELEMENTWISE["Swish"](wide(x)), FLOAT)
        branch = helper.make_graph([helper.make_node("Neg", ["v0"], ["a"])], "a", [], [value("a", FLOAT, None)])
        other = helper.make_graph([helper.make_node("Abs", ["v0"], ["b"])], "b", [], [value("b", FLOAT, None)])
        of = self.chain(["Sigmoid"])
        of.graph.node.append(helper.make_node("If", ["c"], ["z"], then_branch=branch, else_branch=other))
        of.graph.input.append(value("c", TensorProto.BOOL, ()))
        of.graph.output.append(value("z", FLOAT, None))
        session = kiln.onnxruntime.session(of)
        self.assertEqual(self.taken(session), ["Sigmoid"])
        np.testing.assert_allclose(run(session, x, np.array(True))[1], -reference.sigmoid(wide(x)), atol=1e-6)

    def test_what_only_looks_like_it(self):
        gate = [helper.make_node("Sigmoid", ["x"], ["s"]), helper.make_node("Mul", ["s", "z"], ["y"])]
        of = model(gate, [value("x", FLOAT, (4,)), value("z", FLOAT, (4,))], [value("y", FLOAT, (4,))])
        self.assertEqual(self.taken(kiln.onnxruntime.session(of)), ["Sigmoid"])
        for change in (("two", number("two", 3)), ("axes", constant("axes", np.int64([1]))), ("eps", number("eps", -1e-3))):
            nodes, constants = rows(FLOAT, "Pow")
            constants = [change[1] if c.name == change[0] else c for c in constants]
            of = model(nodes, [value("x", FLOAT, (2, 3, 4))], [value("y", FLOAT, (2, 3, 4))], constants)
            with self.subTest(change[0]):
                self.assertEqual(self.taken(kiln.onnxruntime.session(of)), [])
        nodes, constants = rows(FLOAT, "Pow", "last")  # the weight makes the result larger than x
        of = model(nodes, [value("x", FLOAT, (2, 3, 1)), value("w", FLOAT, (4,))], [value("y", FLOAT, (2, 3, 4))], constants)
        self.assertNotIn(("Mul", 0), [n[1:] for n in kiln.onnxruntime.nodes(kiln.onnxruntime.session(of))])

    def test_not_asked_for(self):
        of = self.chain(["Sigmoid"])
        for fuse in (False, 0, "0"):
            self.assertEqual(self.taken(kiln.onnxruntime.session(of, fuse=fuse)), ["Sigmoid"])
        for fuse in (True, 1, "1", None):
            self.whole(of, fuse=fuse)
        self.assertEqual(self.taken(kiln.onnxruntime.session(of, operators=["Sigmoid"])), ["Sigmoid"])
        self.assertEqual(self.taken(kiln.onnxruntime.session(of, operators=["Swish"])), ["Mul", "Sigmoid"])

    def test_rows(self):
        for kind in FLOATS:
            for spelling in ("Pow Reciprocal", "Pow One", "Pow", "Reciprocal", "One", ""):
                for weight in (None, "first", "last"):
                    for centred in (False, True):
                        with self.subTest(type=TYPES[kind], spelling=spelling, weight=weight, centred=centred):
                            self.check_rows(kind, spelling, weight, centred)

    def check_rows(self, kind, spelling, weight, centred):
        nodes, constants = rows(kind, spelling, weight, centred)
        inputs = [value("x", kind, ["n", "m", 8])] + [value("w", kind, [8])] * bool(weight)
        session = self.whole(model(nodes, inputs, [value("y", kind, ["n", "m", 8])], constants))
        x, w = random((3, 2, 8), kind, shift=1), random(8, kind, seed=1)
        function = (lambda x, w: reference.layer_normalization(x, w, epsilon=2.0**-4)[0]) if centred else \
            (lambda x, w: reference.rms_normalization(x, w, epsilon=2.0**-4))
        given = [x, w] if weight else [x]
        expected = function(wide(x), wide(w) if weight else 1.0)
        self.assert_close(run(session, *given)[0], expected, kind, factor=4)

    def test_constants_of_more_dimensions(self):
        """A constant of more dimensions than x makes a result of as many."""
        x = random((2, 3, 8), shift=1)
        for name, number_of_it in (("eps", 2.0**-4), ("two", 2), ("one", 1)):
            for centred in (False, True):
                for shape in (["n", "m", 8], None):
                    for rank in (0, 1, 2, 3, 4):
                        nodes, constants = rows(FLOAT, "Pow One", centred=centred)
                        given = constant(name, np.full((1,) * rank, number_of_it, np.float32))
                        constants = [given if c.name == name else c for c in constants]
                        of = model(nodes, [value("x", FLOAT, shape)], [value("y", FLOAT, None)], constants, checked=False)
                        with self.subTest(name, centred=centred, shape=shape, rank=rank):
                            fused = rank <= (1 if shape is None else len(shape))
                            self.assertEqual(len(self.taken(self.assert_as_on_cpu(of, x))), len(nodes) if fused else 0)

    def test_layer_normalization_of_exporters(self):
        """ONNX Runtime puts it together before it asks its providers."""
        nodes, constants = rows(FLOAT, "Pow", "last", centred=True)
        nodes[-1] = helper.make_node("Mul", ["n", "w"], ["nw"])
        nodes.append(helper.make_node("Add", ["nw", "b"], ["y"]))
        w, b = random(8, seed=1), random(8, seed=2)
        constants[0] = number("eps", 1e-5)
        of = model(nodes, [value("x", FLOAT, ["n", 8])], [value("y", FLOAT, ["n", 8])],
                   constants + [constant("w", w), constant("b", b)])
        session = kiln.onnxruntime.session(of)
        x = random((5, 8), shift=3)
        self.assert_close(run(session, x)[0], reference.layer_normalization(wide(x), wide(w), wide(b))[0], FLOAT, 4)

    def test_normalize(self):
        """torch.nn.functional.normalize."""
        for p, op in ((1, "ReduceL1"), (2, "ReduceL2")):
            for axis in (1, -1):
                for kind in FLOATS:
                    nodes = [helper.make_node(op, ["x", "axes"], ["norm"]), helper.make_node("Clip", ["norm", "eps"], ["c"]),
                             helper.make_node("Shape", ["x"], ["shape"]), helper.make_node("Expand", ["c", "shape"], ["e"]),
                             helper.make_node("Div", ["x", "e"], ["y"])]
                    constants = [constant("axes", np.int64([axis])), number("eps", 0.5, kind)]
                    for shape in (["n", "c", "h"], [3, 4, 5]):
                        of = model(nodes, [value("x", kind, shape)], [value("y", kind, shape)], constants)
                        with self.subTest(p=p, axis=axis, type=TYPES[kind], shape=shape):
                            session = self.whole(of)
                            x = random((3, 4, 5), kind)
                            x[0] = 0
                            x[1] = x[1] / 64
                            norm = (np.abs(wide(x)) ** p).sum(axis=axis, keepdims=True) ** (1 / p)
                            self.assert_close(run(session, x)[0], wide(x) / np.maximum(norm, 0.5), kind, factor=2)

    def test_group_norm(self):
        """torch.nn.functional.group_norm."""
        for kind in FLOATS:
            for shape in (["n", 6, "h", "w"], [2, 6, 5, 3]):
                w, b = random((6, 1, 1), kind, seed=1), random((6, 1, 1), kind, seed=2)
                nodes, constants = groups(3, w, b, epsilon=0.25)
                of = model(nodes, [value("x", kind, shape)], [value("y", kind, shape)], constants)
                with self.subTest(type=TYPES[kind], shape=shape):
                    session = self.whole(of)
                    x = random((2, 6, 5, 3), kind, shift=2)
                    expected = reference.group_normalization(wide(x), wide(w).reshape(-1), wide(b).reshape(-1), 3, 0.25)
                    self.assert_close(run(session, x)[0], expected, kind, factor=4)
                if kind == TensorProto.BFLOAT16:
                    continue  # the CPU has no Mul of it
                nodes, constants = groups(3, w, b, one=2)
                of = model(nodes, [value("x", kind, shape)], [value("y", kind, shape)], constants)
                with self.subTest("another scale", type=TYPES[kind]):
                    self.assertEqual(self.taken(kiln.onnxruntime.session(of)), ["InstanceNormalization"])

    def test_groups_that_do_not_divide_the_channels(self):
        """They are of values, not of channels."""
        x = random((2, 6, 5), shift=2)
        for channels in (6, "c"):
            for count, whole in ((1, True), (2, True), (5, False), (6, True), (10, False), (15, False)):
                nodes, constants = groups(count, random((6, 1), seed=1), random((6, 1), seed=2))
                of = model(nodes, [value("x", FLOAT, ["n", channels, "l"])], [value("y", FLOAT, None)], constants,
                           checked=False)
                with self.subTest(groups=count, channels=channels):
                    taken = self.taken(self.assert_as_on_cpu(of, x))
                    self.assertEqual(len(taken), len(nodes) if whole and channels == 6 else 1, taken)

    def test_weights_of_more_dimensions(self):
        x = random((2, 6, 5), shift=1)
        for shape in ((1,), (1, 1), (1, 1, 1), (1, 1, 1, 1)):
            for w, (nodes, constants) in ((5, rows(FLOAT, "Pow", "last")), (5, rows(FLOAT, "Pow", "first", centred=True)),
                                          (6, groups(3, random((6, 1)), random((*shape, 6, 1), seed=2)))):
                if w == 5:
                    constants.append(constant("w", random((*shape, 5), seed=1)))
                of = model(nodes, [value("x", FLOAT, x.shape)], [value("y", FLOAT, None)], constants, checked=False)
                with self.subTest(shape=shape, w=w):
                    self.assertNotIn(nodes[-1].op_type, self.taken(self.assert_as_on_cpu(of, x)))

    def test_many_in_one_graph(self):
        nodes, before = [], "x"
        for i in range(5):
            nodes += [helper.make_node("Sigmoid", [before], [f"s{i}"]), helper.make_node("Mul", [f"s{i}", before], [f"m{i}"]),
                      helper.make_node("Add", [f"m{i}", "one"], [f"a{i}"])]
            before = f"a{i}"
        of = model(nodes, [value("x", FLOAT, ["n"])], [value(before, FLOAT, ["n"])], [number("one", 1)])
        session = kiln.onnxruntime.session(of)
        self.assertEqual(len({node.group for node in kiln.onnxruntime.nodes(session)}), 5)
        x = random(9)
        expected = wide(x)
        for _ in range(5):
            expected = reference.ELEMENTWISE["Swish"](expected) + 1
        self.assert_close(run(session, x)[0], expected, FLOAT, 4)
