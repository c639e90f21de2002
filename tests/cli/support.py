"""What the tests of the tool share: a folder of their own, the tool run in it, and the checks of a bad call."""
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import unittest

import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
from bench import operators, table  # noqa: E402

# KILN_RUNNER starts the tool where it is built for another CPU.
RUNNER = os.environ.get("KILN_RUNNER", "").split()
KILN = [*RUNNER, os.environ["KILN_TOOL"]]
LIST = json.loads(subprocess.run([*KILN, "list", "--json"], check=True, capture_output=True).stdout)
OPERATORS = LIST["operators"]
BASELINE = [target["isa"] for target in LIST["targets"] if target["device"] == "cpu"][-1]
# Sanitizers and emulators reserve more address space than this.
UNLIMITED = os.environ.get("KILN_SANITIZED") == "1" or bool(RUNNER)
LITTLE_MEMORY = [] if UNLIMITED else [(resource.RLIMIT_AS, 2**30)]
LONGEST_LINE = 1010  # bytes of a message, whatever the call or a file holds
NAMES = [op["name"] for op in OPERATORS if op["direction"] == "forward"]
OTHERS = [op["name"] for op in OPERATORS if op["name"] not in NAMES]  # gradients, and what writes statistics for them
GRADIENTS = [op["name"] for op in OPERATORS if op["family"] == "elementwise_backward"]
ELEMENTWISE = [op["name"] for op in OPERATORS if op["family"] == "elementwise"]
# Of elements.def: {name: bytes}.
TYPES = {name: int(bits) // 8 for name, bits in re.findall(
    r"^KILN_ELEMENT\((\w+), \w+, (\d+),", (pathlib.Path(__file__).resolve().parents[2] / "elements.def").read_text(), re.M)}
NARROW = [name for name, size in TYPES.items() if size == 2]
DESCR = {"float32": "<f4", "float16": "<f2", "bfloat16": "<V2"}  # in .npy files

# The float64 definitions of the operators that the tests compute with; the library's own tests cover them all.
SIGMOID = lambda x: 1 / (1 + np.exp(-np.asarray(x, np.float64)))  # noqa: E731


def layer_norm(x, ndim, weight=1.0, bias=0.0, eps=1e-5):
    x = np.asarray(x, np.float64)
    axes = tuple(range(x.ndim - ndim, x.ndim))
    centred = x - x.mean(axes, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axes, keepdims=True) + eps) * weight + bias


def some_of(cases, n):
    """The cases that are tried: all, or, where KILN_TESTS_THIN thins samples, every n-th."""
    return list(cases)[::n if int(os.environ.get("KILN_TESTS_THIN", "1")) > 1 else 1]


def alternatives(words):
    """"float32, float16 or bfloat16"."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def taking(dtype, names=None):
    """The operators that take an element type."""
    return [op for op in names or NAMES if dtype in table.operator(op).dtypes]


def types_of(op):
    """As the tool lists those that an operator takes, by the table."""
    return alternatives([f"{dtype} ('{DESCR[dtype]}')" for dtype in table.operator(op).dtypes])


def option_of(name):
    return "--" + name.replace("_", "-")


def npy(descr="'<f4'", fortran="False", shape="(3,)", data=b"\0" * 12, version=(1, 0), header=None, length=None):
    """A .npy file's bytes, written down part by part so that each can be wrong."""
    if header is None:
        header = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n"
    header = header.encode() if isinstance(header, str) else header
    size = len(header) if length is None else length
    return b"\x93NUMPY" + bytes(version) + size.to_bytes(2 if version[0] == 1 else 4, "little") + header + data


PROGRESS_LINE = re.compile(rb"^ *\d+ %  \d+:\d\d (left|so far)  .*\n", re.MULTILINE)


def unprivileged(*folders):
    """Settings of a process that may not do everything: root's runs as nobody, who is let into the folders."""
    if os.geteuid() != 0:
        return {}
    for folder in folders:
        os.chmod(folder, 0o777)
    settings = {"user": 65534, "group": 65534, "extra_groups": []}
    try:
        subprocess.run([*KILN, "--version"], check=True, capture_output=True, **settings)
    except (OSError, subprocess.CalledProcessError):
        raise unittest.SkipTest("nobody may not run the tool where it is built") from None
    return settings


class ToolTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="kiln-cli-")))

    def kiln(self, *arguments, limits=(), env=None, **settings):
        """Runs the tool in the test's folder; `limits` are pairs for setrlimit."""

        def set_limits():
            for limit, value in limits:
                resource.setrlimit(limit, (value, value))

        done = subprocess.run([*KILN, *map(str, arguments)], cwd=self.folder, capture_output=True, timeout=120,
                              preexec_fn=set_limits if limits else None,
                              env=dict(os.environ, **env) if env else None, **settings)
        done.stderr = PROGRESS_LINE.sub(b"", done.stderr)  # of what a busy machine takes seconds for
        return done

    def good(self, *arguments, **settings):
        done = self.kiln(*arguments, **settings)
        self.assertEqual((done.returncode, done.stderr), (0, b""), arguments)
        return done.stdout.decode()

    def save(self, name, array):
        np.save(self.folder / name, array)
        return name

    def load(self, name):
        return np.load(self.folder / name)

    def write(self, name, data):
        (self.folder / name).write_bytes(data)
        return name

    def snapshot(self):
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}

    def bad(self, *arguments, says=(), **settings):
        """Exit code 2, exactly one line on stderr with each text of `says`, nothing on stdout, every file as it was."""
        before = self.snapshot()
        done = self.kiln(*arguments, **settings)
        error = done.stderr.decode()
        self.assertEqual(done.returncode, 2, (arguments, error))
        self.assertTrue(error.startswith("kiln: error: "), error)
        self.assertEqual(len(error.splitlines()), 1, error)
        self.assertLessEqual(len(done.stderr), LONGEST_LINE, error)
        self.assertTrue(error.endswith("\n"), error)
        self.assertEqual(done.stdout, b"")
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, error)
        self.assertEqual(self.snapshot(), before)
        return error
