"""`python3 -m bench` as the pages say it, by an interpreter that has none of what it needs."""
import os
import shutil
import subprocess
import sys
import unittest

import example
from support import BUILD, ROOT, BenchTest

BARE = [sys.executable, "-B", "-S"]  # without site-packages


def bare(*words, cwd=ROOT):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([*BARE, "-m", "bench", *map(str, words)], cwd=cwd, env=environment, text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


class Shells(BenchTest):
    def test_the_bare_one_lacks_what_is_needed(self):
        self.assertNotEqual(subprocess.run([*BARE, "-c", "import rich"], stderr=subprocess.DEVNULL, check=False).returncode, 0)

    def test_every_command_works(self):
        if not (ROOT / ".venv/bin/python").exists():
            self.skipTest("there is no .venv: scripts/setup.sh makes it")
        file = self.save("r.json", example.results())
        for words, expected in ((["report", file], "r.html"), (["compare", file, file], "0 slower"), (["--help"], "readme"),
                                (["readme", "--check", "--readme", self.folder / "none.md", file], "none.md"),
                                (["run", "--build", BUILD, "--no-python", "--case", "tanhh"], "--case tanhh"), (["static", "--kernels", self.folder], "no CUDA kernels"),
                                (["estimate", "--program", "/nowhere/kiln_bench"], "/nowhere/kiln_bench: no such file")):
            with self.subTest(words[0]):
                text = bare(*words).stdout
                self.assertIn(expected, text)
                self.assertNotIn("Traceback", text)

    def test_without_an_environment_it_says_what_to_do(self):
        (self.folder / "bench").mkdir()
        for name in ("__init__.py", "__main__.py"):
            shutil.copy(ROOT / "bench" / name, self.folder / "bench")
        done = bare("report", "r.json", cwd=self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("has no jsonschema, numpy, rich; ", done.stdout)
        self.assertIn("scripts/setup.sh installs it", done.stdout)
        # One that lacks them too does not start itself for ever.
        (self.folder / ".venv/bin").mkdir(parents=True)
        python = self.folder / ".venv/bin/python"
        python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
        python.chmod(0o755)
        done = bare("report", "r.json", cwd=self.folder)
        self.assertIn(f"{python} has no jsonschema, numpy, rich; ", done.stdout)


if __name__ == "__main__":
    unittest.main()
