"""One case through PyTorch, in float64, in float32 and in a type of 16 bits."""
import math
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F

from .narrow import words_of
from .tensors import NAN


def tensor_json(array):
    return {"shape": list(array.shape),
            "data": "".join(f"{v:08x}" for v in array.view(np.uint32).flat)}


def result_json(tensor):
    array = np.array(tensor.float().contiguous().numpy())
    array[np.isnan(array)] = np.float32(NAN)
    return tensor_json(array)


def argument_json(value):
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def as_float32(operator, arguments):
    """With float32's machine epsilon where None would mean that of float64."""
    epsilon = torch.finfo(torch.float32).eps
    absent = {a.name: epsilon for a in operator.arguments if a.may_be_null and arguments.get(a.name) is None}
    return arguments | absent


def call(operator, arguments, tensors):
    """The result and the running statistics after the call, or the message of what was raised."""
    if operator.direction == "backward":
        return {"output": gradient(operator, **tensors)}
    statistics = [tensor.name for tensor in operator.statistics]
    before = {k: tensors[k].clone() for k in statistics if k in tensors}
    given = as_float32(operator, arguments) if tensors["input"].dtype == torch.float64 else arguments
    try:
        output = getattr(F, operator.torch)(**dict.fromkeys(statistics) | tensors | given)
    except Exception as error:  # whatever PyTorch raises is the datum
        if any(not torch.equal(before[k], tensors[k]) for k in before):
            print(f"{operator.name}: running statistics changed by {error}", file=sys.stderr)
        return str(error).splitlines()[0]
    written = {a.name: arguments.get(a.name, a.default) for a in operator.arguments}
    updated = {t.name: tensors[t.name] for t in operator.statistics if t.name in before and written[t.written_when]}
    return {"output": output, **updated}


def gradient(operator, grad_output, input):
    """Autograd's."""
    x = input.clone().requires_grad_()
    getattr(F, operator.torch)(x).backward(grad_output)
    return x.grad


def run(operator, name, arguments, inputs, turn):
    rng = np.random.default_rng(zlib.crc32(f"{operator.name} {name}".encode()))
    arrays = {k: make(rng) for k, make in inputs.items()}
    double, single = (call(operator, arguments, {k: torch.from_numpy(a.copy()).to(t) for k, a in arrays.items()})
                      for t in (torch.float64, torch.float32))
    line = {"name": name, "arguments": {k: argument_json(v) for k, v in arguments.items()},
            "inputs": {k: tensor_json(a) for k, a in arrays.items()}}
    if operator.direction == "backward":  # in types of 16 bits it rounds more than once
        return line | {"outputs": {k: result_json(v) for k, v in double.items()} | {"output_float32": result_json(single["output"])}}
    if isinstance(double, str) or isinstance(single, str):
        if double != single:
            print(f"{operator.name} {name}: float64: {double}; float32: {single}", file=sys.stderr)
        return line | {"error": single if isinstance(single, str) else double}
    return line | {"outputs": {k: result_json(v) for k, v in double.items()}
                   | {"output_float32": result_json(single["output"])}, "words": words_of(operator, call, arguments, arrays, turn)}
