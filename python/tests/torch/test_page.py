"""The page of docs/using, whose code example.py is."""
import contextlib
import io
import pathlib
import re
import runpy

from support import ROOT, TorchTest

HERE = pathlib.Path(__file__).resolve().parent


class Page(TorchTest):
    def test_it_says_what_its_code_prints(self):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(HERE / "example.py"))
        page = (ROOT / "docs" / "using" / "pytorch.md").read_text()
        outputs = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
        self.assertGreaterEqual(len(outputs), 4)
        for output in outputs:
            self.assertIn(output, printed.getvalue())

    def test_it_has_its_code(self):
        page = (ROOT / "docs" / "using" / "pytorch.md").read_text()
        code = " ".join((HERE / "example.py").read_text().split())
        blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        self.assertGreaterEqual(len(blocks), 6)
        for block in blocks:
            self.assertIn(" ".join(block.split()), code)

    def test_it_names_the_modules_that_are_replaced(self):
        from kiln.torch._replacing import CLASSES

        page = (ROOT / "docs" / "using" / "pytorch.md").read_text()
        listed = re.search(r"\*\*Replaced\*\*: (.*?)\.\n", page, re.DOTALL)[1]
        for kind in CLASSES:
            name = re.sub(r"[123]d$", "", kind.__name__)
            self.assertIn(name, listed)
