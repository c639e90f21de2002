"""Shapes, types and layouts of the operators' results, without values: what the functions of python/native/torch make."""
import torch

from ._rows import Operator


def _shape(op: Operator, output, inputs):
    """Of what is neither the output nor like one of the inputs."""
    input = inputs[op.place("input")]
    if output.shape == "channels":
        return input.shape[1:2]
    if output.shape == "planes":
        return input.shape[:2]
    if output.shape == "groups":
        return (*input.shape[:1], inputs[op.place_of_type("integer")])
    extents = inputs[op.place_of_type("extents")]
    return extents if output.shape == "normalized_shape" else input.shape[:input.dim() - len(extents)]


def is_made(op, output, inputs):
    asked = op.place(f"needs_{output.name}")
    if asked >= 0:
        return inputs[asked]
    if output.role == "statistics" and inputs[op.place(output.name)] is None:
        return False
    written = next((item.written_when for item in op.inputs if getattr(item, "role", "") == "statistics"), "")
    return output.role == "output" or not written or inputs[op.place(written)]


def _make(op, output, inputs):
    input = inputs[op.place("input")]
    if not is_made(op, output, inputs):
        return torch.empty(0, dtype=torch.float32, device=input.device)
    if output.role == "output":
        return torch.empty_like(input)
    if output.role == "statistics":
        return torch.empty_like(inputs[op.place(output.name)])
    return torch.empty(_shape(op, output, inputs), dtype=_dtype(op, output, inputs), device=input.device)


def _dtype(op, output, inputs):
    """Of a statistic float32; of a parameter's gradient that of the first parameter, or of the input where it is absent."""
    if output.role != "result":
        return torch.float32
    first = next(item.name for item in op.outputs if item.role == "result").removeprefix("grad_")
    given = inputs[op.place(first)]
    return (inputs[op.place("input")] if given is None else given).dtype


def with_defaults(call, args, kwargs):
    """All arguments of a call, by position: PyTorch leaves out those that are the schema's defaults."""
    rest = call._schema.arguments[len(args):]
    return [*args, *(kwargs.get(argument.name, argument.default_value) for argument in rest)]


def fake_of(op: Operator, call):
    """The function that torch.library.register_fake takes."""

    def fake(*args, **kwargs):
        inputs = with_defaults(call, args, kwargs)
        made = tuple(_make(op, output, inputs) for output in op.outputs)
        return made if len(made) > 1 else made[0]

    return fake
