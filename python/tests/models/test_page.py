"""The program: what it writes, and what it says of faults."""
import copy
import html.parser
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from support import EXAMPLE, needs

import examine
import page


class Tags(html.parser.HTMLParser):
    """Whether tags that are opened are closed, and what is fetched from elsewhere."""

    EMPTY = {"meta", "image", "polygon", "polyline", "path", "rect", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.fetched = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in self.EMPTY:
            self.open.append(tag)
        self.fetched += [value for name, value in attributes if name in ("src", "href") and not value.startswith(("#", "data:"))]

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


REPORT = {
    "name": "one", "title": "One", "package": "p", "differs": "", "bound": "b", "distance": 1e-7, "errors": {"stock": 0, "kiln": 0},
    "wall": {"stock": (1.0, 2.0), "kiln": (1.0, 2.0)}, "times": {"stock": {("SiLU", False): 3.0}, "kiln": {("SiLU", True): 2.0}},
    "nodes": {"silu": 1}, "calls": 1, "calls_differ": 0, "kept": [], "aarch64_lacks": "", "settings": (["avx2"], (1, 2)),
    "bits": [{"operator": "silu", "place": "<act>", "shape": (2, 3), "sha256": "ab" * 32, "differs": {}, "aarch64": "ab" * 32,
              "aarch64_differs": False}],
}


class Faults(unittest.TestCase):
    def with_changes(self, row=None, **changes):
        report = copy.deepcopy({**REPORT, **changes})
        report["bits"][0].update(row or {})
        return report

    def test_none(self):
        self.assertEqual(examine.faults(REPORT), [])

    def test_each_is_named(self):
        for report, text in ((self.with_changes(differs="the texts"), "the answer differs: the texts"),
                             (self.with_changes(wrong="the page says"), "the answer is wrong: the page says"),
                             (self.with_changes(calls=0), "no node ran on Kiln"),
                             (self.with_changes(calls_differ=1), "of 1 calls 1 have other bits"),
                             (self.with_changes({"differs": {("avx2", 2): "cd"}}),
                              "silu at <act> has other bits with avx2, 2 threads"),
                             (self.with_changes({"aarch64_differs": True}), "silu at <act> has other bits with AArch64")):
            self.assertIn(text, " ".join(examine.faults(report)))

    def test_the_page_shows_them(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "new" / "index.html"
            page.write(file, [self.with_changes(differs="the texts")], {"other": "not here"}, "machine")
            text = file.read_text()
        self.assertIn('<p class="bad">the answer differs: the texts</p>', text)
        self.assertIn("<li>other: not here</li>", text)
        self.assertIn("&lt;act&gt;", text)


class Program(unittest.TestCase):
    def run_main(self, *words):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path != str(EXAMPLE))}
        return subprocess.run([sys.executable, "-B", str(EXAMPLE / "main.py"), *words], text=True, capture_output=True,
                              env=environment, check=False)

    @needs("torch", "kiln.torch", "timm")
    def test_a_model(self):
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_main("--out", folder, "--rounds", "1", "--no-qemu", "vit")
            self.assertEqual(done.returncode, 0, done.stderr)
            text = (pathlib.Path(folder) / "index.html").read_text()
        self.assertIn("vit: the same answer and bits\n1 models, 0 with faults, 0 skipped: ", done.stdout)
        self.assertIn("vit: answers\n", done.stderr)
        tags = Tags()
        tags.feed(text)
        self.assertEqual((tags.wrong, tags.fetched), ([], []))
        self.assertIn("RMSNorm <b>Kiln</b>", text)

    @needs("onnx", "onnxruntime", "kiln.onnxruntime", "torch", "kiln.torch")
    def test_every_model_is_known_by_name(self):
        import main
        import onnx_models
        import torch_models

        self.assertEqual(main.MODELS, {"onnx": tuple(model.name for model in onnx_models.onnx_models()),
                                       "torch": tuple(model.name for model in torch_models.torch_models())})

    def test_a_model_that_does_not_exist(self):
        done = self.run_main("nobody")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no model nobody", done.stderr)
