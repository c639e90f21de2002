"""The operators' declarations in kiln.h, with the comments that say what each takes."""
from .rows import Tensor, number
from .text import call, comment

TYPES = {"boolean": "int {}", "integer": "int64_t {}", "real": "double {}", "extents": "const int64_t *{}",
         "dims": "const int64_t *{}"}

SHAPES = {"channels": "shape (C)", "rows": "the shape of {first} before normalized_shape", "groups": "shape (N, num_groups)",
          "planes": "shape (N, C)"}

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
            written = item.is_written
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
        absent = ". NULL: not computed" if tensor.optional else ""
        return f"{dtypes}, of the shape of {first}; may be {same} itself{absent}"
    if tensor.role == "operand":
        return f"{tensor.doc}: of {first}'s element type and shape"
    if tensor.role == "input":
        return f"{dtypes}. {tensor.doc}" if tensor.doc else f"{dtypes}, of any shape, rank 0 included"
    return f"{tensor.doc}: {beside(operator, tensor, first)}"


def beside(operator, tensor, first):
    """Type, shape and role of what is neither input nor output."""
    dtypes = f"float32 or {first}'s element type" if operator.linked_dtypes else "float32"
    of_statistics = tensor.role in ("moment", "measured")
    shape = SHAPES.get(tensor.shape, "").format(first=first)
    text = ", ".join(filter(None, ["float32" if of_statistics else dtypes, shape]))
    if tensor.role == "moment":
        read = "".join(f"; read where {argument.name} is not 0" for argument in operator.arguments if argument.type == "boolean")
        return f"{text}, as kiln_{operator.forward}_with_statistics writes it{read}. NULL: found again, which changes no bit"
    if tensor.role == "measured":
        null = "".join(f"; NULL is all that may be given where {t.written_when} is 0" for t in operator.statistics[:1])
        return f"{text}. NULL: not written{null}"
    if tensor.role == "result":
        return f"{text}. NULL: not computed"
    if tensor.role == "parameter" and tensor.written_when:
        return f"{text}; read where {tensor.written_when} is 0, and needed there"
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
    if operator.direction == "with_statistics":
        return f"kiln_{operator.forward}, which writes the statistics that kiln_{operator.forward}_backward takes"
    return (f"torch.nn.functional.{operator.torch}, ONNX {operator.onnx}" +
            (f" ({operator.source})" if operator.source else ""))


def formula_text(operator):
    if operator.direction == "backward" and operator.elementwise:
        return f"grad_input = grad_output * d, d = `{operator.formula}`, x the input"
    if operator.direction == "backward":
        return f"grad_input = `{operator.formula}`, g grad_output, x the input"
    return f"output = `{operator.formula}`, x the input"


def items_text(operator):
    """What is said of each parameter of the C function but the context."""
    for item in operator.takes:
        if isinstance(item, Tensor):
            direction = "[in,out]" if item.role == "statistics" else "[out]" if item.is_written else ""
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
            f"@return KILN_STATUS_OK, or why {what_is_written(operator)} as it was{refused}."]


def what_is_written(operator):
    results = any(tensor.is_result for tensor in operator.tensors)
    return "all that would be written is" if results else f"{operator.tensors[-1].name} is"


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
