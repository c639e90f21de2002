"""Names on pages: links, paths, commands and options, kernels, tests and identifiers; and paths in comments of sources."""
import json
import re
import subprocess

from docs_pages import files_of, source_text

FORMS = "dense|strided|aligned|rows|contiguous|channels_last|combine"
KERNEL = re.compile(rf"(\w+)\.({FORMS})(?:\.(exact|fast))?$")
SOURCES = {".h", ".hpp", ".c", ".cpp", ".py", ".cmake", ".def", ".sh", ".toml", ".in", ".json", ".txt", ""}
C_FAMILY = {".h", ".hpp", ".c", ".cpp", ".def", ".in"}
C_COMMENT, OTHER_COMMENT = re.compile(r"(?://|^ ?\*|/\*).*"), re.compile(r"(?:#|\"\"\").*")
PATH = re.compile(r"(?<![\w./<-])((?:docs|runtime|generators|schedules|tests|tools|bench|tune|scripts|cmake|include|examples)"
                  r"/[\w./<>*+-]*[\w>*])")
# Words that the field has other words for, and names of what is gone.
RETIRED = re.compile(
    r"operators\.def|KILN_POINTWISE|KILN_NORMALIZATION|\banchors?\b|\bpixels\b|\bsittings?\b|\bworkshops?\b|\bcontests?\b|"
    r"\bcontestants?\b|\bclaims?\b|\b[Cc]areful pass|\b[Qq]uick pass|\bWide\b|join_moments|`(?:planes|joined|boxes|neutral)`|"
    r"\.(?:planes|joined|boxes)\b")


