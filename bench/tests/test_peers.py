"""The peers: what the harness gives them, and, where `make bench-peers` has been run, that each computes what Kiln does."""
import ctypes
import json
import math
import os
import pathlib
import subprocess
import sys
import unittest
from unittest import mock

from support import BUILD, ROOT, BenchTest

sys.path.insert(0, str(ROOT))
from bench import elements, library, operators, peers, table  # noqa: E402

PYTHON = ROOT / ".venv-peers/bin/python"
# Errors that are no mistake of the harness: ULP of activations where they are far from zero would be single digits, but a
# sum that cancels near a zero of hardsigmoid or in mish's tail costs thousands.
LIMITS = {"ulp": 2e5, "absolute": 1e-5}
GRADIENT_LIMITS = {"ulp": 5e6, "absolute": 1e-5}  # 1 - y^2 of a result near 1 keeps few places
# Of types of 16 bits: what a few roundings come to.
NARROW_LIMITS = {dtype: {"ulp": 200, "absolute": 8 * elements.ELEMENTS[dtype].epsilon} for dtype in ("float16", "bfloat16")}
NARROW = [word for dtype in NARROW_LIMITS for word in ("--dtype", dtype)]


class Memory(unittest.TestCase):
    def test_results_are_aligned_and_laid_out_as_the_case(self):
        for shape, layout, strides in (([5], "contiguous", (4,)), ([2, 3, 5, 7], "contiguous", (420, 140, 28, 4)),
                                       ([2, 3, 5, 7], "channels_last", (420, 4, 84, 12))):
            for _ in range(8):
                made = library.empty(shape, layout)
                self.assertEqual((made.ctypes.data % 64, list(made.shape), made.strides), (0, shape, strides))


class NativeCalls(unittest.TestCase):
    """strlen is the peer: of "" it is 0, success."""

    def setUp(self):
        self.strlen = ctypes.CDLL(None).strlen

    def native(self, text):
        buffer = ctypes.create_string_buffer(text)
        return library.Native(self.strlen, ctypes.cast(buffer, ctypes.c_void_p), buffer)

    def test_a_call(self):
        self.native(b"")()
        with self.assertRaisesRegex(RuntimeError, "failed"):
            self.native(b"no")()

    def test_one_is_timed_and_one_that_fails_is_not(self):
        request = {"do": "measure", "case": {"op": "tanh", "shape": [64]}, "rounds": 2, "seconds": 1e-4}
        with library.Session(library.Library(f"{BUILD}/lib/libkiln_bench.so"), request) as session:
            session.add("works", self.native(b""))
            session.add("fails", self.native(b"no"))
            session.add("of Python", lambda: None)
            found = {c["name"]: c["samples"] for c in session.measure()}
        self.assertEqual((len(found["works"]), len(found["of Python"])), (2, 2))
        self.assertNotIn("fails", found)


class Absent(unittest.TestCase):
    def test_onednn_needs_its_library(self):
        # The interpreter that runs the tests is .venv's, for which nobody built it.
        self.assertFalse(peers.onednn.LIBRARY.exists())
        self.assertIn("onednn", peers.installed()[1])

    def test_a_library_of_an_earlier_source_says_so(self):
        with mock.patch.object(peers.onednn, "LIBRARY", ROOT / "README.md"), mock.patch.object(peers.OneDnn, "load", staticmethod(object)):
            self.assertIn("scripts/bench_peers.sh builds it", peers.OneDnn.lacks())


class Compiler(unittest.TestCase):
    def test_torch_compile_needs_one(self):
        with mock.patch("importlib.util.find_spec", return_value=object()):
            with mock.patch.dict(os.environ, CXX="/nowhere/g++"):
                self.assertEqual(peers.TorchCompile.lacks(), "no C++ compiler: there is no /nowhere/g++")
                self.assertEqual(peers.Torch.lacks(), "")
            with mock.patch.dict(os.environ, CXX=sys.executable):
                self.assertEqual(peers.TorchCompile.lacks(), "")


def installed():
    if not PYTHON.exists():
        return {}
    words = [PYTHON, "-B", "-c", "import json; from bench import peers; print(json.dumps(peers.installed()[0]))"]
    return json.loads(subprocess.run(words, cwd=ROOT, check=True, capture_output=True, timeout=120).stdout)


def those_with(peer, direction="forward"):
    return {op for op, row in table.operators(direction).items() if getattr(operators.operator(row.forward), peer)}


