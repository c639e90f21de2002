"""The table of operators, operators.toml, as the benchmark takes it: names, identities, and the arguments of a call."""
import functools
import pathlib
import re
import sys

from .errors import BenchError

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT / "scripts"))
from operator_table import rows, table  # noqa: E402

# {element type: bytes of an element}
BYTES = {name: int(bits) // 8 for name, bits in re.findall(
    r"^KILN_ELEMENT\((\w+), \w+, (\d+),", (ROOT / "elements.def").read_text(), re.MULTILINE)}
EPSILON = 2.0 ** -23  # float32's, in which PyTorch computes whatever the element type


@functools.cache
def operators(direction="forward"):
    """{name: row} of a direction, in the table's order; of all, gradients last, where it is None."""
    try:
        found = table.load(ROOT / "operators.toml", table.stages_of(ROOT / "stages.def"))
    except table.TableError as e:
        raise BenchError(str(e)) from e
    return {op.name: op for op in found if direction in (op.direction, None)}


def operator(name):
    known = operators(None)
    if name not in known:
        raise BenchError(f"no operator \"{name}\"; there are {', '.join(known)}")
    return known[name]


def gradient(name):
    """The row of an operator's gradient; None where it has none."""
    return next((op for op in operators("backward").values() if op.forward == name), None)


def dtypes():
    """The element types of all operators."""
    return sorted({dtype for op in operators().values() for dtype in op.dtypes})


def directions():
    """Those that have cases: forms with statistics stand behind none of their own."""
    return ("forward", "backward")


def whole_tensors(name):
    """How many tensors of the case's shape a call reads and writes: two, or a gradient's three."""
    return sum(tensor.role in ("input", "operand", "output") for tensor in operator(name).tensors)


def results(name):
    """The tensors that a call writes for its results, the output first."""
    return [*operator(name).tensors[-1:], *(t for t in operator(name).tensors if t.is_result)]


def arguments(name, given):
    """{name: value} of every argument of an operator: what is given, else PyTorch's default."""
    op = operator(name)
    known = [argument.name for argument in op.arguments]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise BenchError(f"{name} has no argument {', '.join(unknown)}; there are {', '.join(known) or 'none'}")
    return {a.name: value(a, given[a.name]) if a.name in given else default(op, a) for a in op.arguments}


def value(argument, text):
    """One of a case, as Python has it: JSON has no number for infinity, and one dimension may stand without a list."""
    if argument.type == "real":
        return float(text)
    if argument.type == "dims":
        return tuple(text) if isinstance(text, list) else (text,)
    return text


def default(op, argument):
    if argument.default is None:
        raise BenchError(f"{op.name} needs {argument.name}")
    return EPSILON if argument.default == rows.MACHINE_EPSILON else value(argument, argument.default)


def parameters(name, absent=()):
    """The names of the tensors that an operator takes between input and output, in the C function's order, but for those that
    a call leaves out."""
    op = operator(name)
    optional = [tensor.name for tensor in op.tensors if tensor.optional]
    for tensor in absent:
        if tensor not in optional:
            raise BenchError(f"{name} has no tensor {tensor} that may be absent; there are {', '.join(optional) or 'none'}")
    return [tensor.name for tensor in op.tensors[1:-1] if tensor.name not in absent]


def parse_kernel(name):
    """(operator or stage, direction, element type, form, accuracy) of a kernel's name without prefix and target."""
    found = re.fullmatch(rf"(\w+?)_({'|'.join(table.DIRECTIONS)})_({'|'.join(dtypes())})_(\w+)_(exact|fast)", name)
    if not found:
        raise BenchError(f"{name}: expected <operator>_<direction>_<element type>_<form>_<accuracy>")
    return found.groups()


def devices():
    """How devices.def calls the interfaces to devices: cuda, opencl."""
    return re.findall(r"^KILN_DEVICE\(\w+, (\w+),", (ROOT / "devices.def").read_text(), re.MULTILINE)


def version():
    """Kiln's, from its header."""
    header = (ROOT / "include/kiln/kiln.h.in").read_text()
    return ".".join(re.findall(r"^#define KILN_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header, re.MULTILINE))
