"""Types under torch.autocast: an operator runs in float32 where PyTorch's own function of the name has a float32 result, and
in its input's type elsewhere."""
import torch

from ._rows import Operator

# By the operators that PyTorch lists for float32. On CUDA softplus, group_norm, layer_norm and rms_norm stand there themselves;
# local_response_norm has pow and normalize norm, whose float32 the result takes. On CPUs avg_pool3d stands there, which
# local_response_norm takes of all inputs but those of three dimensions.
FLOAT32 = {
    "cpu": {"local_response_norm": lambda input: input.dim() > 3},
    "cuda": {name: lambda input: True for name in ("softplus", "group_norm", "layer_norm", "rms_norm", "local_response_norm",
                                                   "normalize")},
}


def _to_float32(value):
    narrow = isinstance(value, torch.Tensor) and value.dtype in (torch.float16, torch.bfloat16)
    return value.to(torch.float32) if narrow else value


def _kernel(call, device_type, applies):
    def kernel(*args):
        with torch.autocast(device_type, enabled=False):
            return call(*map(_to_float32, args)) if applies(args[0]) else call(*args)

    return kernel


def register(library, op: Operator, name, call):
    """Of one of the operator's names."""
    if op.direction == "backward":
        return
    for device_type, rules in FLOAT32.items():
        if op.forward in rules:
            library.impl(name, _kernel(call, device_type, rules[op.forward]), f"Autocast{device_type.upper()}")