class Names:
    def __init__(self, tools, tests):
        self.tools, self.tests = tools, set(tests)
        self.prefixes = {t.partition(".")[0] for t in tests if "." in t}
        self.files = files_of(tools.source)
        generated = [p for p in (tools.build / "generated").rglob("*") if p.is_file()]
        self.basenames = {p.name for p in [*self.files, *generated]}
        code = [p for p in self.files if p.suffix in SOURCES and not p.name.startswith(("docs_", "check_docs"))]
        self.words = set(re.findall(r"\w+", "\n".join(map(source_text, [*code, *generated]))))
        self.tops = {p.name for p in tools.source.iterdir()}
        self._helps = {}
        self.kernels = self._kernels()
        self.options = set(re.findall(r"--\w[\w-]*", "\n".join(self._all_helps())))

    def _output(self, *words):
        done = subprocess.run([str(w) for w in words], cwd=self.tools.source, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, env=self.tools.environment())
        return done.returncode, done.stdout

    def _kernels(self):
        found = set()
        for op in json.loads(self._output(self.tools.kiln, "list", "--json")[1])["operators"]:
            for kernel in op["kernels"]:
                form = re.split(r"\.up_to_|\.for_", kernel["form"])[0]
                name = form if "." in form else f"{op['name']}.{form}"
                found |= {name, f"{name}.{kernel['accuracy']}"}
        return found

    def help_of(self, *words):
        """The help of `kiln`, `python3 -m bench` or kiln-tune with those subcommands; None where there is none."""
        if words not in self._helps:
            program = {"kiln": [self.tools.kiln], "bench": [self.tools.python, "-m", "bench"],
                       "kiln-tune": [self.tools.python, "-m", "tune"]}[words[0]]
            # `kiln nothing --help` is kiln's own help.
            listed = len(words) == 1 or re.search(rf"^ +{words[-1]} ", self.help_of(*words[:-1]) or "", re.M)
            status, text = self._output(*program, *words[1:], "--help") if listed else (2, "")
            self._helps[words] = text if status == 0 else None
        return self._helps[words]

    def _all_helps(self):
        operators = re.findall(r"^  (\w+) ", self.help_of("kiln", "run") or "", re.M)
        for words in (("kiln",), *(("kiln", s) for s in ("run", "list", "info", "time", "verify")),
                      *(("kiln", "run", op) for op in operators), ("bench",),
                      *(("bench", s) for s in ("run", "compare", "estimate", "static", "report", "readme")), ("kiln-tune",)):
            yield self.help_of(*words) or ""
        yield from (source_text(p) for p in self.files if p.parent.name == "scripts")

    # ---- What a page names. Each yields what is wrong. ----

    def of_page(self, page, pages):
        by_path = {p.path: p for p in pages}
        for number, target in page.links():
            yield from ((number, e) for e in self._link(page, target, by_path))
        for number, span in page.spans():
            yield from ((number, e) for e in self._span(span))
        for block in page.blocks:
            if block.language == "sh":
                for line in block.text.split("\n"):
                    yield from ((block.line, e) for e in self._command(line.split("#")[0].strip()))
        for number, line in enumerate(page.path.read_text().split("\n"), 1):
            yield from ((number, f"a word that is no longer used: {word}") for word in RETIRED.findall(line))

    def _link(self, page, target, by_path):
        if "://" in target:
            return
        name, _, fragment = target.partition("#")
        path = (page.path.parent / name).resolve() if name else page.path
        if not path.exists():
            yield f"link to {target}: no such file"
        elif fragment and path in by_path and fragment not in by_path[path].anchors():
            yield f"link to {target}: no such heading"

    def _span(self, span):
        kernel = KERNEL.match(span)
        if re.match(r"(kiln|make|python3 -m bench|scripts/kiln-tune)( |$)", span):
            yield from self._command(span)
        elif span.startswith("--"):
            yield from self._option(span.split()[0].partition("=")[0], self.options, "any tool")
        elif kernel:
            if span not in self.kernels:
                yield f"{span}: no such kernel"
        elif re.fullmatch(r"\w+\.\w+", span) and span.split(".")[0] in self.prefixes and span not in self.basenames:
            if span not in self.tests:
                yield f"{span}: no such test"
        elif re.match(r"\w[\w.<>*/+-]*( |$)", span) and ("/" in span.split()[0] or re.search(r"\.[\w<>]+$", span)):
            yield from self._path(span.split()[0])
        for word in re.findall(r"[A-Za-z]\w*_\w*", re.sub(r"-D(\w+)=\S*|[\w./<>*-]*/[\w./<>*-]*|lrn_\*|norm_\*", r"\1", span)):
            if word not in self.words and not word.endswith("_"):
                yield f"{word}: stands in no source"

    def _path(self, path):
        """A path from the top of the tree, or a file's name alone."""
        if path.startswith(("build/", "lib/", "bin/", "http")):
            return
        pattern = re.sub(r"<[^>]*>", "*", path).rstrip("/")
        if "/" not in path:
            form = re.escape(pattern).replace(r"\*", ".*")
            known = re.search(r"\.(\w+)$", path)
            if known and "." + known[1] in SOURCES | {".md"} and not any(re.fullmatch(form, p) for p in self.basenames | self.tops):
                yield f"{path}: no such file"
        elif path.split("/")[0] in self.tops and not any(True for _ in self.tools.source.glob(pattern)):
            yield f"{path}: no such path"

    def _command(self, line):
        words = line.split()
        if words and words[0].endswith("kiln-tune"):
            yield from self._options(words[1:], "kiln-tune")
        elif line.startswith("python3 -m bench ") and len(words) > 3:
            yield from self._options(words[4:], "bench", words[3])
        elif words and words[0].endswith("kiln") and len(words) > 1 and not words[1].startswith("-"):
            subcommands = words[1:3] if words[1] == "run" and len(words) > 2 and words[2].islower() else words[1:2]
            yield from self._options(words[1 + len(subcommands):], "kiln", *subcommands)
        elif words and words[0] == "make" and len(words) > 1 and "=" not in words[1]:
            if not re.search(rf"^[\w. -]*\b{re.escape(words[1])}\b[\w. -]*:(?!=)", source_text(self.tools.source / "Makefile"), re.M):
                yield f"{line}: no such target"

    def _options(self, words, *tool):
        text = self.help_of(*tool)
        if text is None:
            yield f"{' '.join(tool)}: no such command"
            return
        known = set(re.findall(r"--\w[\w-]*", text))
        for word in words:
            if re.match(r"--\w", word):
                yield from self._option(word.partition("=")[0], known, " ".join(tool))

    def _option(self, option, known, tool):
        if re.sub(r"[^\w-]+$", "", option) not in known:
            yield f"{option}: no such option of {tool}"

    # ---- What comments of sources name. ----

    def of_sources(self):
        for path in self.files:
            if path.suffix not in SOURCES or path.suffix == ".json" or path.name.startswith(("docs_", "check_docs")):
                continue
            for number, line in enumerate(source_text(path).split("\n"), 1):
                for comment in (C_COMMENT if path.suffix in C_FAMILY else OTHER_COMMENT).findall(line):
                    for name in PATH.findall(comment):
                        yield from ((path, number, e) for e in self._path(name.rstrip(".")))
