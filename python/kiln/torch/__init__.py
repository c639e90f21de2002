"""Kiln in PyTorch.

Importing it defines torch.ops.kiln: every operator, its form with statistics and its gradient, with autograd, torch.compile,
torch.vmap and torch.autocast. kiln.torch.functional has the functions of torch.nn.functional; replace(model) has a model's
modules call them.
"""
from . import _library

_library.load()

from . import functional  # noqa: E402
from ._accuracy import accuracy  # noqa: E402
from ._functions import functions  # noqa: E402
from ._replacing import Replaced, replace, restore  # noqa: E402

__all__ = ["Replaced", "accuracy", "functional", "functions", "replace", "restore"]
