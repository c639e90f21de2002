"""The bits of the same calls through the tool `kiln`, which is linked with another library: KILN_TOOL."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from support import *
import numpy as np

TOOL = os.environ.get("KILN_TOOL")


@unittest.skipUnless(TOOL, "KILN_TOOL names no tool")
class Bits(KilnTest):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="kiln-python-")))

    def save(self, name, array):
        np.save(self.folder / f"{name}.npy", array)
        return str(self.folder / f"{name}.npy")

    def load(self, name, dtype):
        found = np.load(self.folder / f"{name}.npy")
        return found if found.dtype == dtype else found.view(dtype)

    def options(self, name, arguments):
        for key, value in arguments.items():
            option = "--" + key.replace("_", "-")
            if isinstance(value, np.ndarray):
                yield from (option, self.save(f"{name}-{key}", value))
            elif isinstance(value, bool):
                yield option if value else option.replace("--", "--no-", 1)
            elif value is not None or key == "dim":
                text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
                yield from (option, "all" if value is None else text)

    def run_tool(self, *words):
        subprocess.run([*RUNNER, TOOL, "run", *words], check=True)

    def test_every_operator(self):
        for dtype in DTYPES:
            x = values(SHAPE, dtype)
            path = self.save("x", x)
            for name, arguments in every_call(dtype):
                with self.subTest(name, dtype=dtype, arguments=list(arguments)):
                    self.run_tool(name, path, str(self.folder / "y.npy"), *self.options(name, arguments))
                    self.assert_same_bits(getattr(kiln, name)(x, **arguments), self.load("y", dtype))

    def test_every_gradient(self):
        for dtype in DTYPES:
            x, g = values(SHAPE, dtype), values(SHAPE, dtype, 9)
            path, grad = self.save("x", x), self.save("g", g)
            for name, arguments in every_call(dtype):
                taken = {item.name for item in TABLE[f"{name}_backward"].takes}
                arguments = {key: value for key, value in arguments.items() if key in taken}
                with self.subTest(name, dtype=dtype, arguments=list(arguments)):
                    self.run_tool(f"{name}_backward", grad, str(self.folder / "y.npy"), "--input", path, *self.options(name, arguments))
                    got = getattr(kiln.backward, name)(g, x, **arguments)
                    self.assert_same_bits(got[0] if isinstance(got, tuple) else got, self.load("y", dtype))

    def test_one_version(self):
        info = json.loads(subprocess.run([*RUNNER, TOOL, "info", "--json"], check=True, capture_output=True).stdout)
        self.assertIn(kiln.__version__, json.dumps(info))


if __name__ == "__main__":
    unittest.main()
