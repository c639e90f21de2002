"""The page of docs/using, whose code example.py is."""
import contextlib
import io
import pathlib
import re

from support import ROOT, TorchTest

HERE = pathlib.Path(__file__).resolve().parent
PAGE = (ROOT / "docs" / "using" / "pytorch.md").read_text()


class Page(TorchTest):
    def test_each_block_runs_as_pasted_and_prints_what_the_page_says(self):
        found = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", PAGE, re.DOTALL)
        self.assertGreaterEqual(len(found), 6)
        self.assertEqual(sum(bool(output) for _, output in found), 4)
        for code, output in found:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(code, "docs/using/pytorch.md", "exec"), {"__name__": "block"})
            self.assertEqual(printed.getvalue(), output)

    def test_the_example_is_its_code(self):
        """tests/scripts/check_docs.py, which has no PyTorch, holds the page to the file."""
        code = (HERE / "example.py").read_text().partition("I001\n")[2]
        blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
        self.assertEqual(" ".join(code.split()), " ".join("".join(blocks).split()))

    def test_it_names_the_modules_that_are_replaced(self):
        from kiln.torch._replacing import CLASSES

        listed = re.search(r"\*\*Replaced\*\*: (.*?)\.\n", PAGE, re.DOTALL)[1]
        for kind in CLASSES:
            name = re.sub(r"[123]d$", "", kind.__name__)
            self.assertIn(name, listed)
