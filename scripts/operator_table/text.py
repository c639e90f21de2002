"""Lines of C and C++ of at most 120 columns."""
import textwrap

WIDTH = 120


def comment(paragraphs):
    """A C comment; a pair in place of a paragraph is a first line's indent and the rest's."""
    lines = []
    for paragraph in paragraphs:
        text, first, rest = paragraph if isinstance(paragraph, tuple) else (paragraph, "", "")
        lines += textwrap.wrap(text, WIDTH - 6, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False,
                               break_long_words=False) or [""]
    return "/* " + "\n".join(line if i == 0 else f" * {line}".rstrip() for i, line in enumerate(lines)) + " */\n"


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
