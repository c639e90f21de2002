"""Kiln's functions in the modules of a model that is there."""
import inspect
from typing import NamedTuple

import torch
from torch import nn

from . import modules
from ._taken import DTYPES

# torch.nn's classes, and Kiln's of the same names, which are derived from them.
CLASSES = {getattr(nn, name): kind for name, kind in inspect.getmembers(modules, inspect.isclass)
           if kind.__module__ == modules.__name__ and not name.startswith("_")}
# Those, and what they share with classes that have no counterpart.
BASES = (*CLASSES, nn.modules.batchnorm._BatchNorm, nn.modules.instancenorm._InstanceNorm)


class Replaced(NamedTuple):
    """What replace() did: names of modules with their classes, and of those that it left with the reason."""

    replaced: dict
    left: dict

    def __str__(self):
        lines = [f"{name or '(the model)'}: {kind}" for name, kind in self.replaced.items()]
        lines += [f"{name or '(the model)'}: left, {reason}" for name, reason in self.left.items()]
        run = "1 module runs" if len(self.replaced) == 1 else f"{len(self.replaced)} modules run"
        left = "1 was left" if len(self.left) == 1 else f"{len(self.left)} were left"
        return "\n".join([f"{run} Kiln's functions, {left}", *lines])


def replace(model: nn.Module) -> Replaced:
    """Has the modules of a model call Kiln's functions: those of the classes of kiln.torch.modules' names in torch.nn. They stay the
    objects that they are, with their parameters, buffers, hooks and place; only their class is another one, derived from
    torch.nn's, so that isinstance and state_dict answer as before. Modules of derived classes are left, as their forward() is their
    own, and so are functions that a module calls by name: kiln.torch.functions is for those."""
    _check(model, "replace")
    replaced, left = {}, {}
    for name, module in model.named_modules():
        kind = CLASSES.get(type(module))
        reason = _reason_to_leave(module)
        if kind is None or reason:
            if reason:
                left[name] = reason
            continue
        module.__class__ = kind
        replaced[name] = kind.__name__
    return Replaced(replaced, left)


def restore(model: nn.Module) -> int:
    """Undoes replace(); returns the number of modules."""
    _check(model, "restore")
    originals = {kind: original for original, kind in CLASSES.items()}
    changed = [module for module in model.modules() if type(module) in originals]
    for module in changed:
        module.__class__ = originals[type(module)]
    return len(changed)


def _check(model, function):
    if not isinstance(model, nn.Module):
        raise TypeError(f"kiln.torch.{function}: model: expected a torch.nn.Module, got {type(model).__name__}")


def _reason_to_leave(module):
    """Why a module that looks like one of them keeps its class; empty where there is none."""
    kind = next((kind for kind in BASES if isinstance(module, kind)), None)
    if kind is None or type(module) in CLASSES.values():
        return ""
    if type(module) not in CLASSES:
        if isinstance(module, nn.modules.lazy.LazyModuleMixin):
            return f"{type(module).__name__} becomes {module.cls_to_become.__name__} when it is called first"
        return f"{type(module).__name__} is derived from {kind.__name__}"
    if kind is nn.Softplus and (module.beta != 1 or module.threshold != 20):
        return f"Softplus with beta {module.beta} and threshold {module.threshold}: Kiln's has 1 and 20"
    tensors = [tensor for tensor in (*module.parameters(False), *module.buffers(False)) if torch.is_floating_point(tensor)]
    others = [tensor.dtype for tensor in tensors if tensor.dtype not in DTYPES]
    return f"its parameters are {others[0]}" if others else ""
