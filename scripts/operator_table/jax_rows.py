"""The rows by which XLA's FFI calls the operators, python/native/jax/operators.h, and those by which Python does,
python/kiln/jax/_rows.py."""
from . import descriptors
from .python_rows import MADE
from .rows import MACHINE_EPSILON, Tensor


def access(tensor):
    """Running statistics come as an argument, and go as a result in its memory where they are updated."""
    return "updated" if tensor.role == "statistics" else "written" if tensor.is_written else "read"


def argument_row(argument):
    otherwise = "0x1p-23" if argument.default == MACHINE_EPSILON else "0"
    return f'    {{"{argument.name}", Type::{argument.type}, {otherwise}}},\n'


def row(op):
    name, arguments = op.name, op.arguments
    text = f"const Access tensors_of_{name}[] = {{{', '.join(f'Access::{access(tensor)}' for tensor in op.tensors)}}};\n"
    if arguments:
        text += f"const Argument arguments_of_{name}[] = {{\n{''.join(map(argument_row, arguments))}}};\n"
    found = f"arguments_of_{name}, {len(arguments)}" if arguments else "nullptr, 0"
    return text + (f"const Operator row_of_{name} = {{\"{name}\", tensors_of_{name}, {len(op.tensors)}, {found}, "
                   f"{op.written_when}, call_{name}}};\n")


def source(operators):
    """python/jax/handlers.cpp"""
    pointers = any(argument.may_be_null for op in operators for argument in op.arguments)
    handlers = "".join(f"    {{&row_of_{op.name}, {', '.join(f'handler<row_of_{op.name}, Platform::{p}>' for p in ('cpu', 'cuda'))}}},\n"
                       for op in operators)
    parts = (descriptors.UNLESS if pointers else "", *map(descriptors.function, operators), *map(row, operators))
    return (f"// {MADE}\n#include <operators.h>\n\n#include <cstring>\n\nnamespace kiln::jax {{\nnamespace {{\n\n" + "".join(parts) +
            f"\n}}  // namespace\n\nconst Row kRows[] = {{\n{handlers}}};\nconst int kRowCount = {len(operators)};\n\n"
            "}  // namespace kiln::jax\n")


def python_item(item):
    if isinstance(item, Tensor):
        return f"Tensor({item.name!r}, {item.role!r}, {item.shape!r}, {item.written_when!r})"
    return f"Argument({item.name!r}, {item.type!r})"


def python_row(op):
    listed = "".join(f"            {python_item(item)},\n" for item in (*op.tensors, *op.arguments))
    texts = "".join(f"        {key}={getattr(op, key)!r},\n" for key in ("name", "family", "direction", "forward"))
    return f"    Operator(\n{texts}        items=(\n{listed}        ),\n    ),\n"


def table(operators):
    """python/kiln/jax/_table.py"""
    return (f'"""The operators. {MADE}"""\nfrom ._rows import Argument, Operator, Tensor\n\nOPERATORS = (\n' +
            "".join(map(python_row, operators)) + ")\n")
