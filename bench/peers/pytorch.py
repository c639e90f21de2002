"""PyTorch: eager, compiled, and its copy."""
import os
import shutil

import numpy as np

from .. import table
from ..cases import DENSE, LAYOUTS
from ..elements import ELEMENTS
from .peer import Peer


class Torch(Peer):
    name, package, modules = "torch eager", "torch", ["torch"]
    layouts, dtypes = LAYOUTS, ("float32", "float16", "bfloat16")

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

    def function(self, case):
        functional = getattr(self.torch.nn.functional, table.operator(case.op).torch)
        # One dimension stands by itself: what users write, and PyTorch may have a faster way for it.
        arguments = {name: value[0] if isinstance(value, tuple) and len(value) == 1 else value
                     for name, value in case.arguments.items()}
        tensors = {name: self.given(case, value) for name, value in case.tensors.items()}
        return lambda given: functional(given, **arguments, **tensors)

    def into(self, op):
        """An elementwise operator's function that writes into a tensor that is there, where PyTorch has it; the others make a
        new one on every call."""
        row = table.operator(op)
        function = getattr(self.torch.ops.aten, row.torch, None) if row.family == "elementwise" else None
        return function.out if function and "out" in function.overloads() else None

    def bind(self, case, x):
        given = self.tensor(case, x)
        into = self.into(case.op)
        if into:
            result = self.torch.empty_like(given) if case.layout in DENSE else self.torch.empty(case.shape, dtype=given.dtype)
            return lambda: into(given, out=result), lambda: self.back(case, result)
        function = self.function(case)
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
        given = self.tensor(case, x)
        self.torch._dynamo.reset()
        function = self.torch.compile(self.function(case), dynamic=False)
        return lambda: function(given), lambda: self.back(case, function(given))
