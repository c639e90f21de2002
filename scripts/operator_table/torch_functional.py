"""torch/functional.py: the functions of torch.nn.functional, by their names, order and defaults, on torch.ops.kiln."""
from .python_signatures import FIXED, only_default
from .rows import Tensor
from .text import call
from .torch_docs import docstring

HEAD = '''"""Functions of torch.nn.functional, by the same names, in the same order and with the same defaults, computed by Kiln.
Made by the build from operators.toml.

Tensors are on the CPU or on a CUDA device, of float32, float16 or bfloat16; parameters and running statistics have the
input's type or are float32. What is of another kind is a TypeError; a shape or value that does not fit is a ValueError."""
from collections.abc import Sequence

from torch import Tensor, ops

from .._refusals import only_default
from ._calls import differentiable, dims_of, in_place, integers, tracked, update, written_to
from ._taken import FAILURES, refusal, refuse_tensor

_ops = ops.kiln

__all__ = (
'''
# What the functions of torch.nn.functional take beyond the rows of the table, and what is done with it first.
IN_PLACE = ("inplace: bool = False", ("if inplace:", "    return in_place(input, {name})"))
NOTHING = ("", ())
BEYOND = {
    **{op: (", ".join(f"{name}: float = {value}" for name, value in found.items()), (only_default(op, found),))
       for op, found in FIXED.items()},
    "normalize": ("out: Tensor | None = None", ('refuse_tensor("normalize", "out", out)', "if out is not None:",
                                                "    return written_to(out, normalize(input, p, dim, eps))")),
}
ANNOTATIONS = {"boolean": "bool", "integer": "int", "real": "float", "extents": "int | Sequence[int]",
               "dims": "int | Sequence[int] | None"}
READERS = {"extents": "integers", "dims": "dims_of"}


def beyond(op):
    return IN_PLACE if op.inplace else BEYOND.get(op.name, NOTHING)


def python_default(op, item):
    """PyTorch's: statistics are given by position where it takes them only then."""
    if isinstance(item, Tensor):
        by_default = {argument.name: argument.default for argument in op.arguments}
        needed = not item.optional or (item.role == "statistics" and not by_default[item.written_when])
        return "" if needed else " = None"
    if item.default is None:
        return ""
    if item.type == "dims":
        return f" = {item.default[0]}"
    return " = None" if item.may_be_null else f" = {item.default!r}"


def annotation(item):
    if isinstance(item, Tensor):
        return "Tensor" + " | None" * item.optional
    return ANNOTATIONS[item.type] + " | None" * item.may_be_null


def taken(op):
    return [item for item in op.takes if getattr(item, "role", "") != "output"]


def signature(op):
    parts = [f"{item.name}: {annotation(item)}{python_default(op, item)}" for item in taken(op)]
    return parts + [part for part in beyond(op)[0].split(", ") if part]


def calling(op, before, operator="", after=""):
    """Lines that call an operator with its gradient, by its name, or without one."""
    readers = [READERS.get(getattr(item, "type", "")) for item in taken(op)]
    arguments = [f"{reader}({item.name})" if reader else item.name for reader, item in zip(readers, taken(op))]
    if operator:
        return call(f"{before}differentiable", [f'"{operator}"', *arguments], after)
    return call(f"{before}_ops.{op.name}.untracked", arguments, after)


def body(op, with_statistics):
    """The operator with a gradient where one may be asked for, in a normalization the one that measures for it what it can."""
    returned, deeper = " " * 8 + "return ", " " * 12
    plain = calling(op, returned)
    tracked = ", ".join(item.name for item in op.tensors if item.role in ("input", "parameter"))
    measuring = f"{op.name}_with_statistics" if with_statistics else op.name
    if not op.statistics:
        result = calling(op, f"{deeper}return ", measuring, "[0]" if with_statistics else "")
        return f"        if tracked({tracked}):\n{result}{plain}"
    names, written = [item.name for item in op.statistics], op.statistics[0].written_when
    updates = f"{deeper}update({', '.join(f'({name}, new_{name})' for name in names)})\n"
    return (f"        is_tracked = tracked({tracked})\n        if {written} and (is_tracked or {names[0]} is not None):\n"
            f"{calling(op, f'{deeper}measured = ', measuring)}"
            f"{deeper}output, *_, {', '.join(f'new_{name}' for name in names)} = measured\n{updates}{deeper}return output\n"
            f"        if is_tracked:\n{calling(op, f'{deeper}return ', op.name)}{plain}")


def function(op, with_statistics):
    first = "".join(f"        {line}\n" for line in beyond(op)[1]).format(name=op.torch)
    refused = call("        raise refusal", ["error", f'"{op.name}"', *(item.name for item in taken(op))], " from None")
    return (call(f"def {op.torch}", signature(op), " -> Tensor:") + f'    """{docstring(op, taken(op))}\n    """\n'
            f"    try:\n{first}{body(op, with_statistics)}    except FAILURES as error:\n{refused}")


def module(operators):
    """Of the operators that PyTorch has a function of."""
    measuring = {op.forward for op in operators if op.direction == "with_statistics"}
    forward = [op for op in operators if op.direction == "forward"]
    names = "".join(f'    "{op.torch}",\n' for op in forward)
    return HEAD + names + ")\n\n\n" + "\n\n".join(function(op, op.name in measuring) for op in forward)
