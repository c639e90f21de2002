"""torch/functional.py: the functions of torch.nn.functional, by their names, order and defaults, on torch.ops.kiln."""
from .python_signatures import FIXED, fixed_text, only_default
from .rows import Tensor
from .text import call, wrapped

HEAD = '''"""Functions of torch.nn.functional, by the same names, in the same order and with the same defaults, computed by Kiln.
Made by the build from operators.toml.

Tensors are on the CPU or on a CUDA device, of float32, float16 or bfloat16; parameters and running statistics have the
input's type or are float32. Anything else is a ValueError with Kiln's text."""
from torch import ops

from .._refusals import only_default
from ._calls import differentiable, dims_of, in_place, refusal, tracked, update, written_to

_ops = ops.kiln

__all__ = (
'''
# What the functions of torch.nn.functional take beyond the rows of the table, and what is done with it first.
IN_PLACE = ("inplace=False", "if inplace:\n        return in_place(input, {name})")
NOTHING = ("", "")
BEYOND = {
    **{op: (", ".join(f"{name}={value}" for name, value in found.items()), only_default(f"kiln.torch.functional.{op}", found))
       for op, found in FIXED.items()},
    "normalize": ("out=None", "if out is not None:\n        return written_to(out, normalize(input, p, dim, eps))"),
}
BEYOND_WORDS = {
    "inplace": "Whether the result replaces the input's values.",
    **{name: fixed_text(value) for found in FIXED.values() for name, value in found.items()},
    "out": "Where the result is written; None: a tensor of its own.",
}
ALLOWED = {
    "any": "", "number": "any but NaN", "at_least_zero": "0 or more", "at_least_one": "1 or more",
    "divisor_of_channels": "1 or more, and a divisor of C", "trailing_extents": "one extent or more",
    "distinct_dimensions": "one or a tuple, negative ones counted from the end",
}


def beyond(op):
    return IN_PLACE if op.inplace else BEYOND.get(op.name, NOTHING)


def python_default(op, item):
    """PyTorch's: statistics are given by position where it takes them only then."""
    if isinstance(item, Tensor):
        by_default = {argument.name: argument.default for argument in op.arguments}
        needed = not item.optional or (item.role == "statistics" and not by_default[item.written_when])
        return "" if needed else "=None"
    if item.default is None:
        return ""
    if item.type == "dims":
        return f"={item.default[0]}"
    return "=None" if item.may_be_null else f"={item.default!r}"


def taken(op):
    return [item for item in op.takes if getattr(item, "role", "") != "output"]


def signature(op):
    parts = [item.name + python_default(op, item) for item in taken(op)]
    return parts + [part for part in beyond(op)[0].split(", ") if part]


def calling(op, before, operator="", after=""):
    """Lines that call an operator with its gradient, by its name, or without one."""
    arguments = [f"dims_of({item.name})" if getattr(item, "type", "") == "dims" else item.name for item in taken(op)]
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
    updates = "".join(f"{deeper}update({name}, new_{name})\n" for name in names)
    return (f"        is_tracked = tracked({tracked})\n        if {written} and (is_tracked or {names[0]} is not None):\n"
            f"{calling(op, f'{deeper}measured = ', measuring)}"
            f"{deeper}output, *_, {', '.join(f'new_{name}' for name in names)} = measured\n{updates}{deeper}return output\n"
            f"        if is_tracked:\n{calling(op, f'{deeper}return ', op.name)}{plain}")


def beyond_words(op):
    names = [part.partition("=")[0] for part in beyond(op)[0].split(", ") if part]
    return [f"{name}: {BEYOND_WORDS[name]}" for name in names]


def item_words(item):
    if isinstance(item, Tensor):
        doc = item.doc or "Any shape"
        return f"{item.name}: {doc}{'; None: none' if item.optional else ''}."
    allowed = f"; {ALLOWED[item.allowed]}" if ALLOWED[item.allowed] else ""
    absent = "; None: the machine epsilon of float32" if item.may_be_null else "; None: all" if item.type == "dims" else ""
    return f"{item.name}: {item.doc.removesuffix('; or all')}{allowed}{absent}."


def refusals(op):
    errors = [*op.errors]
    for name in (argument.name for argument in op.arguments if argument.type == "boolean"):  # in C they are integers
        errors = [error.replace(f"{name} is not 0", f"{name} is true") for error in errors]
    if op.statistics:
        first, second = op.statistics
        errors = [f"one of {first.name} and {second.name} is given without the other",
                  f"{first.written_when} is false and neither is given", *errors]
    return [f"A ValueError, too, where {', or '.join(errors)}."] if errors else []


def docstring(op):
    paragraphs = [f"`{op.formula}`, x the input." + (f" {op.doc}" if op.doc else "")]
    items = [*map(item_words, taken(op)), *beyond_words(op)]
    last = [*refusals(op), *([f"{op.source}."] if op.source else [])]
    blocks = [[line for text in paragraphs for line in wrapped(text, 112)],
              [line for text in items for line in wrapped(text, 112, "    ")],
              [line for text in last for line in wrapped(text, 112)]]
    lines = "\n\n".join("\n".join(block) for block in blocks if block).split("\n")
    text = "\n".join(f"    {line}".rstrip() for line in lines).lstrip()
    return f'    """{text}\n    """\n'


def function(op, with_statistics):
    first = f"    {beyond(op)[1].format(name=op.torch)}\n" if beyond(op)[1] else ""
    return (call(f"def {op.torch}", signature(op), ":") + docstring(op) + f"{first}    try:\n{body(op, with_statistics)}"
            "    except RuntimeError as error:\n        raise refusal(error) from None\n")


def module(operators):
    """Of the operators that PyTorch has a function of."""
    measuring = {op.forward for op in operators if op.direction == "with_statistics"}
    forward = [op for op in operators if op.direction == "forward"]
    names = "".join(f'    "{op.torch}",\n' for op in forward)
    return HEAD + names + ")\n\n\n" + "\n\n".join(function(op, op.name in measuring) for op in forward)
