"""Lines of C and C++ of at most 120 columns."""
import textwrap

WIDTH = 120


def wrapped(text, width, rest=""):
    """Its lines; `rest` indents all but the first."""
    return textwrap.wrap(text, width, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False) or [""]


def comment(paragraphs):
    """A C comment that Doxygen reads; what follows the first line of a @param or @return is indented."""
    lines = [line for text in paragraphs for line in wrapped(text, WIDTH - 7, "  " if text.startswith("@") else "")]
    return "/** " + "\n".join(line if i == 0 else f" * {line}".rstrip() for i, line in enumerate(lines)) + " */\n"


def note(text, indent=""):
    """The same for a line of C++."""
    return "".join(f"{indent}/// {line}\n" for line in wrapped(text, WIDTH - 4 - len(indent)))


def call(head, parts, tail):
    """head(part, part, ...)tail, broken between parts and aligned behind the parenthesis."""
    lines, line = [], head + "("
    indent = " " * len(line)
    for i, part in enumerate(parts):
        part += ", " if i + 1 < len(parts) else ")" + tail
        if len((line + part).rstrip()) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += part
    return "\n".join([*lines, line]) + "\n"
