"""descriptors.cpp: the rows that tools/descriptors/descriptors.h describes."""
import json

from .rows import MACHINE_EPSILON, Tensor, number
from .text import call


def whole_formula(op):
    """Of a gradient of an elementwise operator, whose row has the derivative, too: g is grad_output."""
    return f"g * ({op.formula})" if op.elementwise and op.direction == "backward" else op.formula


def text(words):
    return json.dumps(words, ensure_ascii=False)  # whose escapes are C++'s


def texts(words):
    return "{" + ", ".join(map(text, words)) + "}"


def boolean(value):
    return "true" if value else "false"


def tensor(t):
    identity = f"{t.identity!r}f"
    return (f"{{{text(t.name)}, Role::{t.role}, Shape::{t.shape}, {boolean(t.optional)}, {identity}, {t.least_rank}, "
            f"{text(t.written_when)}, {text(t.doc)}}}")


def shown(argument):
    if argument.default is None:
        return ""
    if argument.default == MACHINE_EPSILON:
        return "machine epsilon"
    if argument.type == "dims":
        return ",".join(map(str, argument.default))
    return number(int(argument.default) if argument.type == "boolean" else argument.default)


def real_default(argument):
    return "0x1p-23" if argument.default == MACHINE_EPSILON else number(argument.default)


def argument(a):
    integer = int(a.default if a.type in ("boolean", "integer") and a.default is not None else a.example)
    real = real_default(a) if a.type == "real" and a.default is not None else "0"
    integers = ", ".join(map(str, a.default)) if a.type == "dims" and a.default is not None else ""
    return (f"{{{text(a.name)}, Type::{a.type}, Allowed::{a.allowed}, {boolean(a.default is not None)}, {integer}, "
            f"{real}, {{{integers}}}, {text(shown(a))}, {text(a.doc)}}}")


def passed(operator):
    """What the C function gets from positions."""
    parts, arguments = ["context"], 0
    for item in operator.takes:
        if isinstance(item, Tensor):
            parts.append(f"tensors[{operator.tensors.index(item)}]")
            continue
        value = f"values[{arguments}]"
        arguments += 1
        if item.type in ("extents", "dims"):
            parts += [f"{value}.integers.data", f"{value}.integers.count"]
        elif item.type == "boolean":
            parts.append(f"static_cast<int>({value}.integer)")
        elif item.may_be_null:
            parts.append(f"unless({value}.real, {real_default(item)})")
        else:
            parts.append(value + (".real" if item.type == "real" else ".integer"))
    return parts


UNLESS = """\
// NULL for the default. By bits: comparing a signalling NaN could trap.
const double *unless(const double &value, double by_default) {
  return std::memcmp(&value, &by_default, sizeof value) == 0 ? nullptr : &value;
}

"""


def function(op):
    unused = "" if op.arguments else "/*values*/"
    return (f"kiln_status call_{op.name}(const kiln_context *context, DLTensor *const *tensors, "
            f"const Value *{unused or 'values'}) {{\n" + call(f"  return kiln_{op.name}", passed(op), ";") + "}\n")


def row(op):
    tensors = ",\n      ".join(map(tensor, op.tensors))
    arguments = ",\n      ".join(map(argument, op.arguments))
    return (f"    {{{', '.join(map(text, (op.name, op.family, op.direction, op.forward, whole_formula(op), op.torch, op.onnx)))},\n"
            f"     {{{tensors}}},\n     {{{arguments}}},\n"
            f"     {', '.join(map(texts, (op.accuracies, op.dtypes, op.kernels or [op.name])))},\n"
            f"     call_{op.name}}},\n")


def source(operators):
    pointers = any(argument.may_be_null for op in operators for argument in op.arguments)
    return ("// Made by the build from operators.toml.\n#include <descriptors.h>\n\n#include <cstring>\n\n"
            "namespace kiln::descriptor {\nnamespace {\n" + (UNLESS if pointers else "") +
            "".join(map(function, operators)) + "}  // namespace\n\n"
            "const std::vector<Operator> &operators() {\n  static const std::vector<Operator> all = {\n" +
            "".join(map(row, operators)) + "  };\n  return all;\n}\n\n}  // namespace kiln::descriptor\n")
