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
def operators():
    """{name: row}, in the table's order, but for gradients, which have no cases."""
    return {name: op for name, op in all_operators().items() if op.direction == "forward"}


@functools.cache
def all_operators():
    """{name: row}, in the table's order, gradients last."""
    try:
        return {op.name: op for op in table.load(ROOT / "operators.toml", table.stages_of(ROOT / "stages.def"))}
    except table.TableError as e:
        raise BenchError(str(e)) from e


def operator(name):
    known = {**all_operators(), **operators()}
    if name not in known:
        raise BenchError(f"no operator \"{name}\"; there are {', '.join(operators())}")
    return known[name]


def dtypes():
    """The element types of all operators."""
    return sorted({dtype for op in operators().values() for dtype in op.dtypes})


def directions():
    return sorted({op.direction for op in operators().values()})


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