class Installed(BenchTest):
    def measure(self, peer, cases, threads, *words):
        """[(row, the peer's figures)] of the cases at the size of L1."""
        if peer not in installed():
            self.skipTest(f"{peer} is not installed: make bench-peers")
        others = [w for name in peers.KINDS if name != peer for w in ("--without", name)]
        self.run_bench("--python", PYTHON, *others, *words, python=True,
                       small=["--case", cases, "--threads", threads, "--rounds", "1", "--round-ms", "0.1"])
        rows = self.results()["rows"]
        left_out = [why for r in rows for why in r.get("left_out", {}).values()]
        self.assertEqual([r for r in rows if "failure" in r] + [why for why in left_out if not why.startswith("has no ")], [])
        return [(r, c) for r in rows for c in r["implementations"] if c["name"] == peer]

    def check_errors(self, found, limits=None):
        limits = limits or LIMITS
        for row, figures in found:
            with self.subTest(f"{row['case']}, {row['dtype']}"):
                self.assertLess(0, figures["error"])
                kind = figures["error_kind"]
                self.assertLess(figures["error"], limits[kind] if row["dtype"] == "float32" else NARROW_LIMITS[row["dtype"]][kind])

    def test_onednn(self):
        for threads in (1, 2):
            found = self.measure("onednn", "/L1/", threads)
            self.assertEqual({r["op"] for r, _ in found}, those_with("onednn"))
            layouts = {(r["op"], r["layout"]) for r, _ in found}
            self.assertIn(("local_response_norm", "channels_last"), layouts)
            self.assertIn(("batch_norm", "channels_last"), layouts)
            self.check_errors(found)

    def test_onednn_says_what_it_does_not_have(self):
        if "onednn" not in installed():
            self.skipTest("onednn is not installed: make bench-peers")
        program = ("import ctypes; from bench.peers import onednn as o; h = ctypes.c_void_p(); "
                   "g = o.given_of('frobnicate', 'float32', [4], {}, {}); "
                   "print(o.OneDnn.load().kiln_onednn_open(g, h), h.value)")
        text = subprocess.run([PYTHON, "-B", "-c", program], cwd=ROOT, check=True, capture_output=True, text=True, timeout=120)
        self.assertIn('no operator "frobnicate"', text.stdout)
        self.assertIn("None", text.stdout)

    def test_onnx_runtime(self):
        found = self.measure("onnxruntime", "/L1/", 2)
        self.assertEqual({r["op"] for r, _ in found}, those_with("onnx_runtime"))
        self.check_errors(found)

    def test_pytorch(self):
        found = self.measure("torch eager", "/L1/", 2)
        self.assertEqual({r["op"] for r, _ in found}, set(table.operators()))
        self.check_errors(found)

    def test_gradients(self):
        for peer, ops in (("torch eager", set(table.operators("backward"))), ("onednn", those_with("onednn", "backward"))):
            for threads in (1, 2):
                with self.subTest(f"{peer}, {threads} threads"):
                    found = self.measure(peer, "/L1/", threads, "--direction", "backward")
                    self.assertEqual({r["op"] for r, _ in found}, ops)
                    self.assertIn(("batch_norm_backward", "channels_last"), {(r["op"], r["layout"]) for r, _ in found})
                    # PyTorch 2.15's gradient of instance_norm is wrong where one sample's grad_output is channels-last.
                    self.check_errors([(r, c) for r, c in found if (r["op"], r["layout"], r["shape"][0]) !=
                                       ("instance_norm_backward", "channels_last", 1)], GRADIENT_LIMITS)

    def test_compiled_gradients(self):
        found = self.measure("torch.compile", "^(silu|rms_norm|group_norm)-backward/L1/contiguous", 1, "--direction", "backward")
        self.assertEqual({r["op"] for r, _ in found}, {"silu_backward", "rms_norm_backward", "group_norm_backward"})
        self.check_errors(found, GRADIENT_LIMITS)

    def test_gradients_of_types_of_16_bits(self):
        found = self.measure("torch eager", "^(tanh|layer_norm|rms_norm|batch_norm-train|instance_norm)-backward/L1/contiguous", 1,
                             "--direction", "backward", *NARROW)
        self.assertEqual(len(found), 10)
        for row, figures in found:
            with self.subTest(f"{row['case']}, {row['dtype']}"):  # values between PyTorch's steps are rounded, too
                self.assertLess(figures["error"], 1e4 if figures["error_kind"] == "ulp" else 16 * NARROW_LIMITS[row["dtype"]]["absolute"])

    def test_types_of_16_bits(self):
        for peer in peers.KINDS:
            if peer in installed() and peer not in ("copy/torch", "torch.compile", "onednn") and set(peers.find(peer).dtypes) & set(NARROW):
                found = self.measure(peer, "^(tanh|sigmoid|layer_norm|batch_norm-eval|rms_norm|group_norm)/L1/contiguous", 1, *NARROW)
                self.assertLessEqual({"tanh", "sigmoid"}, {r["op"] for r, _ in found})
                self.assertEqual({r["dtype"] for r, _ in found}, {*peers.find(peer).dtypes} - {"float32"})
                self.check_errors(found)

    def test_onednn_has_them_where_the_cpu_does(self):
        flags = pathlib.Path("/proc/cpuinfo").read_text()
        has = {"bfloat16": "avx512bw" in flags, "float16": "avx512_fp16" in flags}
        words = [word for dtype, there in has.items() if there for word in ("--dtype", dtype)]
        if not words:
            self.skipTest("this CPU has neither AVX-512 nor its float16")
        found = self.measure("onednn", "^(tanh|layer_norm|batch_norm-train|local_response_norm)/L1/", 1, *words)
        self.assertEqual({r["op"] for r, _ in found}, {"tanh", "layer_norm", "batch_norm", "local_response_norm"})
        self.check_errors(found)

    def test_xnnpack(self):
        found = self.measure("xnnpack", "/L1/", 2)
        self.assertEqual({r["op"] for r, _ in found}, those_with("litert"))
        self.check_errors(found)
        self.assertTrue(all(math.isfinite(c["best"]) for _, c in found))


if __name__ == "__main__":
    unittest.main()
