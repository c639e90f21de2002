"""A case through PyTorch in types of 16 bits, parameters in float32, as PyTorch allows them.

What PyTorch gives is a reference where it is as near to its own float64 result of the same inputs as PLACES says, NaN and
infinities where that has them. Most calls are: they compute in float32 and round once. Others are left out:
- parameters of 16 bits: batch_norm then rounds its statistics, which is up to 900 last places off;
- batch_norm in training of constant rows or rows far from 0, and without parameters at all, for the same reason;
- instance_norm, which is batch_norm on a tensor of another shape, in a third of the cases;
- sigmoid and silu of bfloat16 far below 0, where exp(-x) is beyond float32: up to 200 last places off;
- huge and tiny rows of bfloat16, whose squares are beyond float32;
- normalize of float16 where eps, 1e-12, becomes 0;
- inputs of which the type leaves little: zeros, or rows of one value."""
import math

import torch

TYPES = ("float16", "bfloat16")
ROUNDED_ONCE = 0.502  # and what float32 is off
# In places of the type: calls that are made of several, each of which rounds its result.
PLACES = {
    "local_response_norm": 1.5,  # squares, their mean, the power, the quotient
    "normalize": 1.5,  # the norm, the quotient
}


def places_of(operator):
    return PLACES.get(operator.name, ROUNDED_ONCE)


def last_place(values, dtype):
    info = torch.finfo(dtype)
    least = math.frexp(info.tiny)[1]
    exponent = torch.frexp(values)[1].masked_fill(values == 0, least).clamp(min=least) - 1
    return torch.ldexp(torch.full_like(values, info.eps), exponent)


def far(result, exact):
    """The largest distance in places; infinity where one is a number and the other is none."""
    nearest = exact.to(result.dtype)
    ordinary = torch.isfinite(nearest) & torch.isfinite(result)
    same = (nearest == result) | (torch.isnan(nearest) & torch.isnan(result))
    if not bool((ordinary | same).all()):
        return math.inf
    exact, result = exact[ordinary], result[ordinary].double()
    return float(((result - exact).abs() / last_place(exact, nearest.dtype)).max()) if exact.numel() else 0.0


def kept(array, rounded):
    """Whether the values of an array are still told apart in a type: zeros are those that were, and half as many differ."""
    before = torch.from_numpy(array)
    return bool(((before == 0) == (rounded == 0)).all()) and 2 * len(torch.unique(rounded)) >= len(torch.unique(before))


def words_of(operator, call, arguments, arrays, turn):
    """{type: its words in hex} of one type, the types taking turns, or of the other where PyTorch is off in that one; {} where
    it is off in both, or has no such call."""
    for name in (*TYPES[turn % 2:], *TYPES[:turn % 2]):
        dtype = getattr(torch, name)
        given = {k: torch.from_numpy(a.copy()) for k, a in arrays.items()}
        given["input"] = given["input"].to(dtype)
        if given["input"].numel() == 0 or not kept(arrays["input"], given["input"]):
            continue
        result, exact = (call(operator, arguments, tensors) for tensors in (given, {k: t.double() for k, t in given.items()}))
        if isinstance(result, str) or isinstance(exact, str) or far(result["output"], exact["output"]) > places_of(operator):
            continue
        words = result["output"].contiguous().view(torch.uint16).numpy()
        return {name: "".join(f"{w:04x}" for w in words.flat)}
    return {}
