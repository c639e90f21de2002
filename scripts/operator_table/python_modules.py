"""The modules of Python that have the operators, kiln._operators and kiln.backward, and their stubs."""
from .kinds import TYPES
from .python_docs import docstring
from .python_rows import MADE
from .python_signatures import is_result, name_of, results, signature
from .rows import Tensor

ANNOTATIONS = {"boolean": "bool", "integer": "SupportsIndex", "real": "SupportsFloat",
               "extents": "SupportsIndex | Sequence[SupportsIndex]", "dims": "SupportsIndex | Sequence[SupportsIndex] | None"}
assert ANNOTATIONS.keys() == TYPES.keys()


def module_of(operators, backward):
    """The operators of kiln, or of kiln.backward, by the names that they have there."""
    return {op.forward if backward else op.name: op for op in operators if (op.direction == "backward") == backward}


def listed(names):
    return "__all__ = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n"


def module(operators, backward):
    """kiln/_operators.py and kiln/backward.py"""
    found = module_of(operators, backward)
    doc = ("Gradients: kiln.backward.<operator> is that of kiln.<operator>." if backward else "The operators, of the native binding.")
    imports = "".join(f"    {op.name} as {name},\n" if op.name != name else f"    {name},\n" for name, op in found.items())
    return f'"""{doc} {MADE}"""\n' + (f"from ._native import (\n{imports})\n\n" if found else "") + listed(found)


def annotation(operator, item):
    if is_result(item):
        return "Any | None" if name_of(operator, item) == "out" else "bool | Any"
    if isinstance(item, Tensor):
        return ("_Array" if item.role == "input" else "Any") + " | None" * item.optional
    return ANNOTATIONS[item.type] + (" | None" if item.may_be_null else "")


class Source(str):
    """Text of an annotation, which inspect writes as it is."""
    __repr__ = str.__str__


def stub(operators, backward):
    """kiln/_operators.pyi and kiln/backward.pyi"""
    found = module_of(operators, backward)
    text = f"# {MADE}\nfrom collections.abc import Sequence\nfrom typing import Any, SupportsFloat, SupportsIndex, TypeVar\n\n"
    text += f"_Array = TypeVar(\"_Array\")\n\n{listed(found)}"
    for name, op in found.items():
        several = results(op)
        kind = "_Array" if len(several) == 1 else f"tuple[{', '.join('_Array | None' if t.optional else '_Array' for t in several)}]"
        annotated = signature(op, lambda o, item: Source(annotation(o, item)))
        doc = "\n    ".join(docstring(op).replace("\\", "\\\\").splitlines())
        doc = "\n".join(line.rstrip() for line in doc.splitlines())
        text += f'\ndef {name}{annotated} -> {kind}:\n    """{doc}\n    """\n'
    return text
