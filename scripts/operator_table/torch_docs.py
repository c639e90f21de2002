"""The docstrings of kiln.torch.functional: python_docs.py's, of tensors."""
from .python_docs import assembled, fixed_lines, indented, item_lines, taken_lines

# What the functions of torch.nn.functional take beyond the rows of the table.
BEYOND = {
    "normalize": (("out", "tensor or None", "Written and returned in place of a new tensor"),),
}
IN_PLACE = (("inplace", "bool", "Write the result over the input, and return that"),)
TYPE_ERRORS = "An element type, layout or device that is not supported, or an argument of another kind."


def returned(op):
    other = ", or input" if op.inplace else ", or out" if op.name == "normalize" else ""
    return f"A new tensor of input's shape, element type and order in memory{other}."


def docstring(op, taken):
    lines = [line for item in taken for line in taken_lines(op, item, "tensor")]
    lines += [line for words in (IN_PLACE if op.inplace else BEYOND.get(op.name, ())) for line in item_lines(*words)]
    lines += fixed_lines(op)
    return indented(assembled(op, op.doc, lines, returned(op), TYPE_ERRORS))
