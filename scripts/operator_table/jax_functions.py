"""kiln/jax/_functions.py: the functions of kiln.jax, by torch.nn.functional's names, in its order and with its defaults."""
import inspect

from .python_docs import assembled, in_python, indented, taken_lines
from .python_rows import MADE
from .python_signatures import default_of, is_result, ordered
from .rows import Tensor

HEAD = f'''"""The operators of kiln.jax. {MADE}"""
from ._calls import call, dims, extents, index, may_be_none, no_inplace, real
from ._table import OPERATORS

_rows = {{op.name: op for op in OPERATORS}}

'''
READERS = {"boolean": "bool", "integer": "index", "real": "real", "extents": "extents", "dims": "dims"}


def taken(op):
    """What the function takes: all but what it returns."""
    return [item for item in ordered(op) if not is_result(item)]


def signature(op):
    found = [(item.name, default_of(op, item)) for item in taken(op)] + [("inplace", False)] * op.inplace
    return ", ".join(name if default is inspect.Parameter.empty else f"{name}={default!r}" for name, default in found)


def value(argument):
    reader = f"{READERS[argument.type]}({argument.name})"
    return f"may_be_none(real, {argument.name})" if argument.may_be_null else reader


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
    return indented(assembled(op, of_results(op, in_python(op, op.doc)), lines, returned(op),
                              "An element type that is not supported, or what is no array."))


def function(op):
    tensors = [tensor.name for tensor in op.tensors if not is_result(tensor)]
    first = f'    no_inplace("{op.name}", inplace)\n' if op.inplace else ""
    return (f'def {op.name}({signature(op)}):\n    """{docstring(op)}\n    """\n{first}'
            f'    return call(_rows["{op.name}"], {listed(tensors)}, {listed([value(argument) for argument in op.arguments])})\n')


def module(operators):
    forward = [op for op in operators if op.direction == "forward"]
    names = "__all__ = [\n" + "".join(f'    "{op.name}",\n' for op in forward) + "]\n"
    return HEAD + names + "\n\n" + "\n\n".join(map(function, forward))
