"""A session's results are those of Kiln's C functions, bit for bit, on any number of threads and any instruction set."""
import ctypes
import pathlib

import kiln_c
import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from support import FLOATS, TYPES, TestCase, model, one_node, random, run, value

FLOAT = TensorProto.FLOAT
SHAPE = (3, 32, 37, 41)
EPSILON = float(np.float32(1e-5))


def options(threads):
    made = onnxruntime.SessionOptions()
    made.intra_op_num_threads = threads
    return made


def isas():
    """Those that this CPU runs."""
    text = pathlib.Path("/proc/cpuinfo").read_text()
    return [isa for isa, flag in (("baseline", "sse2"), ("avx2", "avx2"), ("avx512", "avx512f"), ("neon", "asimd"))
            if f" {flag} " in text.replace("\n", " ")]


class Bits(TestCase):
    def check(self, op, kind, x, parameters, expected, outputs=None, **attributes):
        inputs = [(kind, x.shape)] + [(kind, p.shape) for p in parameters]
        of = one_node(op, inputs, outputs or [(kind, x.shape)], **attributes)
        with self.subTest(op=op, type=TYPES[kind]):
            for threads in (1, 2, 3, 5):
                for result, bits in zip(run(self.session(of, sess_options=options(threads)), x, *parameters), expected):
                    self.assert_same_bits(result, bits)
            for isa in isas():
                [result, *_] = run(self.session(of, isa=isa, threads=4), x, *parameters)
                self.assert_same_bits(result, expected[0])

    def test_elementwise(self):
        names = {"Tanh": "tanh", "Sigmoid": "sigmoid", "HardSigmoid": "hardsigmoid", "Swish": "silu", "Mish": "mish",
                 "Softplus": "softplus"}
        for op, name in names.items():
            for kind in FLOATS:
                x = random(SHAPE, kind, scale=5)
                attributes = {"alpha": 1 / 6} if op == "HardSigmoid" else {}
                self.check(op, kind, x, [], [kiln_c.result(name, x)], **attributes)

    def test_channels(self):
        for kind in FLOATS:
            x = random(SHAPE, kind, scale=2, shift=30)
            w, b, mean = (random(32, kind, seed=i) for i in range(3))
            var = np.abs(random(32, kind, seed=4)) + np.ones(32, TYPES[kind])
            self.check("BatchNormalization", kind, x, [w, b, mean, var],
                       [kiln_c.result("batch_norm", x, mean, var, w, b, 0, 0.1, EPSILON)])
            self.check("GroupNormalization", kind, x, [w, b], [kiln_c.result("group_norm", x, 8, w, b, EPSILON)], num_groups=8)
            self.check("InstanceNormalization", kind, x, [w, b],
                       [kiln_c.result("instance_norm", x, None, None, w, b, 1, 0.1, EPSILON)])
            alpha, beta = float(np.float32(1e-4)), 0.75
            self.check("LRN", kind, x, [], [kiln_c.result("local_response_norm", x, 5, alpha, beta, 1.0)], size=5)
            self.check("LpNormalization", kind, x, [], [kiln_c.result("normalize", x, 2.0, (1,), 1, 1e-45)], axis=1)

    def test_rows(self):
        for kind in FLOATS:
            x = random((64, 7, 96), kind, scale=2, shift=30)
            w, b = random(96, kind, seed=1), random(96, kind, seed=2)
            self.check("LayerNormalization", kind, x, [w, b], [kiln_c.result("layer_norm", x, (96,), 1, w, b, EPSILON)])
            y, mean, rstd = np.empty_like(x), np.empty((64, 7, 1), np.float32), np.empty((64, 7, 1), np.float32)
            kiln_c.call("layer_norm_with_statistics", x, (96,), 1, w, b, EPSILON, y, mean[..., 0], rstd[..., 0])
            self.check("LayerNormalization", kind, x, [w, b], [y, mean, rstd],
                       [(kind, x.shape), (FLOAT, mean.shape), (FLOAT, rstd.shape)])
            epsilon = ctypes.byref(ctypes.c_double(EPSILON))
            y = np.empty_like(x)
            self.assertEqual(0, kiln_c.library().kiln_rms_norm(None, kiln_c.tensor(x), kiln_c.argument((96,)), 1,
                                                               kiln_c.tensor(w), epsilon, kiln_c.tensor(y)))
            self.check("RMSNormalization", kind, x, [w], [y])

    def test_patterns(self):
        """Nodes that are computed as one are Kiln's operator, too."""
        for kind in FLOATS:
            x = random(SHAPE, kind, scale=5)
            nodes = [helper.make_node("Sigmoid", ["x"], ["s"]), helper.make_node("Mul", ["s", "x"], ["y"])]
            of = model(nodes, [value("x", kind, SHAPE)], [value("y", kind, SHAPE)])
            for threads in (1, 3):
                self.assert_same_bits(run(self.session(of, sess_options=options(threads)), x)[0], kiln_c.result("silu", x))
