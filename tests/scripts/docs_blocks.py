"""Fenced blocks: each is run, compiled, parsed or held to the file that its mark names.

A mark is an HTML comment in the line before the block:

  <!-- check: test NAME -->      commands that the CTest entry NAME runs; `docs` is this test, whose commands are the blocks
                                 without a mark
  <!-- check: script FILE -->    commands of FILE, which `make` or scripts/test.sh, that is `make test`, runs
  <!-- check: hardware WHAT -->  commands that need WHAT
  <!-- check: part of FILE -->   code that stands in FILE

Without a mark, commands are run in a copy of the tree, C and C++ are compiled and, where they have a main, run; Python is run with
the build's package; JSON and TOML are parsed. A block of `text` right behind one is what it prints.
"""
import json
import os
import re
import shlex
import shutil
import struct
import subprocess
import tempfile
import tomllib

from docs_pages import LEFT_OUT, commands_of, source_text

INTERPRETERS = {"python", "python3", "bash", "env"}


class BadBlock(Exception):
    pass


def write_npy(path, *shape):
    """Small numbers that are not all alike, as NumPy writes them."""
    count = 1
    for extent in shape:
        count *= extent
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}"
    text = text.ljust(117) + "\n"
    values = struct.pack(f"<{count}f", *((i * 37 % 101 - 50) / 16 for i in range(count)))
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + values)


class Scratch:
    """A copy of the tree in which commands may write, with the build in its place and the inputs that the pages name."""

    def __init__(self, tools):
        self.tools, self._folder = tools, tempfile.TemporaryDirectory()
        self.root = tools.path(self._folder.name) / "kiln"
        shutil.copytree(tools.source, self.root, ignore=shutil.ignore_patterns(*LEFT_OUT))
        for name in (".venv", ".sysroot"):
            if (tools.source / name).exists():
                (self.root / name).symlink_to((tools.source / name).resolve())
        build = self.root / "build" / "release"
        build.mkdir(parents=True)
        for entry in tools.build.iterdir():
            if entry.name not in ("tune", "Testing"):
                (build / entry.name).symlink_to(entry)
        for name, shape in (("x", (64, 768)), ("w", (768,)), ("b", (768,))):
            write_npy(self.root / f"{name}.npy", *shape)
        programs = self.root / "build" / "programs"
        programs.mkdir()
        for name, target in (("python", tools.python), ("cmake", tools.cmake), ("ctest", tools.ctest)):
            (programs / name).symlink_to(target)
        path = os.pathsep.join([str(build / "bin"), str(programs), str(self.root / ".venv/bin"), os.environ["PATH"]])
        # Without the virtual environment's own path, a link to its python would not find its packages.
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": os.pathsep.join(tools.python_path)}

    def run(self, words, timeout=240):
        done = subprocess.run(words, cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, check=False)
        if done.returncode:
            raise BadBlock(f"status {done.returncode}: {done.stdout[-2000:]}")
        return done.stdout

    def close(self):
        self._folder.cleanup()


