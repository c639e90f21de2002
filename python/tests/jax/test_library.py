"""The native library: XLA's FFI by its version, handlers for each row of the table, and what the library asks for."""
import ctypes
import re
import shutil
import subprocess
import types
import unittest.mock

from shared import *
from kiln.jax import _library


class Version(JaxTest):
    def test_that_of_jaxlib(self):
        found = _library.version_of_jaxlib()
        header = (ROOT.__class__(jax.ffi.include_dir()) / "xla/ffi/api/c_api.h").read_text()
        self.assertIn(f"#define XLA_FFI_API_MAJOR {found[0]}\n", header)
        self.assertIn(f"#define XLA_FFI_API_MINOR {found[1]}\n", header)

    def test_others_are_refused(self):
        _library.check_version((0, 3), (0, 3))
        _library.check_version((0, 3), (0, 7))
        _library.check_version((0, 3), None)
        for found in ((0, 2), (1, 0), (1, 3)):
            self.refuse(ImportError, f"kiln.jax: expected version 0.3 of XLA's FFI or a later 0.x, got {found[0]}.{found[1]}, of jaxlib ",
                        _library.check_version, (0, 3), found)


    def test_a_jax_that_is_too_old(self):
        self.refuse(ImportError, "kiln.jax: expected a JAX that has jax.make_user_context, as 0.10.2 does, got 0.4.1",
                    _library.check_jax, types.SimpleNamespace(__version__="0.4.1"))

    def test_a_package_without_the_library(self):
        with unittest.mock.patch.object(_library, "NATIVE", ROOT / "nothing.so"):
            self.refuse(ImportError, "kiln.jax: this package of kiln is built without it", _library._open)


class Handlers(JaxTest):
    def test_one_for_each_operator_and_platform(self):
        found = {_library.native.kiln_jax_handler(name.encode(), platform.encode()) for name in TABLE for platform in ("cpu", "CUDA")}
        self.assertEqual(len(found - {None}), 2 * len(TABLE))
        self.assertIsNone(_library.native.kiln_jax_handler(b"softmax", b"cpu"))
        self.assertIsNone(_library.native.kiln_jax_handler(b"tanh", b"ROCM"))

    def test_a_frame_of_another_version(self):
        """As an XLA of another major version would call: the handler makes an error of it, and reads nothing more."""
        said = []

        class ErrorArgs(ctypes.Structure):
            _fields_ = [("size", ctypes.c_size_t), ("extension", ctypes.c_void_p), ("message", ctypes.c_char_p), ("code", ctypes.c_int)]

        @ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.POINTER(ErrorArgs))
        def create(args):
            said.append((args[0].message.decode(), args[0].code))
            return 1

        class Api(ctypes.Structure):
            _fields_ = [("size", ctypes.c_size_t), ("extension", ctypes.c_void_p), ("version_size", ctypes.c_size_t),
                        ("version_extension", ctypes.c_void_p), ("major", ctypes.c_int), ("minor", ctypes.c_int),
                        ("internal", ctypes.c_void_p), ("create", ctypes.c_void_p)]

        class Frame(ctypes.Structure):
            _fields_ = [("size", ctypes.c_size_t), ("extension", ctypes.c_void_p), ("api", ctypes.POINTER(Api))]

        api = Api(1 << 20, None, 24, None, 99, 1, None, ctypes.cast(create, ctypes.c_void_p))
        handler = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.POINTER(Frame))(_library.native.kiln_jax_handler(b"tanh", b"cpu"))
        self.assertEqual(handler(Frame(1 << 20, None, ctypes.pointer(api))), 1)
        major, minor = _library.native.kiln_jax_ffi_major(), _library.native.kiln_jax_ffi_minor()
        self.assertEqual(said, [(f"kiln_tanh: expected version {major}.{minor} of XLA's FFI or a later one of the same major number, "
                                 "got 99.1", 13)])

    def test_other_attributes_than_those_of_the_row(self):
        """A program of another Kiln's making is refused when it runs, and computes nothing."""
        call = jax.ffi.ffi_call("kiln_tanh", jax.ShapeDtypeStruct((4,), np.float32))
        x = np.ones(4, np.float32)
        settings = {"fast": np.bool_(False), "isa": "", "threads": np.int64(0)}
        self.assert_bits(call(x, **settings, tensors=np.int64(3)), kiln.tanh(x))
        for attributes, says in (({}, "expected the attributes fast, isa and threads"),
                                 (settings, "expected the attribute tensors"),
                                 ({**settings, "fast": np.int64(1), "tensors": np.int64(3)}, "expected the attributes fast, isa and threads"),
                                 ({**settings, "tensors": np.int64(1)}, "expected fewer buffers")):
            with self.assertRaisesRegex(Exception, f"kiln_tanh: {says}"):
                jax.block_until_ready(call(x, **attributes))


@unittest.skipUnless(shutil.which("readelf"), "readelf (binutils) is not installed")
class Symbols(JaxTest):
    def test_libraries(self):
        text = subprocess.run(["readelf", "-dW", _library.NATIVE], check=True, capture_output=True, text=True).stdout
        needed = set(re.findall(r"NEEDED.*\[(.*)\]", text))
        self.assertLessEqual({re.sub(r"\.so.*", "", name) for name in needed}, {"libkiln", "libc", "ld-linux-x86-64", "ld-linux-aarch64"})
        self.assertRegex(text, r"RUNPATH.*\[\$ORIGIN/\.\./lib\]")

    def test_symbols(self):
        text = subprocess.run(["readelf", "--dyn-syms", "-W", _library.NATIVE], check=True, capture_output=True, text=True).stdout
        asked = re.findall(r" UND (\w+)(?:@(\w+?)_([\d.]+))?(?: \(\d+\))?$", text, re.M)
        for name, library, version in asked:
            if library == "GLIBC":
                self.assertLessEqual(tuple(map(int, version.split("."))), (2, 28), name)
            else:
                self.assertRegex(name, r"^(kiln_|_ITM_|__gmon_start__|__cxa_finalize)", name)
        given = {name for name in re.findall(r" DEFAULT +\d+ (\w+)$", text, re.M)}
        self.assertTrue(given)
        self.assertTrue(all(name.startswith("kiln_jax_") for name in given), given)


class Cuda(JaxTest):
    def test_on_a_device(self):
        try:
            device = jax.devices("cuda")[0]
        except RuntimeError:
            self.skipTest("there is no CUDA device that JAX knows")
        x, weight = values(SHAPE), values(4)
        got = kj.layer_norm(*jax.device_put((x, np.ones(4, np.float32)), device)[:1], 4)
        self.assert_bits(got, kiln.layer_norm(x, 4))
        gradient = jax.grad(lambda w: kj.layer_norm(jax.device_put(x, device), 4, w).sum())(jax.device_put(weight, device))
        self.assert_bits(gradient, kiln.backward.layer_norm(np.ones_like(x), x, (4,), weight)[1])


if __name__ == "__main__":
    unittest.main()
