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


def alternatives(words):
    """As people list them: float32, float16 or bfloat16."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def tensor_text(operator, tensor):
    dtypes, first = alternatives(operator.dtypes), operator.tensors[0].name
    if tensor.role == "output":
        dtypes = f"Of {first}'s element type" if operator.linked_dtypes else dtypes
        same = " or ".join(t.name for t in operator.tensors if t.role in ("input", "operand"))
        return f"{dtypes}, of the shape of {first}; may be {same} itself"
    if tensor.role == "operand":
        return f"{tensor.doc}: of {first}'s element type and shape"
    if tensor.role == "input":
        return f"{dtypes}. {tensor.doc}" if tensor.doc else f"{dtypes}, of any shape, rank 0 included"
    dtypes = "float32 or input's element type" if operator.linked_dtypes else "float32"
    text = f"{tensor.doc}: {dtypes}" + (", shape (C)" if tensor.shape == "channels" else "")
    if tensor.role == "parameter":
        return text + (f". NULL: {number(tensor.identity)}, which changes nothing" if tensor.optional else "")
    return f"{text}; written where {tensor.written_when} is not 0. NULL: none"


def default_text(argument):
    if argument.may_be_null:
        return "NULL: the machine epsilon of float32, 2^-23, in which PyTorch computes whatever the input's type"
    if argument.type == "dims":
        return "PyTorch's default: " + ", ".join(map(str, argument.default))
    return f"PyTorch's default: {number(int(argument.default) if argument.type == 'boolean' else argument.default)}"


def argument_text(argument):
    if argument.type == "boolean":
        return f"0: no; else: {argument.doc[0].lower()}{argument.doc[1:]}. {default_text(argument)}"
    text = f"{argument.doc}. {ALLOWED[argument.allowed].format(count=argument.count)}"
    return text + ("" if argument.default is None else f". {default_text(argument)}")


def heading(operator):
    if operator.direction == "backward":
        return f"The gradient of kiln_{operator.forward}, as PyTorch's autograd has it of {operator.torch}"
    return (f"torch.nn.functional.{operator.torch}, ONNX {operator.onnx}" +
            (f" ({operator.source})" if operator.source else ""))


def formula_text(operator):
    if operator.direction == "backward":
        return f"grad_input = grad_output * d, d = `{operator.formula}`, x the input"
    return f"output = `{operator.formula}`, x the input"


def items_text(operator):
    """What is said of each parameter of the C function but the context."""
    for item in operator.takes:
        if isinstance(item, Tensor):
            direction = {"statistics": "[in,out]", "output": "[out]"}.get(item.role, "")
            yield f"@param{direction} {item.name} {tensor_text(operator, item)}."
        else:
            yield f"@param {item.name} {argument_text(item)}."
            if item.type in ("extents", "dims"):
                yield f"@param {item.count} How many {item.name} has."


def documentation(operator):
    errors = [*statistics_errors(operator.statistics), *operator.errors]
    refused = f"; KILN_STATUS_INVALID_ARGUMENT, too, where {', or '.join(errors)}" if errors else ""
    return [f"{heading(operator)}.", f"{formula_text(operator)}.", *filter(None, [operator.doc]),
            f"Accuracies: {', '.join(operator.accuracies)}.", "",
            "@param context How the call is carried out; NULL for the defaults.", *items_text(operator),
            f"@return KILN_STATUS_OK, or why {operator.tensors[-1].name} is as it was{refused}."]


def statistics_errors(statistics):
    if not statistics:
        return []
    first, second = statistics
    return [f"one of {first.name} and {second.name} is given without the other",
            f"{first.written_when} is 0 and neither is given"]


def link_declarations(operator):
    """The functions that link kernels of types other than float32."""
    if not operator.linked_dtypes:
        return ""
    functions = "".join(f"void kiln_link_{operator.name}_{dtype}(void);\n" for dtype in operator.linked_dtypes)
    says = f"A call of one links kiln_{operator.name}'s kernels of that type. It does nothing when it is carried out."
    return comment([says]) + functions


def declarations(operators):
    return "\n".join(comment(documentation(op)) + call(f"kiln_status kiln_{op.name}", parameters(op), ";") +
                     link_declarations(op) for op in operators)
