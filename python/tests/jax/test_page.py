"""The page of docs/using, whose code example.py is."""
import contextlib
import io
import pathlib
import re
import runpy

from shared import *

HERE = pathlib.Path(__file__).resolve().parent
PAGE = (ROOT / "docs" / "using" / "jax.md").read_text()


class Page(JaxTest):
    def test_it_says_what_its_code_prints(self):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(HERE / "example.py"))
        outputs = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
        self.assertEqual("".join(outputs), printed.getvalue())

    def test_it_has_its_code(self):
        code = " ".join((HERE / "example.py").read_text().split())
        blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
        self.assertGreaterEqual(len(blocks), 5)
        for block in blocks:
            self.assertIn(" ".join(block.split()), code)


if __name__ == "__main__":
    unittest.main()
