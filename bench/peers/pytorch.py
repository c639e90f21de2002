"""PyTorch: eager, compiled, and its copy."""
import functools
import os
import shutil

import numpy as np

from .. import table
from ..cases import DENSE, LAYOUTS
from ..elements import ELEMENTS
from . import pytorch_backward
from .peer import Peer


class Torch(Peer):
    name, package, modules = "torch eager", "torch", ["torch"]
    layouts, dtypes = LAYOUTS, ("float32", "float16", "bfloat16")
    directions = ("forward", "backward")

    def __init__(self, threads):
        import torch
        self.torch = torch
        torch.set_num_threads(threads)

    def given(self, case, array):
        """PyTorch's tensor on an array of the case's element type, and back."""
        return self.torch.from_numpy(array).view(getattr(self.torch, case.dtype))

    def back(self, case, tensor):
        stored = ELEMENTS[case.dtype].stored.__name__
        return tensor.view(getattr(self.torch, stored)).numpy()

    def tensor(self, case, x):
        given = self.given(case, np.ascontiguousarray(x) if case.layout in DENSE else x)
        return given.contiguous(memory_format=self.torch.channels_last) if case.channels_last else given

    def tensors(self, case):
        tensors = {name: self.given(case, value) for name, value in case.tensors.items() if name != "input"}
        if "weight" in tensors and "grad_bias" in pytorch_backward.names(case):  # the bias, which no gradient depends on
            tensors["bias"] = self.torch.zeros_like(tensors["weight"])
        return tensors

    def function(self, case, tensors):
        functional = getattr(self.torch.nn.functional, table.operator(case.op).torch)
        # One dimension stands by itself: what users write, and PyTorch may have a faster way for it.
        arguments = {name: value[0] if isinstance(value, tuple) and len(value) == 1 else value
                     for name, value in case.arguments.items()}
        return lambda given: functional(given, **arguments, **tensors)

    def into(self, op):
        """An elementwise operator's function that writes into a tensor that is there, where PyTorch has it; the others make a
        new one on every call."""
        row = table.operator(op)
        function = getattr(self.torch.ops.aten, row.torch, None) if row.family == "elementwise" else None
        return function.out if function and "out" in function.overloads() else None

    def results_of(self, case, call):
        """What a gradient's call returns, by name."""
        return lambda: {name: self.back(case, value.detach()) for name, value in zip(pytorch_backward.names(case), call())}

    def gradient(self, case, grad_output, compiled=lambda function: function):
        """A gradient's call; `compiled`: what is done with PyTorch's function before."""
        x, g, tensors = self.tensor(case, case.tensors["input"]), self.tensor(case, grad_output), self.tensors(case)
        with self.torch.no_grad():
            direct = pytorch_backward.direct(self.torch, case, x, g, tensors)
        if direct:
            return compiled(direct)
        return pytorch_backward.by_autograd(self.torch, case, x, g, tensors, compiled(self.function(case, tensors)))

    def bind(self, case, x):
        if case.direction == "backward":
            call = self.gradient(case, x)
            return call, self.results_of(case, call)
        given = self.tensor(case, x)
        into = self.into(case.op)
        if into:
            result = self.torch.empty_like(given) if case.layout in DENSE else self.torch.empty(case.shape, dtype=given.dtype)
            return lambda: into(given, out=result), lambda: self.back(case, result)
        function = self.function(case, self.tensors(case))
        return lambda: function(given), lambda: self.back(case, function(given))


class TorchCopy(Torch):
    name = "copy/torch"

    def bind(self, case, x):
        given = self.tensor(case, x)
        result = self.torch.empty_like(given)
        return lambda: result.copy_(given), None


class TorchCompile(Torch):
    name = "torch.compile"

    @classmethod
    def lacks(cls):
        compiler = os.environ.get("CXX") or "g++"  # as PyTorch looks for it
        return super().lacks() or ("" if shutil.which(compiler) else f"no C++ compiler: there is no {compiler}")

    def bind(self, case, x):
        self.torch._dynamo.reset()
        if case.direction == "backward":
            self.torch._functorch.config.donated_buffer = False  # which a graph that is kept cannot give away
            call = self.gradient(case, x, functools.partial(self.torch.compile, dynamic=False))
            return call, self.results_of(case, call)
        given = self.tensor(case, x)
        function = self.torch.compile(self.function(case, self.tensors(case)), dynamic=False)
        return lambda: function(given), lambda: self.back(case, function(given))