class Blocks:
    def __init__(self, tools, pages):
        self.tools, self.scratch = tools, Scratch(tools)
        self.run_here = "\n".join(b.text for p in pages for b in p.blocks if b.language == "sh" and not b.mark)
        self.tests = {t["name"]: t for t in json.loads(
            subprocess.run([tools.ctest, "--show-only=json-v1", "--test-dir", tools.build], text=True, check=True,
                           stdout=subprocess.PIPE).stdout)["tests"]}

    def check(self, block):
        kind, _, rest = block.mark.partition(" ")
        if kind == "hardware" and rest and block.language == "sh":
            return
        if kind == "test" and block.language == "sh":
            return self._held_by(block, self._text_of_test(rest), f"the test {rest}")
        if kind == "script" and block.language == "sh":
            return self._held_by(block, self._text_of_script(rest), rest)
        if block.mark.startswith("part of "):
            return self._part_of(block, block.mark.removeprefix("part of "))
        if block.mark:
            raise BadBlock(f"check: {block.mark}: no such mark for a block of {block.language or 'no language'}")
        actions = {"sh": self._run, "c": self._compile, "cpp": self._compile, "python": self._run_python,
                   "json": lambda b: json.loads(b.text), "toml": lambda b: tomllib.loads(b.text)}
        if block.language not in actions:
            raise BadBlock(f"expected a language of {', '.join(actions)} or a mark, got {block.language or 'none'}")
        printed = actions[block.language](block)
        if block.output is not None and printed.split() != block.output.split():
            raise BadBlock(f"it prints:\n{printed}")

    def _run(self, block):
        return self.scratch.run(["bash", "-euo", "pipefail", "-c", block.text])

    def _run_python(self, block):
        package = self.tools.build / "python" / "package"
        if not package.is_dir():
            raise BadBlock("the build has no package of Python: CMake says what it lacks")
        return self.scratch.run([self.tools.python, "-B", "-c", f"import sys; sys.path.insert(0, {str(package)!r})\n{block.text}"])

    def _compile(self, block):
        c = block.language == "c"
        compiler = [self.tools.cc, "-std=c11"] if c else [self.tools.cxx, "-std=c++17"]
        source, program = (self.scratch.root / "build" / f"block.{block.language}"), self.scratch.root / "build" / "block"
        source.write_text(block.text)
        words = [*compiler, "-Wall", "-Wextra", "-Werror", *(f"-I{i}" for i in self.tools.includes), str(source), "-o", str(program)]
        if not re.search(r"\bmain\(", block.text):
            self.scratch.run([*words, "-c"])
            return ""
        self.scratch.run([*words, str(self.tools.archive), "-lpthread", "-ldl", "-lm"])
        return self.scratch.run([str(program)])

    def _part_of(self, block, name):
        text = " ".join(source_text(self.tools.source / name).split())
        if not text:
            raise BadBlock(f"{name}: no such text")
        if " ".join(block.text.split()) not in text:
            raise BadBlock(f"it does not stand in {name}")

    def _text_of_script(self, name):
        if name != "Makefile" and name not in source_text(self.tools.source / "scripts/test.sh") + "scripts/test.sh":
            raise BadBlock(f"{name}: scripts/test.sh does not run it")
        return source_text(self.tools.source / name)

    def _text_of_test(self, name):
        """What a test's command says, with the sources that it names."""
        if name == "docs":
            return self.run_here
        if name not in self.tests:
            raise BadBlock(f"{name}: no such test")
        words = self.tests[name].get("command", [])
        folder = next((p["value"] for p in self.tests[name]["properties"] if p["name"] == "WORKING_DIRECTORY"), ".")
        files = [self.tools.path(folder) / w for w in words if w.endswith((".py", ".sh"))]
        files += [self.tools.path(folder) / (w.replace(".", "/") + ".py") for w in words if w.count(".") == 2]
        files += [f.parent / "support.py" for f in files]
        return "\n".join([" ".join(words), *map(source_text, files)])

    def _held_by(self, block, text, holder):
        for command in commands_of(block.text):
            for word in self._words(command):
                if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text):
                    raise BadBlock(f"{holder} has no {word} of: {command}")

    def _words(self, command):
        """A command's program, its subcommand and its options; of make, those of the last line that it runs."""
        if command.startswith("make "):
            recipe = self.scratch.run(["bash", "-c", command.replace("make ", "MAKEFLAGS= make -n --no-print-directory ", 1)])
            command = commands_of(recipe)[-1].split(";")[0]
        words = shlex.split(command.replace("$(", " ").replace(")", " "))
        words = [w for w in words if not re.match(r"\w+=", w)]
        while words[0] in ("-m", "-B") or os.path.basename(words[0]) in INTERPRETERS:
            words = words[1:]
        program = os.path.basename(words[0])
        if program in ("kiln", "bench") and len(words) > 1:
            yield words[1]
        yield program
        yield from (w.partition("=")[0] for w in words[1:] if re.match(r"--\w", w))

    def close(self):
        self.scratch.close()
