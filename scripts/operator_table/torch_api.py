"""The operators of torch.ops.kiln: schemas, the C++ functions that PyTorch calls, and the rows by which Python registers
gradients, shapes and batch rules. torch_functional.py has the functions of kiln.torch.functional.

PyTorch's operators are functional: what the C function writes is returned. The plain operator reads running statistics and
never updates them; the one with statistics returns the updated ones behind what it measures. A gradient that may be absent
has a boolean that asks for it, needs_<name>; a tensor that is not there is returned with the shape (0,).

Each has an overload, untracked, which is the same without a gradient: PyTorch calls it without a turn through Python."""
from .rows import Argument, Tensor
from .text import WIDTH, call, wrapped

SCHEMA_TYPES = {"boolean": "bool", "integer": "int", "real": "float", "extents": "int[]", "dims": "int[]"}
CPP_TYPES = {"boolean": "const bool", "integer": "const int64_t", "real": "const double", "extents": "const Integers",
             "dims": "const Integers"}
READERS = {"boolean": "boolean", "integer": "integer", "real": "real", "extents": "integers", "dims": "integers"}


def outputs(op):
    """What the operator returns: the output, what is written beside it, and the updated running statistics."""
    written = [item for item in op.takes if isinstance(item, Tensor) and item.is_written and item.role != "statistics"]
    return written + (op.statistics if op.direction == "with_statistics" else [])


def needed(op):
    """The booleans that ask for each output that may be absent."""
    names = [item.name for item in outputs(op) if op.direction == "backward" and item.optional]
    return [Argument(f"needs_{name}", "boolean", "any", True, doc=f"Whether {name} is computed") for name in names]


def inputs(op):
    """What the operator takes, in order."""
    read = [item for item in op.takes if not isinstance(item, Tensor) or item.role == "statistics" or not item.is_written]
    return read + needed(op)


def default(item):
    """As a schema and Python write it; none of a required one."""
    if isinstance(item, Tensor):
        return "None" if item.optional else ""
    return "None" if item.may_be_null else "" if item.default is None else repr(item.default)


def parameter(item):
    kind = "Tensor" if isinstance(item, Tensor) else SCHEMA_TYPES[item.type]
    absent = "?" if (item.optional if isinstance(item, Tensor) else item.may_be_null) else ""
    return f"{kind}{absent} {item.name}" + (f"={default(item)}" if default(item) else "")


def schema(op, name):
    """As torch.library writes it."""
    returned = ["Tensor"] * len(outputs(op))
    result = returned[0] if len(returned) == 1 else f"({', '.join(returned)})"
    return f"{name}({', '.join(map(parameter, inputs(op)))}) -> {result}"


def registration(op, name):
    """A row of the list by which the library registers its functions; a schema is cut into lines of C++ strings."""
    words = wrapped(schema(op, name), WIDTH - 8)
    text = "\n     ".join(f'"{line}{" " * (i + 1 < len(words))}"' for i, line in enumerate(words))
    return f'    {{"{name}",\n     {text},\n     function::{op.name}}},\n'


def reading(item):
    """The declaration that takes an input off the stack."""
    if isinstance(item, Tensor):
        return f"Tensor {item.name} = in.{'optional_tensor' if item.optional else 'tensor'}();"
    if item.may_be_null:
        return f"const std::optional<double> {item.name} = in.optional_real();"
    return f"{CPP_TYPES[item.type]} {item.name} = in.{READERS[item.type]}();"


def measured_shape(op, item):
    """The C++ function of a statistic's shape, called with the argument that it is of."""
    arguments = {"rows": "extents", "groups": "integer"}
    of = [argument.name for argument in op.arguments if argument.type == arguments.get(item.shape)]
    return f"{item.shape}({', '.join([op.tensors[0].name, *of[:1]])})"


def like_operand(op):
    """The tensor of whose shape, type and layout the output is."""
    return next((t.name for t in op.tensors if t.role == "operand"), op.tensors[0].name)


