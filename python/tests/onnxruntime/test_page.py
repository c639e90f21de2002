"""The page docs/using/onnxruntime.md: its code is example.py's, which prints what it says; its tables are Kiln's."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PAGE = ROOT / "docs" / "using" / "onnxruntime.md"


def words(text):
    return " ".join(text.split())


class Page(unittest.TestCase):
    def setUp(self):
        self.text = PAGE.read_text()
        self.blocks = re.findall(r"```(\w+)\n(.*?)```", self.text, re.DOTALL)

    def test_code_is_the_examples(self):
        example = words((HERE / "example.py").read_text())
        code = [block for language, block in self.blocks if language == "python"]
        self.assertGreater(len(code), 1)
        for block in code:
            self.assertIn(words(block), example)

    def test_example_prints_what_the_page_says(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
            done = subprocess.run([sys.executable, str(HERE / "example.py")], cwd=folder, env=environment, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = [words(block) for language, block in self.blocks if language == "text"]
        self.assertEqual(said, [words("".join(part)) for part in self.parts(done.stdout)])

    @staticmethod
    def parts(printed):
        lines = printed.splitlines(keepends=True)
        return lines[:-1], lines[-1:]

    def test_table_has_every_operator(self):
        rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", self.text, re.MULTILINE)
        table = tomllib.loads((ROOT / "operators.toml").read_text())["operator"]
        self.assertEqual(sorted(rows), sorted((row["onnx"], name) for name, row in table.items()))
