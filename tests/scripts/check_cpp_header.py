"""kiln.hpp to each compiler that is here: no warning in C++17, 20 and 23, with exceptions and without; and each misuse is refused.

usage: check_cpp_header.py --include DIRS --programs DIR CXX...

A compiler that is not here is named and left out; the first one must be here. Zig's, with LLVM's C++ library, is one more where
this Python has the package ziglang.
"""
import argparse
import importlib.util
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

STANDARDS = {"17": ["-std=c++17"], "20": ["-std=c++20"], "23": ["-std=c++23", "-std=c++2b"]}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
MODES = {"exceptions": [], "no exceptions": ["-fno-exceptions"]}
THROWING = re.compile(r"\b(throw|try|catch)\b")


class Compiler:
    def __init__(self, words, includes):
        self.words, self.includes = words, [f"-I{i}" for i in includes]

    def run(self, source, *options):
        with tempfile.TemporaryDirectory() as folder:
            words = [*self.words, *options, *self.includes, "-c", str(source), "-o", f"{folder}/object.o"]
            return subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    def standards(self, folder):
        """The option for each standard; those that it does not know are left out."""
        empty = pathlib.Path(folder) / "empty.cpp"
        empty.write_text("")
        for name, options in STANDARDS.items():
            known = [option for option in options if not self.run(empty, option).returncode]
            if known:
                yield name, known[0]

    def macros(self, source, option):
        words = [*self.words, option, *self.includes, "-E", "-dM", str(source)]
        return subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout


def compilers(names, includes):
    found = {}
    for name in names:
        path = shutil.which(name)
        if path:
            found.setdefault(pathlib.Path(path).resolve(), Compiler([path], includes))
        elif name == names[0]:
            sys.exit(f"check_cpp_header: {name}: no such compiler")
        else:
            print(f"{name}: not here")
    yield from found.values()
    if importlib.util.find_spec("ziglang"):
        yield Compiler([sys.executable, "-m", "ziglang", "c++"], includes)
    else:
        print("ziglang: not here")


def header_text(compiler, source, option):
    """What is left of kiln.hpp, and of those that it includes, for a file without exceptions."""
    words = [*compiler.words, option, "-fno-exceptions", *compiler.includes, "-E", str(source)]
    text = subprocess.run(words, text=True, stdout=subprocess.PIPE, check=True).stdout
    pieces = re.split(r'^# \d+ "([^"]*)".*$', text, flags=re.M)
    return "".join(body for name, body in zip(pieces[1::2], pieces[2::2]) if re.search(r"/kiln/\w+\.hpp$", name))


def uses(compiler, source, name, option):
    for mode, options in MODES.items():
        done = compiler.run(source, option, *WARNINGS, *options)
        if done.returncode:
            yield f"C++{name}, {mode}: {source.name} does not compile:\n{done.stdout}"
    text = header_text(compiler, source, option)
    if "kiln_silu" not in text or THROWING.search(text):
        yield f"C++{name}: without exceptions the header still throws"


def alone(compiler, include, option):
    """Each header by itself."""
    headers = sorted(path for path in pathlib.Path(include, "kiln").iterdir() if path.suffix in (".h", ".hpp"))
    if len(headers) < 3:
        yield f"{include}: expected headers, found {headers}"
    for header in headers:
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "alone.cpp")
            source.write_text(f"#include <kiln/{header.name}>\n")
            done = compiler.run(source, option, *WARNINGS)
        if done.returncode:
            yield f"{header.name} does not compile by itself:\n{done.stdout}"


def setters(include):
    """What a context of kiln.h takes, one of kiln.hpp takes."""
    c, cpp = (pathlib.Path(include, "kiln", name).read_text() for name in ("kiln.h", "context.hpp"))
    names = re.findall(r"\b(kiln_context_set_\w+)\(", c)
    if not names:
        yield "kiln.h: expected setters of contexts"
    for name in names:
        if f"{name}(get()" not in cpp:
            yield f"context.hpp: Context has no {name}"


def misuses(compiler, source, name, option):
    cases = re.findall(r"defined\(CASE_(\w+)\)[^/\n]*// (.*)", source.read_text())
    if len(cases) < 10:
        yield f"{source.name}: expected cases, found {cases}"
    done = compiler.run(source, option)
    if done.returncode:
        yield f"C++{name}: {source.name} does not compile without a case:\n{done.stdout}"
    for case in dict.fromkeys(case for case, _ in cases):
        done = compiler.run(source, option, f"-DCASE_{case}")
        if not done.returncode:
            yield f"C++{name}: {case} compiles"
        elif not any(text in done.stdout for other, text in cases if other == case):
            yield f"C++{name}: {case} is refused for another reason:\n{done.stdout}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", required=True)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("compilers", nargs="+")
    args = parser.parse_args()
    faults = list(setters(args.include.split(";")[0]))
    for compiler in compilers(args.compilers, args.include.split(";")):
        title = " ".join(compiler.words)
        with tempfile.TemporaryDirectory() as folder:
            standards = dict(compiler.standards(folder))
        if "17" not in standards:
            faults.append(f"{title}: does not know C++17")
            continue
        for name, option in standards.items():
            faults += [f"{title}: {e}" for e in uses(compiler, args.programs / "header_uses.cpp", name, option)]
        faults += [f"{title}: {e}" for e in alone(compiler, args.include.split(";")[0], standards["17"])]
        newest = list(standards)[-1]
        if newest != "17":
            faults += [f"{title}: {e}" for e in misuses(compiler, args.programs / "header_misuses.cpp", newest, standards[newest])]
        library = compiler.macros(args.programs / "header_misuses.cpp", standards[newest])
        print(f"{title}: C++{', '.join(standards)}; std::mdspan: {'yes' if '__cpp_lib_mdspan' in library else 'no'}", flush=True)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
