"""The table's lists for CMake, and as Markdown."""
from .table import FAMILIES


def cmake(operators):
    """operators.cmake"""
    def put(name, words):
        return f"set({name} {' '.join(words)})\n" if words else f'set({name} "")\n'

    text = "# Made by the build from operators.toml.\n"
    text += put("KILN_OPERATOR_NAMES", [op.name for op in operators])
    for family in FAMILIES:
        text += put(f"KILN_{family.upper()}_NAMES", [op.name for op in operators if op.family == family])
    text += put("KILN_LINKED_NAMES", [f"{op.name}_{dtype}" for op in operators for dtype in op.linked_dtypes])
    for op in operators:
        text += f"# {op.name}\n"
        for key in ("accuracies", "dtypes", "kernels"):
            text += put(f"KILN_{key.upper()}_OF_{op.name}", getattr(op, key))
        text += put(f"KILN_DIRECTION_OF_{op.name}", [op.direction])
    return text


def elementwise(operators):
    """elementwise.inc: the elementwise operators and their gradients, for C++ that names their functions."""
    rows = "".join(f"KILN_{op.family.upper()}({op.name})\n" for op in operators if op.elementwise)
    return (f"// Made by the build from operators.toml.\n#ifndef KILN_ELEMENTWISE_BACKWARD\n"
            f"#define KILN_ELEMENTWISE_BACKWARD(name)\n#endif\n{rows}"
            "#undef KILN_ELEMENTWISE_BACKWARD\n#undef KILN_ELEMENTWISE\n")


def markdown(operators):
    """The docs' table."""
    lines = ["| operator | PyTorch | ONNX | variants | formula |", "|---|---|---|---|---|"]
    for op in (op for op in operators if op.direction == "forward"):
        lines.append(f"| `{op.name}` | `{op.torch}` | `{op.onnx}` | {', '.join(op.accuracies)} | `{op.formula}` |")
    return "\n".join(lines)
