"""What _table.py is made of: the operators' rows as the build writes them from operators.toml, which says what the words
mean."""
from typing import NamedTuple

import torch


class Tensor(NamedTuple):
    name: str
    role: str
    shape: str
    optional: bool
    written_when: str


class Argument(NamedTuple):
    name: str
    type: str
    optional: bool


class Operator(NamedTuple):
    name: str
    family: str
    direction: str  # forward, with_statistics or backward
    forward: str  # the operator that it is the gradient of, or with statistics
    torch: str  # its name in torch.nn.functional
    inputs: tuple
    outputs: tuple

    def call(self, overload):
        """The operator: "default" has a gradient, and "untracked" is the same without."""
        return getattr(getattr(torch.ops.kiln, self.name), overload)

    @property
    def elementwise(self):
        return self.family.startswith("elementwise")

    def place(self, name):
        """Of an input; -1 where there is none of the name."""
        return next((i for i, item in enumerate(self.inputs) if item.name == name), -1)

    def place_of_type(self, type):
        """Of the first argument of a type; -1 where there is none."""
        return next((i for i, item in enumerate(self.inputs) if getattr(item, "type", "") == type), -1)
