"""The rows by which the binding of Python calls the operators: python/native/binding/operators.h."""
import inspect

from . import descriptors
from .python_docs import docstring
from .python_signatures import default_of, fixed, is_result, name_of, ordered, out_by_position, results, signature
from .rows import MACHINE_EPSILON, Tensor, number

MADE = "Made by the build from operators.toml."


def method_doc(operator):
    """As PyMethodDef takes it: inspect reads the signature from it."""
    return f"{operator.name}($module, {str(signature(operator))[1:]}\n--\n\n{docstring(operator)}"


def boolean(value):
    return "true" if value else "false"


def typed_as(operator, tensor):
    """The place of the tensor whose element type a result has: of a parameter's gradient that of parameters; -1 for float32."""
    if tensor.role == "measured":
        return -1
    parameters = [i for i, t in enumerate(operator.tensors) if t.role == "parameter" and not t.written_when]
    return parameters[0] if tensor.role == "result" and parameters else 0


def row(operator, item):
    name, required = name_of(operator, item), default_of(operator, item) is inspect.Parameter.empty
    if not isinstance(item, Tensor):
        none = item.may_be_null or item.type == "dims"
        default = item.default
        real = "0x1p-23" if default == MACHINE_EPSILON else number(float(default or 0)) if item.type == "real" else "0"
        integer = default[0] if item.type == "dims" and default else int(default or 0) if item.type in ("boolean", "integer") else 0
        return (f'argument("{name}", {operator.arguments.index(item)}, {boolean(required)}, {boolean(none)}, Type::{item.type}, '
                f"{integer}, {real})")
    place = operator.tensors.index(item)
    if is_result(item):
        return (f'result("{name}", {place}, {boolean(item.optional)}, Role::{item.role}, Shape::{item.shape}, '
                f"{typed_as(operator, item)}, {boolean(name == 'out')})")
    return f'tensor("{name}", {place}, {boolean(required)}, {boolean(item.optional)}, Role::{item.role})'


def rows(operator):
    items = [row(operator, item) for item in ordered(operator)]
    first = len(items) - len(results(operator))
    items[first:first] = ['inplace("inplace")'] * operator.inplace + [f'fixed("{name}", {value})' for name, value in fixed(operator).items()]
    parameters = "".join(f"    {item},\n" for item in items)
    return f"const Parameter parameters_of_{operator.name}[] = {{\n{parameters}}};\n"


def function(operator):
    """What Python calls, and the row that it calls by."""
    count = len(operator.takes) + operator.inplace + len(fixed(operator))
    inputs = count - len(results(operator))
    name = operator.name
    return (f"const Operator row_of_{name} = {{\"{name}\", parameters_of_{name}, {count}, {inputs}, "
            f"{count if out_by_position(operator) else inputs}, {len(operator.tensors)}, {operator.written_when}, call_{name}}};\n"
            f"PyObject *{name}(PyObject *, PyObject *const *args, Py_ssize_t count, PyObject *keywords) {{\n"
            f"  return call(row_of_{name}, args, count, keywords);\n}}\n")


def method(operator):
    doc = "\n     ".join(descriptors.text(line) for line in method_doc(operator).splitlines(keepends=True))
    return f'    {{"{operator.name}", method({operator.name}), METH_FASTCALL | METH_KEYWORDS,\n     {doc}}},\n'


METHOD = """\
PyCFunction method(PyObject *(*function)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *)) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}
"""


def source(operators):
    """python/operators.cpp"""
    pointers = any(argument.may_be_null for op in operators for argument in op.arguments)
    parts = (descriptors.UNLESS if pointers else "", *map(descriptors.function, operators), *map(rows, operators),
             *map(function, operators), METHOD)
    return (f"// {MADE}\n#include <operators.h>\n\n#include <cstring>\n\n#include <call.h>\n\nnamespace kiln::python {{\nnamespace {{\n\n"
            + "".join(parts) + "\n}  // namespace\n\nPyMethodDef kFunctions[] = {\n" + "".join(map(method, operators)) +
            "    {nullptr, nullptr, 0, nullptr}};\n\n}  // namespace kiln::python\n")
