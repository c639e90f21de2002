"""Models of PyTorch, stock and with kiln.torch.replace: their results, the calls that Kiln's modules make, times by module."""
import collections
import contextlib
import copy
import time

import numpy as np
import torch

import kiln.torch
from calls import Call

#: How far the result may be from stock's, as a share of stock's largest magnitude.
BOUND = 1e-5


def leaves(result):
    """All tensors of a result, as one vector of float64."""
    if torch.is_tensor(result):
        return result.detach().double().flatten()
    values = result.values() if isinstance(result, dict) else result
    return torch.cat([leaves(value) for value in values if torch.is_tensor(value) or isinstance(value, (list, tuple, dict))])


class Pair:
    """A model stock, and a copy of it on Kiln."""

    def __init__(self, made, threads=1):
        torch.set_num_threads(threads)
        self.stock, self.inputs = made.make()
        self.kiln = copy.deepcopy(self.stock)
        self.replaced = kiln.torch.replace(self.kiln)
        self.more = made.more

    @torch.no_grad()
    def run(self, model):
        return leaves(model(*self.inputs, **self.more))

    def distance(self):
        """Between the two results, and of each from stock in float64, as shares of the largest magnitude of that."""
        with torch.no_grad():
            wide = copy.deepcopy(self.stock).double()
            exact = leaves(wide(*[x.double() for x in self.inputs], **self.more))
        stock, ours = self.run(self.stock), self.run(self.kiln)
        top = exact.abs().max()
        return tuple(float((a - b).abs().max() / top) for a, b in ((ours, stock), (stock, exact), (ours, exact)))

    def calls(self):
        """The calls of Kiln's modules in one run."""
        found, hooks = [], []
        for name, module in self.kiln.named_modules():
            if name in self.replaced.replaced:
                hooks.append(module.register_forward_pre_hook(_keep_input))
                hooks.append(module.register_forward_hook(lambda module, _, output, name=name: found.append(
                    _call(module, name, module.__dict__.pop("_kept"), output))))
        self.run(self.kiln)
        for hook in hooks:
            hook.remove()
        return found

    def times(self, model):
        """Microseconds of one run by (class of module, on Kiln or not), for modules that have none within."""
        sums, begun, hooks = collections.Counter(), [], []

        def begin(*_):
            begun.append(time.perf_counter())

        def end(module, *_):
            key = type(module).__name__, type(module).__module__.startswith("kiln.")
            sums[key] += (time.perf_counter() - begun.pop()) * 1e6

        for module in model.modules():
            if not list(module.children()):
                hooks += [module.register_forward_pre_hook(begin), module.register_forward_hook(end)]
        with contextlib.ExitStack() as stack:
            for hook in hooks:
                stack.callback(hook.remove)
            self.run(model)
        return dict(sums)


def _keep_input(module, inputs):
    module.__dict__["_kept"] = _array(inputs[0])  # before an activation in place


def _array(tensor):
    return tensor.detach().numpy().copy(order="K")


def _call(module, place, x, output):
    """What a module of kiln.torch.modules has called, by the names of kiln's functions."""
    operator, names = MODULES[type(module).__name__]
    arguments, arrays = {}, {"input": x}
    for name in ("running_mean", "running_var", "weight", "bias"):
        tensor = getattr(module, name, None)
        if tensor is not None:
            arrays[name] = _array(tensor)
    for attribute in names:
        value = getattr(module, attribute)
        if attribute == "eps" and value is None:
            value = float(np.finfo(np.float32).eps)
        arguments[attribute] = tuple(value) if attribute == "normalized_shape" else value
    return Call(operator, arrays, arguments, place=place, output=_array(output))


#: Kiln's operator, and which attributes of the module are its arguments, by the class's name in torch.nn.
MODULES = {
    "Tanh": ("tanh", ()), "Sigmoid": ("sigmoid", ()), "Hardsigmoid": ("hardsigmoid", ()), "SiLU": ("silu", ()),
    "Mish": ("mish", ()), "Softplus": ("softplus", ()),
    **{f"BatchNorm{n}d": ("batch_norm", ("eps",)) for n in (1, 2, 3)},
    **{f"InstanceNorm{n}d": ("instance_norm", ("eps",)) for n in (1, 2, 3)},
    "GroupNorm": ("group_norm", ("num_groups", "eps")), "LayerNorm": ("layer_norm", ("normalized_shape", "eps")),
    "RMSNorm": ("rms_norm", ("normalized_shape", "eps")),
    "LocalResponseNorm": ("local_response_norm", ("size", "alpha", "beta", "k")),
}
