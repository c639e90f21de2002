"""What the functions of functional.py share."""
import operator

import torch
from torch.autograd import forward_ad

from . import _library


def tracked(*tensors):
    """Whether a gradient may be asked for: of one of these, of what torch.func and torch.vmap have wrapped in them, or in the
    forward mode."""
    if torch.is_grad_enabled():
        if torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0:
            return True
        for tensor in tensors:
            if tensor is not None and tensor.requires_grad:
                return True
    return False


def differentiable(name, *args):
    """The operator with its gradient. In eager code the way through PyTorch's dispatcher and back to Python is left out."""
    if (torch.compiler.is_compiling() or torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0
            or torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda")):  # a cast is of what the gradient takes, too
        return getattr(torch.ops.kiln, name).default(*args)
    return _library.eager[name].apply(*args)


def update(*pairs):
    """Running statistics and what they become: all are written, or where one cannot be, none is."""
    pairs = [(running, new) for running, new in pairs if running is not None]
    if torch.compiler.is_compiling():
        kept = []
    else:
        kept = [running.clone() for running, _ in pairs[:-1]]
    done = 0
    try:
        for running, new in pairs:
            running.copy_(new)
            done += 1
    except RuntimeError:
        with torch.no_grad():
            for (running, _), old in zip(pairs[:done], kept):
                running.copy_(old)
        raise


def integers(value):
    """As the operator takes them: one or several."""
    if isinstance(value, (tuple, list)):
        return value if all(isinstance(each, (int, torch.SymInt)) for each in value) else [operator.index(each) for each in value]
    if isinstance(value, (int, torch.SymInt)):
        return [value]
    try:
        return [operator.index(value)]  # NumPy's, or a tensor of one
    except TypeError:
        return list(value) if hasattr(value, "__iter__") else [value]


def dims_of(dim):
    """As the operator takes them: none of them means all."""
    return [] if dim is None else integers(dim)


def in_place(input, op):
    """The gradient is computed from the input's values, which the result replaces."""
    return input.copy_(op(input.clone() if tracked(input) else input))


def written_to(out, result):
    if out is None:
        return result
    if out.shape != result.shape:
        out.resize_(result.shape)
    return out.copy_(result)
