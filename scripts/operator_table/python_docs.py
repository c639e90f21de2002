"""The docstrings of the operators as functions of Python."""
from .c_api import alternatives
from .python_signatures import fixed, fixed_text, is_result, name_of, ordered, results
from .rows import Tensor, number
from .text import wrapped

WIDTH = 100
SHAPES = {"channels": "shape (C,)", "normalized_shape": "shape normalized_shape", "rows": "the shape of {first} before normalized_shape",
          "groups": "shape (N, num_groups)", "planes": "shape (N, C)", "any": "any shape", "input": "the shape of {first}"}
ALLOWED = {"number": "not NaN", "at_least_zero": "0 or more", "at_least_one": "1 or more", "divisor_of_channels": "a divisor of C",
           "trailing_extents": "the last extents of {first}'s shape",
           "distinct_dimensions": "one or several, negative ones from the end; None or (): all"}
PYTHON_TYPES = {"boolean": "bool", "integer": "int", "real": "float", "extents": "int or tuple of ints", "dims": "int, tuple of ints or None"}


def tensor_type(operator, tensor, kind="array"):
    first = operator.tensors[0].name
    shape = SHAPES[tensor.shape].format(first=first)
    if tensor.role == "input":
        return f"{kind} of {alternatives(operator.dtypes)}, {'any shape' if not tensor.doc else 'of a rank of ' + str(tensor.least_rank) + ' or more'}"
    if tensor.role in ("operand", "output"):
        return f"{kind} of {first}'s element type, {shape}"
    if tensor.role in ("moment", "measured"):
        return f"{kind} of float32, {shape}"
    return f"{kind} of {first}'s element type or float32, {shape}"


def sentence(text):
    return text[:1].upper() + text[1:] + "." * (not text.endswith("."))


def tensor_text(operator, tensor, kind="array"):
    """About a tensor that is taken."""
    if tensor.role == "input":
        return tensor.doc or ""
    text = tensor.doc.partition(", one value")[0].partition(", of shape")[0]
    if tensor.role == "statistics":
        text += f"; updated in place where {tensor.written_when}" + ", and may then not be read-only" * (kind == "array")
    elif tensor.role == "moment":
        text += f", as kiln.{operator.forward}_with_statistics returns it. None: found again, which changes no bit"
    elif tensor.role == "parameter" and tensor.written_when:
        text += f"; read where not {tensor.written_when}, and needed there"
    elif tensor.role == "parameter" and tensor.optional:
        text += f". None: {number(tensor.identity)}, which changes nothing"
    return text


def argument_text(operator, argument):
    allowed = ALLOWED.get(argument.allowed, "").format(first=operator.tensors[0].name)
    text = f"{argument.doc}: {allowed}" if allowed and argument.doc.count(":") == 0 else argument.doc
    return text + (". None: the machine epsilon of float32, 2^-23, whatever the input's type" if argument.may_be_null else "")


def result_text(operator, tensor):
    first, several = operator.tensors[0].name, len(results(operator)) > 1
    same = " or ".join(t.name for t in operator.tensors if t.role in ("input", "operand"))
    where = f"Written in place of a new array; may be {same} itself" if tensor.role == "output" else "Written in place of a new array"
    if name_of(operator, tensor) == "out":
        return where
    what = f"{tensor.doc.partition(', of shape')[0]}. " if tensor.doc else ""
    when = f", as always where not {operator.statistics[0].written_when}" if tensor.role == "measured" and operator.statistics else ""
    return f"{what}True: a new array. False: not computed, and None in the result{when}. An array: {where[0].lower()}{where[1:]}" if several else first


def item_lines(name, head, text):
    yield from wrapped(f"{name} : {head}", WIDTH, "        ")
    if text:
        yield from (f"    {line}" for line in wrapped(sentence(text), WIDTH - 4))


def taken_lines(operator, item, kind="array", text=""):
    """Of what is read or updated; `text` is said in the place of what the table says."""
    if isinstance(item, Tensor):
        head = tensor_type(operator, item, kind) + (", or None" if item.optional else "")
        return item_lines(item.name, head, text or tensor_text(operator, item, kind))
    head = PYTHON_TYPES[item.type] + (" or None" if item.may_be_null else "")
    return item_lines(item.name, head, text or argument_text(operator, item))


def fixed_lines(operator):
    for name, value in fixed(operator).items():
        yield from item_lines(name, "float", fixed_text(value))


def parameter_lines(operator):
    for item in ordered(operator):
        name = name_of(operator, item)
        if is_result(item):
            if operator.inplace:
                yield from ("inplace : bool", "    Write the input itself, as out=input does.")
            yield from fixed_lines(operator)
            kind = "None or " if name == "out" else "bool or "
            yield from item_lines(name, kind + tensor_type(operator, item), result_text(operator, item))
        else:
            yield from taken_lines(operator, item)


def returned(operator):
    first = operator.tensors[0].name
    if len(results(operator)) == 1:
        return f"A new array of {first}'s shape, element type and kind, or out."
    names = ", ".join(name_of(operator, item).replace("out", "output") for item in results(operator))
    return f"({names}): arrays of {first}'s kind; None for what is not computed."


def summary(operator):
    if operator.direction == "backward":
        return f"The gradient of kiln.{operator.forward}, as PyTorch's autograd has it of {operator.torch}."
    if operator.direction == "with_statistics":
        return f"kiln.{operator.forward}, with the statistics that kiln.backward.{operator.forward} takes."
    return f"As torch.nn.functional.{operator.torch}, ONNX {operator.onnx}."


def formula(operator):
    if operator.direction == "backward" and operator.elementwise:
        return f"grad_input = grad_output * d, d = {operator.formula}, x the input."
    if operator.direction == "backward":
        return f"grad_input = {operator.formula}, g grad_output, x the input."
    return f"{operator.formula}, x the input."


def in_python(operator, text):
    """Words of the table, which are C's, as Python has them."""
    for name in (argument.name for argument in operator.arguments if argument.type == "boolean"):
        text = text.replace(f"{name} is not 0", f"{name} is True").replace(f"{name} is 0", f"{name} is False")
    return text


def value_errors(operator):
    extra = [in_python(operator, text) for text in operator.errors]
    if operator.statistics:
        first, second = operator.statistics
        extra += [f"one of {first.name} and {second.name} is given without the other"]
    return "A shape, value or memory that does not fit" + ("; or " + ", or ".join(extra) if extra else "") + "."


def assembled(operator, doc, parameters, result, type_errors):
    """A docstring of these parts."""
    lines = [*wrapped(summary(operator), WIDTH), "", *wrapped(in_python(operator, formula(operator)), WIDTH)]
    if doc:
        lines += wrapped(in_python(operator, doc), WIDTH)
    lines += ["", "Parameters", "----------", *parameters, "", "Returns", "-------", *wrapped(result, WIDTH),
              "", "Raises", "------", "ValueError", *(f"    {line}" for line in wrapped(value_errors(operator), WIDTH - 4)),
              "TypeError", *(f"    {line}" for line in wrapped(type_errors, WIDTH - 4)), "", "Notes", "-----"]
    notes = f"Accuracies: {', '.join(operator.accuracies)}."
    return "\n".join([*lines, *wrapped(notes + (f" Source: {operator.source}." if operator.source else ""), WIDTH)])


def indented(text):
    """As it stands in a function."""
    return "\n".join(f"    {line}".rstrip() for line in text.splitlines()).lstrip()


def docstring(operator):
    return assembled(operator, operator.doc, parameter_lines(operator), returned(operator),
                     "An element type or device that is not supported, or what is no array.")
