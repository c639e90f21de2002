"""What goes wrong is said with Kiln's words, and ends neither the process nor the session."""
import ctypes
import importlib.util
import pathlib
import sys
from unittest import mock

import kiln.onnxruntime
import numpy as np
import onnxruntime
from onnx import TensorProto, helper
from support import TestCase, model, one_node, random, run, value

FLOAT = TensorProto.FLOAT
PLACES = 102  # functions of the first version of ONNX Runtime's table


class Runs(TestCase):
    def assert_fails(self, session, text, *arrays):
        with self.assertRaisesRegex(Exception, text) as raised:
            run(session, *arrays)
        self.assertIn("INVALID_ARGUMENT", str(raised.exception))

    def test_parameters_of_another_length(self):
        inputs = [(FLOAT, ["n", "c", "h"])] + [(FLOAT, [f"p{i}"]) for i in range(4)]
        session = self.session(one_node("BatchNormalization", inputs, [(FLOAT, ["n", "c", "h"])]))
        one = np.ones(3, np.float32)
        self.assert_fails(session, r"kiln_batch_norm: weight: expected the shape of channels, \(3,\), got \(2,\)",
                          random((2, 3, 4)), one[:2], one, one, one)
        [y] = run(session, random((2, 3, 4)), one, one, one, one)  # the session goes on
        self.assertEqual(y.shape, (2, 3, 4))

    def test_groups_that_do_not_divide(self):
        inputs = [(FLOAT, ["n", "c", "h"]), (FLOAT, ["c"]), (FLOAT, ["c"])]
        session = self.session(one_node("GroupNormalization", inputs, [(FLOAT, ["n", "c", "h"])], num_groups=4))
        one = np.ones(6, np.float32)
        self.assert_fails(session, "kiln_group_norm: num_groups: expected a divisor", random((2, 6, 4)), one, one)

    def test_no_channels(self):
        node = helper.make_node("LRN", ["x"], ["y"], size=3)
        session = self.session(model([node], [value("x", FLOAT, None)], [value("y", FLOAT, None)], checked=False))
        self.assert_fails(session, "Kiln: the input has no channels", random(5))

    def test_axis_of_no_dimension(self):
        node = helper.make_node("LayerNormalization", ["x", "s"], ["y"], axis=-3)
        of = model([node], [value("x", FLOAT, None), value("s", FLOAT, (2,))], [value("y", FLOAT, None)], checked=False)
        self.assert_fails(self.session(of), "axis -3 is none of the input's 2 dimensions", random((3, 2)), random(2))

    def test_parameters_that_do_not_broadcast(self):
        inputs = [(FLOAT, ["n", "c"]), (FLOAT, ["s"])]
        session = self.session(one_node("RMSNormalization", inputs, [(FLOAT, ["n", "c"])]))
        self.assert_fails(session, "does not broadcast to the input: extent 3 where the input has 4", random((2, 4)), random(3))


