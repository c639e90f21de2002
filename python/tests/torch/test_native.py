"""The native library: what it needs of PyTorch, and of the process."""
import pathlib
import re
import shutil
import subprocess
import tempfile

import torch
from support import ROOT, TorchTest

import kiln.torch
from kiln.torch import _library

NATIVE = ROOT / "python" / "native" / "torch"


class Library(TorchTest):
    def test_the_shim_is_declared_as_pytorch_declares_it(self):
        compiler = shutil.which("c++")
        if not compiler:
            self.skipTest("no C++ compiler")
        headers = pathlib.Path(torch.__file__).parent / "include"
        found = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", f"-I{headers}", str(NATIVE / "check_shim.cpp")],
                               capture_output=True, text=True)
        self.assertEqual((found.returncode, found.stderr), (0, ""))

    def test_a_declaration_that_differs_is_found(self):
        compiler = shutil.which("c++")
        if not compiler:
            self.skipTest("no C++ compiler")
        headers = pathlib.Path(torch.__file__).parent / "include"
        with tempfile.TemporaryDirectory() as folder:
            shim = (NATIVE / "shim.h").read_text()
            (pathlib.Path(folder) / "shim.h").write_text(shim.replace("torch_list_size(StableListHandle", "torch_list_size(int64_t"))
            shutil.copy(NATIVE / "check_shim.cpp", folder)
            found = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", f"-I{headers}", f"{folder}/check_shim.cpp"],
                                   capture_output=True, text=True)
        self.assertIn("torch_list_size", found.stderr)

    def test_nothing_of_pytorchs_c_plus_plus_abi_is_needed(self):
        nm = shutil.which("nm")
        if not nm:
            self.skipTest("no nm")
        text = subprocess.run([nm, "-D", "--undefined-only", str(_library.NATIVE)], capture_output=True, text=True, check=True)
        names = [line.split()[-1].partition("@")[0] for line in text.stdout.splitlines()]
        self.assertTrue(any(name.startswith("aoti_torch_") for name in names))
        self.assertEqual([name for name in names if "c10" in name or "2at" in name or "5torch" in name], [])

    def test_a_process_has_one_libkiln(self):
        maps = pathlib.Path("/proc/self/maps").read_text().splitlines()
        found = {line.split()[-1] for line in maps if "libkiln" in line}
        self.assertEqual(len(found), 1, found)

    def test_the_function_of_the_current_stream_is_found(self):
        found = _library._stream_of_device()
        self.assertEqual(found is None, torch.version.cuda is None)

    def test_it_runs_with_the_libraries_that_manylinux_2_28_has(self):
        nm = shutil.which("nm")
        if not nm:
            self.skipTest("no nm")
        text = subprocess.run([nm, "-D", str(_library.NATIVE)], capture_output=True, text=True, check=True).stdout
        newest = {"GLIBC": (2, 28), "GLIBCXX": (3, 4, 25), "CXXABI": (1, 3, 11)}
        for name, version in re.findall(r"@(\w+?)_([\d.]+)", text):
            self.assertLessEqual(tuple(map(int, version.split("."))), newest.get(name, (99,)), f"{name}_{version}")

    def test_an_import_again_registers_nothing_twice(self):
        _library.load()
        self.assertEqual(kiln.torch.functional.tanh(torch.zeros(1)).item(), 0.0)

    def test_an_older_pytorch_is_refused_by_name(self):
        class Old:
            __version__ = "2.9.1"

        kept, _library.native, _library.torch = (_library.native, _library.torch), None, Old
        try:
            with self.assertRaisesRegex(ImportError, "expected PyTorch 2.10 or later, got 2.9.1"):
                _library.load()
        finally:
            _library.native, _library.torch = kept


class Threads(TorchTest):
    def test_many_threads_at_once(self):
        import concurrent.futures

        x = torch.randn(64, 96, 64)
        expected = kiln.torch.functional.layer_norm(x, (64,))
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for got in pool.map(lambda _: kiln.torch.functional.layer_norm(x, (64,)), range(64)):
                self.assert_same_bits(got, expected)

    def test_after_a_fork(self):
        import os

        x = torch.randn(4, 8)
        expected = kiln.torch.functional.tanh(x)
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.write(writer, b"same" if torch.equal(kiln.torch.functional.tanh(x), expected) else b"other")
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as file:
            self.assertEqual(file.read(), b"same")
        os.waitpid(child, 0)
