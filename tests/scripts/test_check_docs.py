"""check_docs.py finds what it is there to find: each fault of a page, in its line, and nothing in a page that holds.

usage: test_check_docs.py CHECK_DOCS_ARGUMENT...   (all but --source)
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK, GIVEN = pathlib.Path(__file__).with_name("check_docs.py"), sys.argv[1:]

GOOD = """# A page

[here](#a-page), `kiln run silu`, `--threads`, `tanh.dense.exact`, `make all`, `scripts/test.sh`, `verify.baseline`

```sh
echo one
echo two
```

```text
one
two
```

<!-- check: test docs -->
```sh
make all
```

<!-- check: hardware a moon -->
```sh
land --softly
```

<!-- check: part of scripts/test.sh -->
```cpp
int   part;
```

```c
int add(int a, int b);
int add(int a, int b) { return a + b; }
```

```json
{"a": 1}
```

```python
import kiln

print(kiln.__name__)
```

```text
kiln
```
"""

# Lines that are wrong, each with what is said of it.
LINES = [
    ("[gone](gone.md)", "link to gone.md: no such file"),
    ("[gone](#gone)", "link to #gone: no such heading"),
    ("`kiln run nothing`", "kiln run nothing: no such command"),
    ("`kiln list --nothing`", "--nothing: no such option of kiln list"),
    ("`--nothing`", "--nothing: no such option of any tool"),
    ("`tanh.rows`", "tanh.rows: no such kernel"),
    ("`make nothing`", "make nothing: no such target"),
    ("`scripts/nothing.sh`", "scripts/nothing.sh: no such path"),
    ("`nothing.cpp`", "nothing.cpp: no such file"),
    ("`verify.nothing`", "verify.nothing: no such test"),
    ("`kiln_nothing`", "kiln_nothing: stands in no source"),
    ("the pixels form", "a word that is no longer used: pixels"),
]
# Blocks that are wrong: the mark, the language, the text, and what is said.
BLOCKS = [
    ("", "sh", "exit 3", "status 3"),
    ("", "sh", "echo three\n```\n\n```text\nfour", "it prints:"),
    ("", "", "anything", "expected a language"),
    ("", "c", "int main(void) { return 1; }", "status 1"),
    ("", "cpp", "int x = nothing;", "nothing"),
    ("", "python", "print(1)\nraise KeyError('two')", "KeyError: 'two'"),
    ("", "json", "{", "Expecting"),
    ("", "toml", "a = ", "Invalid"),
    ("no sense", "sh", "true", "no such mark"),
    ("test nothing", "sh", "true", "nothing: no such test"),
    ("test docs", "sh", "true --nothing", "the test docs has no true"),
    ("script scripts/other.sh", "sh", "true", "scripts/test.sh does not run it"),
    ("script scripts/test.sh", "sh", "true --nothing", "scripts/test.sh has no true"),
    ("part of scripts/test.sh", "cpp", "int other;", "it does not stand in scripts/test.sh"),
    ("part of nothing.cpp", "cpp", "int part;", "nothing.cpp: no such text"),
]


class Checks(unittest.TestCase):
    def check(self, page):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            (tree / "scripts").mkdir()
            (tree / "scripts/test.sh").write_text("int part;\n")
            (tree / "Makefile").write_text("all:\n\t@echo one\n")
            (tree / "README.md").write_text(page)
            done = subprocess.run([sys.executable, "-B", str(CHECK), "--source", folder, *GIVEN], text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def test_a_page_that_holds(self):
        status, output = self.check(GOOD)
        self.assertEqual((status, output), (0, "1 pages, 7 blocks\n"))

    def test_each_fault_is_found_in_its_line(self):
        page, wanted = "```json\n{}\n```\n", []
        for line, said in LINES:
            wanted.append(f"README.md:{page.count(chr(10)) + 1}: {said}")
            page += line + "\n"
        for mark, language, text, said in BLOCKS:
            page += f"\n<!-- check: {mark} -->\n" if mark else "\n"
            page += f"```{language}\n"
            wanted.append((f"README.md:{page.count(chr(10)) + 1}: ", said))
            page += text + "\n```\n"
        status, output = self.check(page)
        self.assertEqual(status, 1, output)
        faults = output.split("README.md:")
        for fault in wanted:
            where, said = fault if isinstance(fault, tuple) else (fault, "")
            self.assertTrue(any(f"README.md:{f}".startswith(where) and said in f for f in faults), f"{fault} in:\n{output}")
        self.assertIn(f"check_docs: {len(wanted)} faults", output)

    def test_a_tree_without_blocks_is_no_success(self):
        status, output = self.check("# Nothing\n")
        self.assertEqual((status, output), (1, "check_docs: no block was checked\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
