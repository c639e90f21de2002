"""kiln/jax/_functions.py: the functions of kiln.jax, by torch.nn.functional's names, in its order and with its defaults."""
import inspect

from .python_docs import assembled, fixed_lines, in_python, indented, taken_lines
from .python_modules import ANNOTATIONS
from .python_rows import MADE
from .python_signatures import default_of, fixed, is_result, only_default, ordered
from .rows import Tensor
from .text import call

HEAD = f'''"""The operators of kiln.jax. {MADE}"""
from collections.abc import Sequence
from typing import SupportsFloat, SupportsIndex

from jax import Array
from jax.typing import ArrayLike

from .._refusals import only_default
from ._calls import call, dims, extents, index, no_inplace, real, real_or_none
from ._table import OPERATORS

_rows = {{op.name: op for op in OPERATORS}}

'''
READERS = {"integer": "index", "real": "real", "extents": "extents", "dims": "dims"}


def taken(op):
    """What the function takes: all but what it returns."""
    return [item for item in ordered(op) if not is_result(item)]


def annotation(item):
    if isinstance(item, Tensor):
        return "ArrayLike" + " | None" * item.optional
    return ANNOTATIONS[item.type] + " | None" * item.may_be_null


def signature(op):
    found = [(item.name, annotation(item), default_of(op, item)) for item in taken(op)] + [("inplace", "bool", False)] * op.inplace
    found += [(name, "SupportsFloat", default) for name, default in fixed(op).items()]
    return [f"{name}: {kind}" + f" = {default!r}" * (default is not inspect.Parameter.empty) for name, kind, default in found]


def value(op, argument):
    """Read, where what is wrong is told by the names of both."""
    if argument.type == "boolean":
        return f"bool({argument.name})"
    reader = "real_or_none" if argument.may_be_null else READERS[argument.type]
    return f'{reader}("{op.name}", "{argument.name}", {argument.name})'


def listed(parts):
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def item_lines(op, item):
    if isinstance(item, Tensor) and item.role == "statistics":
        return taken_lines(op, item, text=f"{item.doc.partition(', one value')[0]}, which the gradient takes for a constant")
    return taken_lines(op, item)


def returned(op):
    first = op.tensors[0].name
    text = f"An array of {first}'s shape and element type"
    if not op.statistics:
        return f"{text}."
    names = [tensor.name for tensor in op.statistics]
    written = op.statistics[0].written_when
    return (f"{text}. Where {written} is True and running statistics are given, (output, {', '.join(names)}): JAX's arrays are not "
            "written in place, so that the updated statistics are returned.")


def of_results(op, text):
    """Words of the table on what C writes, as what is returned."""
    for before, after in ((" Updated statistics are written last, and only if the call succeeds.", ""),
                          ("running statistics that are given become", "running statistics that are given are returned as")):
        text = text.replace(before, after)
    return text


def docstring(op):
    lines = [line for item in taken(op) for line in item_lines(op, item)]
    if op.inplace:
        lines += ["inplace : bool", "    False, as JAX's arrays are not written in place."]
    lines += fixed_lines(op)
    return indented(assembled(op, of_results(op, in_python(op, op.doc)), lines, returned(op),
                              "An element type that is not supported, or what is no array."))


def function(op):
    tensors = [tensor.name for tensor in op.tensors if not is_result(tensor)]
    first = f'    no_inplace("{op.name}", inplace)\n' if op.inplace else ""
    if fixed(op):
        first += f"    {only_default(op.name, fixed(op))}\n"
    kind = "Array | tuple[Array, ...]" if op.statistics else "Array"
    head = call(f"def {op.name}", signature(op), f" -> {kind}:")
    values = [value(op, argument) for argument in op.arguments]
    if len(values) == 1:
        values[0] += ","
    read = call("    values = ", values, "") if values else ""
    return (f'{head}    """{docstring(op)}\n    """\n{first}{read}'
            f'    return call(_rows["{op.name}"], {listed(tensors)}, {"values" if values else "()"})\n')


def module(operators):
    forward = [op for op in operators if op.direction == "forward"]
    names = "__all__ = [\n" + "".join(f'    "{op.name}",\n' for op in forward) + "]\n"
    return HEAD + names + "\n\n" + "\n\n".join(map(function, forward))
