"""The runtime's rows: the places of tensors and arguments by name, and each operator's row and C function."""
from .c_api import parameters
from .table import elements
from .text import call

MADE = "// Made by the build from operators.toml"


def places(operators):
    """operators.h"""
    text = f"{MADE}: the places of each operator's tensors and arguments in its row.\n#pragma once\n\n"
    text += "namespace kiln::op {\n\n"
    for op in operators:
        tensors = ", ".join(tensor.name for tensor in op.tensors)
        arguments = ", ".join(argument.name for argument in op.arguments)
        text += f"namespace {op.name} {{\nenum Tensor {{ {tensors} }};\n"
        text += (f"enum Argument {{ {arguments} }};\n" if arguments else "") + "}\n"
    return text + "\n}  // namespace kiln::op\n"


def boolean(value):
    return "true" if value else "false"


def float_literal(value):
    return f"{value!r}f"


def tensor_row(t):
    return (f'    {{"{t.name}", Role::{t.role}, ShapeRule::{t.shape}, {boolean(t.optional)}, '
            f"{float_literal(t.identity)}, {t.least_rank}}},\n")


def argument_row(a):
    return f'    {{"{a.name}", ArgumentType::{a.type}, Allowed::{a.allowed}}},\n'


def value(i, argument):
    """What stores an argument of the C function in the values that enter() takes."""
    name = argument.name
    if argument.may_be_null:
        return f"  values[{i}].real = {name} ? *{name} : 0x1p-23;\n"
    if argument.type in ("extents", "dims"):
        return f"  values[{i}].integers = {{{name}, {argument.count}}};\n"
    return f"  values[{i}].{'real' if argument.type == 'real' else 'integer'} = {name};\n"


def listed_dtypes(op):
    """The element types that a row has a list of kernels for: an operator that is made of stages has those of float32 by
    its plan."""
    return op.dtypes if op.elementwise else op.linked_dtypes


def needs(op):
    """The declarations that a row needs. Kernels of types other than float32 are there where the program links them;
    hidden, so that no library asks another one for them."""
    weak = {dtype: ' __attribute__((weak, visibility("hidden")))' for dtype in op.linked_dtypes}
    text = "" if op.elementwise else f"kiln_status plan_{op.name}(Call &call);\n"
    return text + "".join(f"extern const KernelList {op.list_of(dtype)}_kernels{weak.get(dtype, '')};\n"
                          for dtype in listed_dtypes(op))


def source(op):
    """operators/<name>.cpp"""
    count, elementwise = len(op.arguments), op.elementwise
    text = f'{MADE}: kiln_{op.name}.\n#include "operator.h"\n\nnamespace kiln {{\n'
    text += needs(op)
    text += "namespace {\n"
    text += "const TensorRow tensor_rows[] = {\n" + "".join(map(tensor_row, op.tensors)) + "};\n"
    if count:
        text += "const ArgumentRow argument_rows[] = {\n" + "".join(map(argument_row, op.arguments)) + "};\n"
    rows = f"argument_rows, {count}" if count else "nullptr, 0"
    kernels = ", ".join(f"&{op.list_of(dtype)}_kernels" if dtype in listed_dtypes(op) else "nullptr" for dtype in elements())
    taken = " | ".join(f"bit_of(Element::{dtype})" for dtype in op.dtypes)
    plan = "elementwise" if elementwise else op.name
    text += (f'const OperatorRow operator_row = {{"{op.name}", tensor_rows, {len(op.tensors)}, {rows}, '
             f"{op.written_when}, {{{kernels}}}, {taken}, plan_{plan}}};\n")
    text += "}  // namespace\n}  // namespace kiln\n\n"
    text += call(f"kiln_status kiln_{op.name}", parameters(op), " {")
    text += "  const DLTensor *const tensors[] = {" + ", ".join(tensor.name for tensor in op.tensors) + "};\n"
    if count:
        text += f"  kiln::Value values[{count}];\n" + "".join(value(i, a) for i, a in enumerate(op.arguments))
    text += f"  return kiln::enter(kiln::operator_row, context, tensors, {'values' if count else 'nullptr'});\n}}\n"
    return text


def kernel_lists(operators):
    """kernel_lists.inc: each operator with each of its lists of kernels."""
    def kind(op):
        """An app that lists kernels does not link gradients by that."""
        return "KILN_KERNELS" if op.direction == "forward" else "KILN_LINKED_KERNELS"

    rows = "".join(f"{kind(op)}({op.name}, {kernels})\n" for op in operators for kernels in op.kernels or [op.name])
    rows += "".join(f"KILN_LINKED_KERNELS({op.name}, {kernels})\n"
                    for op in operators for dtype in op.linked_dtypes for kernels in op.linked_lists(dtype))
    return f"{MADE}.\n{rows}#undef KILN_KERNELS\n#undef KILN_LINKED_KERNELS\n"


def link(op, dtype):
    """links/<op>_<dtype>.cpp: the function whose call links these kernels."""
    lists = op.linked_lists(dtype)
    text = f'{MADE}.\n#include "kernel.h"\n\nnamespace kiln {{\n'
    text += "".join(f"extern const KernelList {name}_kernels;\n" for name in lists)
    pointers = ", ".join(f"&{name}_kernels" for name in lists)
    text += f"namespace {{\n__attribute__((used)) const KernelList *const linked[] = {{{pointers}}};\n}}\n}}  // namespace kiln\n\n"
    return text + f'extern "C" void kiln_link_{op.name}_{dtype}(void) {{}}\n'