class Options(TestCase):
    MODEL = one_node("Tanh", [(FLOAT, (3,))], [(FLOAT, (3,))])

    def test_bad_values(self):
        for text, options in {
                'Kiln: option accuracy: expected exact or fast, got "good"': {"accuracy": "good"},
                'Kiln: option threads: expected 0 or more, got "-1"': {"threads": -1},
                'Kiln: option threads: expected 0 or more, got "two"': {"threads": "two"},
                "Kiln: option isa: expected one of": {"isa": "mmx"},
                'Kiln: option operators: expected names of ONNX\'s operators that Kiln has, got "Gelu"': {"operators": ["Gelu"]},
                'Kiln: option speed: expected accuracy, isa, threads, fuse or operators': {
                    "providers": [(kiln.onnxruntime.NAME, {"speed": "high"})]},
                'Kiln: option fuse: expected 0 or 1, got "maybe"': {"providers": [(kiln.onnxruntime.NAME, {"fuse": "maybe"})]},
                'Kiln: option fuse: expected 0 or 1, got "no"': {"fuse": "no"},
                'Kiln: option fuse: expected 0 or 1, got "2"': {"fuse": 2},
        }.items():
            with self.subTest(text), self.assertRaises(ValueError) as raised:
                kiln.onnxruntime.session(self.MODEL, **options)
            self.assertIn(text, str(raised.exception))
            self.assertTrue(str(raised.exception).startswith("Kiln: option "))

    def test_unknown_arguments(self):
        for name in ("acuracy", "provider_options", "enable_fallback"):
            with self.assertRaises(TypeError) as raised:
                kiln.onnxruntime.session(self.MODEL, **{name: "fast"})
            self.assertIn(f"kiln.onnxruntime.session: {name}: no such argument; there are model, sess_options, providers, "
                          "accuracy, threads, isa, operators, fuse, disabled_optimizers, read_config_from_model", str(raised.exception))
        kiln.onnxruntime.session(self.MODEL, disabled_optimizers=["ConstantFolding"], read_config_from_model=0)

    def test_options_of_a_provider(self):
        of, x = one_node("Tanh", [(FLOAT, (999,))], [(FLOAT, (999,))]), random(999)
        exact, fast = (kiln.onnxruntime.session(of, accuracy=accuracy) for accuracy in ("exact", "fast"))
        self.assertNotEqual(run(exact, x)[0].tobytes(), run(fast, x)[0].tobytes())
        named = [(kiln.onnxruntime.NAME, {"accuracy": "fast"})]
        for arguments in ({}, {"threads": 1}, {"accuracy": "fast"}):
            self.assert_same_bits(run(kiln.onnxruntime.session(of, providers=named, **arguments), x)[0], run(fast, x)[0])
        self.assertEqual(named, [(kiln.onnxruntime.NAME, {"accuracy": "fast"})])

    def test_options_that_contradict_the_providers(self):
        named = [(kiln.onnxruntime.NAME, {"accuracy": "fast", "fuse": "0"})]
        for text, options in {
                "accuracy: expected one value, got 'exact' by the argument and 'fast' in providers": {"accuracy": "exact"},
                "fuse: expected one value, got '1' by the argument and '0' in providers": {"fuse": True},
                "threads: expected KilnExecutionProvider among providers, whose option it is, got threads='2' and providers "
                "CPUExecutionProvider": {"providers": ["CPUExecutionProvider"], "threads": 2},
        }.items():
            with self.subTest(text), self.assertRaises(ValueError) as raised:
                kiln.onnxruntime.session(self.MODEL, **{"providers": named, **options})
            self.assertIn(f"kiln.onnxruntime.session: {text}", str(raised.exception))
        self.assertEqual(kiln.onnxruntime.nodes(kiln.onnxruntime.session(self.MODEL, providers=["CPUExecutionProvider"])), [])

    def test_usual_providers(self):
        """Without this module's functions, by the provider's name."""
        session = onnxruntime.InferenceSession(self.MODEL.SerializeToString(), providers=[kiln.onnxruntime.NAME])
        self.assertEqual(session.get_providers(), [kiln.onnxruntime.NAME, "CPUExecutionProvider"])
        with self.assertRaisesRegex(ValueError, r"nodes: session: expected one that kiln.onnxruntime.session\(\) made"):
            kiln.onnxruntime.nodes(session)
        with self.assertRaisesRegex(TypeError, "nodes: session: expected an InferenceSession, got int"):
            kiln.onnxruntime.nodes(5)

    def test_models_by_path_and_bytes(self):
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.onnx"
            path.write_bytes(self.MODEL.SerializeToString())
            for given in (path, str(path), path.read_bytes(), self.MODEL):
                self.assertEqual(self.taken(kiln.onnxruntime.session(given)), ["Tanh"])
        with self.assertRaises(Exception):
            kiln.onnxruntime.session("/no/such/model.onnx")


class Versions(TestCase):
    """The library and the module refuse an ONNX Runtime that is too old."""

    def factories(self, versions):
        """What CreateEpFactories says to an ONNX Runtime that has these versions of its table."""
        texts = []

        @ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)
        def create_status(code, text):
            texts.append((code, text.decode()))
            return 1

        table = (ctypes.c_void_p * PLACES)(ctypes.cast(create_status, ctypes.c_void_p).value)

        @ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint32)
        def get_api(version):
            return ctypes.addressof(table) if version in versions else None

        text_of_version = ctypes.create_string_buffer(b"1.23.2")

        @ctypes.CFUNCTYPE(ctypes.c_void_p)
        def version():
            return ctypes.addressof(text_of_version)

        base = (ctypes.c_void_p * 2)(*(ctypes.cast(f, ctypes.c_void_p).value for f in (get_api, version)))
        made, count = (ctypes.c_void_p * 1)(), ctypes.c_size_t(7)
        library = ctypes.CDLL(str(kiln.onnxruntime.LIBRARY))
        library.CreateEpFactories.restype = ctypes.c_void_p
        status = library.CreateEpFactories(b"Kiln", ctypes.byref(base), None, made, ctypes.c_size_t(1), ctypes.byref(count))
        return status, texts, count.value

    def test_library(self):
        status, texts, count = self.factories(range(1, 24))
        self.assertEqual((status, count), (1, 0))
        [(code, text)] = texts
        self.assertEqual(text, "Kiln needs ONNX Runtime 1.24 or later, whose execution providers may have kernels; "
                               "this is 1.23.2")
        self.assertEqual(self.factories(()), (None, [], 0))

    def test_module(self):
        spec = importlib.util.spec_from_file_location("kiln_onnxruntime_again", kiln.onnxruntime.__file__)
        with mock.patch.object(onnxruntime, "__version__", "1.23.2"):
            with self.assertRaisesRegex(ImportError, "needs onnxruntime 1.25 or later, this is 1.23.2"):
                spec.loader.exec_module(importlib.util.module_from_spec(spec))
        with mock.patch.dict(sys.modules, {"onnxruntime": None}):
            with self.assertRaisesRegex(ImportError, "needs onnxruntime 1.25 or later"):
                spec.loader.exec_module(importlib.util.module_from_spec(spec))
        spec.loader.exec_module(importlib.util.module_from_spec(spec))  # a second one finds the provider registered
