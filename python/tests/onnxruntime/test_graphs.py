"""Models of many nodes, some Kiln's and some the CPU's: branches, loops, functions, values used twice, many threads."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import kiln.onnxruntime
import numpy as np
import onnxruntime
import reference
from onnx import TensorProto, helper
from support import CPU, FLOATS, TestCase, constant, model, random, run, value, wide

FLOAT = TensorProto.FLOAT


def network(channels=8, kind=FLOAT):
    """A convolution, a block that is normalized, a branch that leaves and returns, and a head."""
    rng = np.random.default_rng(5)

    def weights(name, *shape):
        return constant(name, (rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]) or 1)).astype(np.float32))

    constants = [weights("k1", channels, 3, 3, 3), weights("k2", channels, channels, 1, 1),
                 *(constant(name, np.abs(rng.standard_normal(channels)).astype(np.float32) + 0.5)
                   for name in ("w1", "b1", "w2", "b2", "w3", "b3")),
                 weights("fc", channels, 5), constant("axes", np.int64([2, 3]))]
    nodes = [
        helper.make_node("Conv", ["x", "k1"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("InstanceNormalization", ["a", "w1", "b1"], ["b"]),
        helper.make_node("Swish", ["b"], ["c"]),
        helper.make_node("Conv", ["c", "k2"], ["d"]),
        helper.make_node("GroupNormalization", ["d", "w2", "b2"], ["e"], num_groups=4),
        helper.make_node("Sigmoid", ["e"], ["gate"]),
        helper.make_node("Mul", ["gate", "c"], ["f"]),
        helper.make_node("Add", ["f", "b"], ["g"]),  # b is used twice: nothing may be written over it
        helper.make_node("ReduceMean", ["g", "axes"], ["h"], keepdims=0),
        helper.make_node("LayerNormalization", ["h", "w3", "b3"], ["i"]),
        helper.make_node("MatMul", ["i", "fc"], ["j"]),
        helper.make_node("LpNormalization", ["j"], ["y"]),
    ]
    return model(nodes, [value("x", FLOAT, ["n", 3, "h", "w"])], [value("y", FLOAT, ["n", 5])], constants)


TAKEN = ["GroupNormalization", "InstanceNormalization", "LayerNormalization", "LpNormalization", "Sigmoid", "Swish"]


class Graphs(TestCase):
    def test_network(self):
        of = network()
        session = self.session(of, TAKEN)
        stock = onnxruntime.InferenceSession(of.SerializeToString(), providers=[CPU])
        for shape in ((1, 3, 8, 8), (4, 3, 17, 5), (2, 3, 1, 1)):
            x = random(shape)
            np.testing.assert_allclose(run(session, x)[0], run(stock, x)[0], rtol=2e-4, atol=2e-5)

    def test_profile(self):
        """ONNX Runtime's own profile says which provider each node ran on."""
        settings = onnxruntime.SessionOptions()
        settings.enable_profiling = True
        with tempfile.TemporaryDirectory() as folder:
            settings.profile_file_prefix = str(pathlib.Path(folder) / "profile")
            session = self.session(network(), TAKEN, sess_options=settings)
            run(session, random((1, 3, 8, 8)))
            events = json.loads(pathlib.Path(session.end_profiling()).read_text())
        ran = [event["args"] for event in events if event["cat"] == "Node" and "provider" in event.get("args", {})]
        self.assertEqual(sorted(args["op_name"] for args in ran if args["provider"] == kiln.onnxruntime.NAME), TAKEN)
        self.assertIn("Conv", [args["op_name"] for args in ran if args["provider"] == CPU])

    def test_settings(self):
        """Memory planning, order and levels of optimization change no bit."""
        of, x = network(), random((2, 3, 9, 9))
        [expected] = run(self.session(of, TAKEN), x)
        for change in ({"enable_mem_pattern": False, "enable_mem_reuse": False}, {"enable_cpu_mem_arena": False},
                       {"execution_mode": onnxruntime.ExecutionMode.ORT_PARALLEL, "inter_op_num_threads": 3}):
            settings = onnxruntime.SessionOptions()
            for name, setting in change.items():
                setattr(settings, name, setting)
            with self.subTest(**change):
                self.assert_same_bits(run(kiln.onnxruntime.session(of, settings), x)[0], expected)

    def test_no_optimization(self):
        settings = onnxruntime.SessionOptions()
        settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        of, x = network(), random((2, 3, 9, 9))
        results = [run(kiln.onnxruntime.session(of, s), x)[0] for s in (settings, onnxruntime.SessionOptions())]
        np.testing.assert_allclose(*results, rtol=2e-4, atol=2e-5)

    def test_many_threads_of_the_app(self):
        of = network()
        session = self.session(of, TAKEN)
        inputs = [random((1 + i % 3, 3, 12, 12), seed=i) for i in range(24)]
        alone = [run(session, x)[0] for x in inputs]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for together, expected in zip(pool.map(lambda x: run(session, x)[0], inputs * 3), alone * 3):
                self.assert_same_bits(together, expected)

    def test_many_sessions(self):
        """Each with its own options."""
        x = random(4000, scale=3)
        of = model([helper.make_node("Tanh", ["x"], ["y"])], [value("x", FLOAT, ["n"])], [value("y", FLOAT, ["n"])])
        exact, fast = (self.session(of, accuracy=accuracy) for accuracy in ("exact", "fast"))
        expected = [run(session, x)[0].tobytes() for session in (exact, fast)]
        self.assertNotEqual(*expected)
        for _ in range(3):
            others = [self.session(of) for _ in range(4)]
            self.assertEqual([run(session, x)[0].tobytes() for session in (exact, fast)], expected)
            self.assertEqual({run(session, x)[0].tobytes() for session in others}, {expected[0]})
            del others

    def test_in_place(self):
        """A chain whose values nobody else needs, and one whose first value is an output, too."""
        chain = [helper.make_node("Tanh", ["x"], ["a"]), helper.make_node("Sigmoid", ["a"], ["b"]),
                 helper.make_node("Softplus", ["b"], ["y"])]
        x = random((3, 5))
        expected = np.tanh(wide(x)), reference.softplus(reference.sigmoid(np.tanh(wide(x))))
        for outputs in (["y"], ["a", "y"]):
            of = model(chain, [value("x", FLOAT, (3, 5))], [value(o, FLOAT, (3, 5)) for o in outputs])
            session = self.session(of)
            for result, wanted in zip(run(session, x), expected[-len(outputs):]):
                self.assert_close(result, wanted, FLOAT)
        self.assert_same_bits(x, random((3, 5)))  # an input is the app's

    def test_every_operator_in_place(self):
        """One after another, each written over its input where ONNX Runtime reuses memory."""
        parameters = [constant(f"p{i}", np.abs(random(4, seed=i)) + np.float32(0.5)) for i in range(4)]
        row = constant("row", random((5, 3), seed=9))
        ops = [("Tanh", [], {}), ("LRN", [], {"size": 4, "alpha": 1.0}), ("InstanceNormalization", ["p0", "p1"], {}),
               ("Sigmoid", [], {}), ("GroupNormalization", ["p1", "p2"], {"num_groups": 2}), ("Swish", [], {}),
               ("BatchNormalization", ["p0", "p1", "p2", "p3"], {}), ("Mish", [], {}), ("LRN", [], {"size": 3}),
               ("LayerNormalization", ["row", "row"], {"axis": -2}), ("HardSigmoid", [], {"alpha": 1 / 6}),
               ("RMSNormalization", ["row"], {"axis": -2}), ("Softplus", [], {}), ("LpNormalization", [], {"axis": 1})]
        nodes = [helper.make_node(op, [f"v{i}", *given], [f"v{i + 1}"], **attributes)
                 for i, (op, given, attributes) in enumerate(ops)]
        shapes = [value(name, FLOAT, (2, 4, 5, 3)) for name in ("v0", f"v{len(ops)}")]
        of = model(nodes, shapes[:1], shapes[1:], [*parameters, row])
        apart = onnxruntime.SessionOptions()
        apart.enable_mem_reuse = apart.enable_mem_pattern = False
        x = random((2, 4, 5, 3), scale=2)
        [expected] = run(self.session(of, sess_options=apart), x)
        self.assertTrue(np.isfinite(expected).all())
        for _ in range(3):
            self.assert_same_bits(run(self.session(of), x)[0], expected)

    def test_branches(self):
        branches = [helper.make_graph([helper.make_node(op, ["x"], [op])], op, [], [value(op, FLOAT, ["n"])])
                    for op in ("Tanh", "Sigmoid")]
        node = helper.make_node("If", ["condition"], ["y"], then_branch=branches[0], else_branch=branches[1])
        of = model([node], [value("condition", TensorProto.BOOL, ()), value("x", FLOAT, ["n"])], [value("y", FLOAT, ["n"])])
        session = kiln.onnxruntime.session(of)
        self.assertEqual(self.taken(session), ["Sigmoid", "Tanh"])
        x = random(7)
        for condition, function in ((True, np.tanh), (False, reference.sigmoid)):
            self.assert_close(run(session, np.array(condition), x)[0], function(wide(x)), FLOAT)

    def test_loop(self):
        body = helper.make_graph(
            [helper.make_node("Tanh", ["before"], ["after"]), helper.make_node("Identity", ["go"], ["on"])], "body",
            [value("i", TensorProto.INT64, ()), value("go", TensorProto.BOOL, ()), value("before", FLOAT, ["n"])],
            [value("on", TensorProto.BOOL, ()), value("after", FLOAT, ["n"])])
        of = model([helper.make_node("Loop", ["count", "", "x"], ["y"], body=body)],
                   [value("count", TensorProto.INT64, ()), value("x", FLOAT, ["n"])], [value("y", FLOAT, ["n"])])
        session = kiln.onnxruntime.session(of)
        self.assertEqual(self.taken(session), ["Tanh"])
        x = random(9)
        expected = wide(x)
        for _ in range(5):
            expected = np.tanh(expected)
        self.assert_close(run(session, np.int64(5), x)[0], expected, FLOAT)

    def process(self, script, of):
        """What another process prints that runs a script after what every user begins with, `model` and `x` made."""
        before = ("import importlib, os, pathlib, sys\nimport numpy as np\nimport onnxruntime\nimport kiln.onnxruntime\n"
                  "model = pathlib.Path(sys.argv[1]).read_bytes()\nx = np.ones((8, 3, 64, 64), np.float32)\n")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.onnx"
            path.write_bytes(of.SerializeToString())
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            done = subprocess.run([sys.executable, "-c", before + script, str(path)], env=environment, text=True,
                                  check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_library_taken_out_and_put_back(self):
        self.assertEqual(self.process("""
for _ in range(3):
    session = kiln.onnxruntime.session(model)
    assert kiln.onnxruntime.nodes(session)
    session.run(None, {"x": x})
    del session
    onnxruntime.unregister_execution_provider_library(kiln.onnxruntime.NAME)
    assert kiln.onnxruntime.NAME not in [device.ep_name for device in onnxruntime.get_ep_devices()]
    importlib.reload(kiln.onnxruntime)
""", network()), "")

    def test_threads_are_the_sessions(self):
        """Kiln starts none beside them."""
        of = model([helper.make_node("Mish", ["x"], ["y"])], [value("x", FLOAT, None)], [value("y", FLOAT, None)],
                   checked=False)
        printed = self.process("""
settings = onnxruntime.SessionOptions()
settings.intra_op_num_threads = 3
before = len(os.listdir("/proc/self/task"))
session = kiln.onnxruntime.session(model, settings)
made = len(os.listdir("/proc/self/task"))
session.run(None, {"x": x})
print(made - before, len(os.listdir("/proc/self/task")) - made, len(kiln.onnxruntime.nodes(session)))
""", of)
        self.assertEqual(printed.split(), ["2", "0", "1"])

    def test_log_says_why_nodes_are_left(self):
        of = model([helper.make_node("HardSigmoid", ["x"], ["y"], name="gate")], [value("x", FLOAT, ["n"])],
                   [value("y", FLOAT, ["n"])])
        printed = self.process("onnxruntime.set_default_logger_severity(1)\nkiln.onnxruntime.session(model)\n", of)
        self.assertIn('Kiln leaves node "gate" (HardSigmoid) to others: alpha is 0.200000003, expected 1/6', printed)

    def test_types_that_are_converted(self):
        """Half types between casts."""
        for kind in FLOATS:
            nodes = [helper.make_node("Cast", ["x"], ["a"], to=kind), helper.make_node("Mish", ["a"], ["b"]),
                     helper.make_node("Cast", ["b"], ["y"], to=FLOAT)]
            of = model(nodes, [value("x", FLOAT, ["n"])], [value("y", FLOAT, ["n"])])
            x = random(100)
            [y] = run(self.session(of, ["Mish"]), x)
            np.testing.assert_allclose(y, reference.ELEMENTWISE["Mish"](wide(x)), atol=3e-2)
