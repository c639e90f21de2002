"""The operators' declarations in kiln.h, with the comments that say what each takes."""
from .rows import Tensor, number
from .text import call, comment

TYPES = {"boolean": "int {}", "integer": "int64_t {}", "real": "double {}", "extents": "const int64_t *{}",
         "dims": "const int64_t *{}"}

ALLOWED = {
    "any": "Any value",
    "number": "Any value but NaN",
    "at_least_zero": "0 or more",
    "at_least_one": "1 or more",
    "divisor_of_channels": "1 or more, and a divisor of C",
    "trailing_extents": "`{count}` extents, 1 or more, which are the last ones of input's shape",
    "distinct_dimensions": "`{count}` different dimensions, negative ones counted from the end; all where `{count}` is "
                           "0",
}


def parameters(operator):
    """The parameters of the C function."""
    parts = ["const kiln_context *context"]
    for item in operator.takes:
        if isinstance(item, Tensor):
            written = item.role in ("statistics", "output")
            parts.append(("DLTensor *" if written else "const DLTensor *") + item.name)
        elif item.may_be_null:
            parts.append(f"const double *{item.name}")
        else:
            parts.append(TYPES[item.type].format(item.name))
            if item.type in ("extents", "dims"):
                parts.append(f"int {item.count}")
    return parts


def tensor_text(operator, tensor):
    if tensor.role == "output":
        return "The shape of input"
    if tensor.role == "input":
        return tensor.doc or "Any shape" if tensor.least_rank else "Any shape, rank 0 included"
    if tensor.role == "parameter":
        return tensor.doc + (f". NULL: {number(tensor.identity)}, which changes nothing" if tensor.optional else "")
    return f"{tensor.doc}; written where {tensor.written_when} is not 0. NULL: none"


def default_text(argument):
    if argument.may_be_null:
        return "NULL: the machine epsilon of the input's type, 2^-23 for float32"
    if argument.type == "dims":
        return "PyTorch's default: " + ", ".join(map(str, argument.default))
    return f"PyTorch's default: {number(int(argument.default) if argument.type == 'boolean' else argument.default)}"


def argument_text(argument):
    if argument.type == "boolean":
        return f"0: no; else: {argument.doc[0].lower()}{argument.doc[1:]}. {default_text(argument)}"
    text = f"{argument.doc}. {ALLOWED[argument.allowed].format(count=argument.count)}"
    return text + ("" if argument.default is None else f". {default_text(argument)}")


def heading(operator):
    return (f"torch.nn.functional.{operator.torch}, ONNX {operator.onnx}" +
            (f" ({operator.source})" if operator.source else ""))


def documentation(operator):
    what = f"output = {operator.formula}, x the input."
    if operator.family == "elementwise":
        return [f"{heading(operator)}: {what} Accuracies: {', '.join(operator.accuracies)}."]
    paragraphs = [f"{heading(operator)}:", what, *filter(None, [operator.doc]), ""]
    for item in operator.takes:
        text = tensor_text(operator, item) if isinstance(item, Tensor) else argument_text(item)
        paragraphs.append((f"{item.name}: {text}.", "  ", "    "))
    errors = [*statistics_errors(operator.statistics), *operator.errors]
    return paragraphs + (["", f"Refused, too: {'; '.join(errors)}."] if errors else [])


def statistics_errors(statistics):
    if not statistics:
        return []
    first, second = statistics
    return [f"one of {first.name} and {second.name} is given without the other",
            f"{first.written_when} is 0 and neither is given"]


def declarations(operators):
    return "\n".join(comment(documentation(op)) + call(f"kiln_status kiln_{op.name}", parameters(op), ";")
                     for op in operators)
