"""What Kiln takes: which tensors, and what is said of another argument. A call that succeeds pays for none of it: its arguments are
looked at when it has failed."""
from torch import Tensor, bfloat16, float16, float32, strided

from ._rows import Argument, Operator
from ._table import OPERATORS

DTYPES = (float32, float16, bfloat16)
# What a call with other arguments raises: the functions themselves, PyTorch's dispatcher, and the operators.
FAILURES = (AttributeError, RuntimeError, TypeError)
# Of arguments that are no tensors, by their type: what is said, and the method that PyTorch's dispatcher asks for.
SEVERAL = ("an integer, or a tuple of integers", "__index__")
EXPECTED = {"boolean": ("True or False", "__bool__"), "integer": ("an integer", "__index__"), "real": ("a number", "__float__"),
            "extents": SEVERAL, "dims": SEVERAL}

_forward = {op.name: op for op in OPERATORS}


def takes(input, *others):
    """Whether a call may have these tensors, of which the others may be absent."""
    if not isinstance(input, Tensor):
        return False
    dtype = input.dtype
    if dtype not in DTYPES or not (input.is_cpu or input.is_cuda or input.is_meta) or input.layout is not strided or input.is_nested:
        return False
    for other in others:
        if other is not None and other.dtype is not float32 and other.dtype is not dtype:
            return False
    return True


def refusal(error, name, *args):
    """The exception for a call of an operator that has failed: a TypeError where an argument is of a kind that Kiln does not take,
    a ValueError with Kiln's text where Kiln refuses its value, and else the error itself. PyTorch's C ABI hands on no other
    exception than RuntimeError."""
    op = _forward[name]
    for item, value in zip(op.inputs, args):
        text = _fault_of_argument(item, value) if isinstance(item, Argument) else _fault_of_tensor(op, item, value, args)
        if text:
            return TypeError(f"kiln_{name}: {item.name}: expected {text}")
    for item, value in zip(op.inputs, args):
        if isinstance(item, Argument) and _is_too_large(item, value):
            return ValueError(f"kiln_{name}: {item.name}: expected {EXPECTED[item.type][0]} of 64 bits, got {value}")
    text = str(error)
    if type(error) is not RuntimeError or not text.startswith("kiln"):
        return error
    if text.startswith("kiln::"):  # the dispatcher's, of an argument that looks as if it were one
        return TypeError(text)
    return ValueError(text.replace(f"kiln_{name}_with_statistics:", f"kiln_{name}:"))


def refuse_tensor(name, parameter, value):
    """Of what torch.nn.functional takes beyond the operators' arguments."""
    if value is not None and not isinstance(value, Tensor):
        raise TypeError(f"kiln_{name}: {parameter}: expected a tensor, got {_kind(value)}")


def _kind(value):
    return type(value).__name__


def _fault_of_tensor(op: Operator, item, value, args):
    if value is None and item.optional:
        return ""
    if not isinstance(value, Tensor):
        return f"a tensor, got {_kind(value)}"
    if value.layout is not strided or value.is_nested:
        return f"a dense tensor, got {'a nested one' if value.is_nested else value.layout}"
    if not (value.is_cpu or value.is_cuda or value.is_meta):
        return f"a tensor on the CPU or on a CUDA device, got one on {value.device}"
    input = args[op.place("input")]
    dtypes = DTYPES if item.role == "input" else [dtype for dtype in DTYPES if dtype in (float32, input.dtype)]
    if value.dtype in dtypes:
        return ""
    names = [str(dtype).removeprefix("torch.") for dtype in (*dtypes, value.dtype)]
    listed = " or ".join(filter(None, (", ".join(names[:-2]), names[-2])))
    return f"element type {listed}, got {names[-1]}"


def _fault_of_argument(item: Argument, value):
    """In a tuple, of the first that is none."""
    if value is None and item.optional:
        return ""
    expected, method = EXPECTED[item.type]
    for one in _ones(item, value):
        if not hasattr(one, method):
            return f"{expected}, got {_kind(one)}"
    return ""


def _is_too_large(item: Argument, value):
    if EXPECTED[item.type][1] != "__index__":
        return False
    return any(isinstance(one, int) and not -2**63 <= one < 2**63 for one in _ones(item, value))


def _ones(item: Argument, value):
    return value if item.type in ("extents", "dims") and isinstance(value, (tuple, list, range)) else [value]