def gradient_of_parameter(op, item):
    """The C++ expression of one; its type is that of the first parameter, which the gradient takes."""
    extents = next((argument.name for argument in op.arguments if argument.type == "extents"), "")
    shape = f"{extents}.values()" if item.shape == "normalized_shape" else f"{item.shape}({like_operand(op)})"
    first = next(t.name for t in op.tensors if t.role == "result").removeprefix("grad_")
    return f"gradient_of_parameter({shape}, {first}, {like_operand(op)})"


def made(op, item):
    """The C++ expression that makes an output, and that of when it is made, which may be empty."""
    asked = f"needs_{item.name}" if item.optional and op.direction == "backward" else ""
    if item.role == "output":
        return f"like({like_operand(op)})", asked
    if item.role == "result":
        return gradient_of_parameter(op, item), asked
    written = op.statistics[0].written_when if op.statistics else ""
    return (f"copy({item.name})" if item.role == "statistics" else f"measured({measured_shape(op, item)}, place)"), written


def variable(item):
    return f"new_{item.name}" if item.role == "statistics" else item.name


def making(op, item):
    value, condition = made(op, item)
    return f"Tensor {variable(item)} = " + (f"{condition} ? {value} : Tensor();" if condition else f"{value};")


def passed(op, item):
    """What the C function gets for an item."""
    if isinstance(item, Tensor):
        if item.role != "statistics":
            return [f"{item.name}.get()"]
        if op.direction == "with_statistics":
            return [f"({item.written_when} ? {variable(item)} : {item.name}).get()"]
        return [f"{item.written_when} ? nullptr : {item.name}.get()"]
    if item.may_be_null:
        return [f"{item.name} ? &*{item.name} : nullptr"]
    return [f"{item.name}.data()", f"{item.name}.count()"] if item.type in ("extents", "dims") else [item.name]


def function(op):
    lines = [f"void {op.name}(StableIValue *stack, uint64_t, uint64_t) {{", "  Stack in(stack);"]
    lines += [f"  {reading(item)}" for item in inputs(op)]
    lines += [f"  const Place place({op.tensors[0].name});"]
    lines += [f"  {making(op, item)}" for item in outputs(op)]
    arguments = ["place.context()", *(text for item in op.takes for text in passed(op, item))]
    lines += [call(f"  check(kiln_{op.name}", arguments, ");").removesuffix("\n")]
    lines += [f"  in.results({{{', '.join('&' + variable(item) for item in outputs(op))}}});", "}"]
    return "\n".join(lines) + "\n"


def source(operators):
    """torch/operators.inc: a function for each operator, and the list by which they are registered."""
    rows = "".join(registration(op, name) for op in operators
                   for name in (op.name, f"{op.name}.untracked"))
    return ("// Made by the build from operators.toml.\nnamespace function {\n\n" + "\n".join(map(function, operators)) +
            f"\n}}  // namespace function\n\nconst Registered operators[] = {{\n{rows}}};\n")


def row_item(item):
    if isinstance(item, Tensor):
        return f"Tensor({item.name!r}, {item.role!r}, {item.shape!r}, {item.optional}, {item.written_when!r})"
    return f"Argument({item.name!r}, {item.type!r}, {item.may_be_null or item.type == 'dims'})"


def row(op):
    def listed(name, items):
        return f"        {name}=(\n" + "".join(f"            {row_item(item)},\n" for item in items) + "        ),\n"

    texts = "".join(f"        {key}={getattr(op, key)!r},\n" for key in ("name", "family", "direction", "forward", "torch"))
    return f"    Operator(\n{texts}{listed('inputs', inputs(op))}{listed('outputs', outputs(op))}    ),\n"


def rows(operators):
    """torch/_table.py: the operators as Python registers them."""
    return ('"""The operators of torch.ops.kiln. Made by the build from operators.toml."""\n'
            "from ._rows import Argument, Operator, Tensor\n\nOPERATORS = (\n" + "".join(map(row, operators)) + ")\n")
