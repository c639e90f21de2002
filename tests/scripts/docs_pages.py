"""Pages: the Markdown files of a tree, with their fenced blocks, links, headings and code spans."""
import dataclasses
import pathlib
import re

FENCE = re.compile(r"^```(\w*)$")
MARK = re.compile(r"^<!-- check: (.*) -->$")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
LEFT_OUT = {".git", ".venv", ".venv-peers", ".venv-frameworks", ".sysroot", "build", "__pycache__"}


@dataclasses.dataclass
class Block:
    """A fenced block: its language, the mark before it ("" where there is none), its text, and its first line's number."""
    language: str
    mark: str
    text: str
    line: int
    output: str = None  # the block of language text that follows at once: what this one prints


class Page:
    def __init__(self, root, path):
        self.path, self.name = path, str(path.relative_to(root))
        self.blocks, self.prose = [], []  # prose: (number, line) outside of blocks
        self._read(path.read_text().split("\n"))

    def _read(self, lines):
        mark, block, quiet = "", None, 0
        for number, line in enumerate(lines, 1):
            fence = FENCE.match(line)
            if block is None and fence:
                block, mark = Block(fence[1], mark, "", number + 1), ""
            elif block is not None and line == "```":
                before = self.blocks[-1] if self.blocks else None
                if block.language == "text" and before and quiet == 0 and before.output is None and not block.mark:
                    before.output = block.text
                else:
                    self.blocks.append(block)
                block, quiet = None, 0
            elif block is not None:
                block.text += line + "\n"
            else:
                mark = MARK.match(line)[1] if MARK.match(line) else "" if line else mark
                quiet += bool(line)
                self.prose.append((number, line))

    def links(self):
        return [(number, target) for number, line in self.prose for target in LINK.findall(line)]

    def spans(self):
        return [(number, span) for number, line in self.prose for span in SPAN.findall(line)]

    def anchors(self):
        """The fragments that GitHub makes of the headings."""
        headings = [line.lstrip("#").strip() for _, line in self.prose if re.match(r"#+ ", line)]
        return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def files_of(root):
    """Every file of the tree that belongs to the project."""
    return [p for p in sorted(root.rglob("*")) if p.is_file() and not LEFT_OUT & set(p.relative_to(root).parts)]


def pages_of(root):
    return [Page(root, p) for p in files_of(root) if p.suffix == ".md"]


def commands_of(text):
    """The lines of a shell block: continuations joined, comments taken off."""
    lines = text.replace("\\\n", " ").split("\n")
    return [line for line in (re.sub(r"(^|\s)#.*", "", l).strip() for l in lines) if line]


def source_text(path):
    try:
        return pathlib.Path(path).read_text()
    except (OSError, UnicodeDecodeError):
        return ""
