"""What _table.py is made of: the operators' rows as the build writes them from operators.toml, which says what the words
mean."""
from typing import NamedTuple


class Tensor(NamedTuple):
    name: str
    role: str
    shape: str
    written_when: str  # of running statistics: the argument that has them updated

    @property
    def is_written(self):
        return self.role in ("result", "measured", "output")


class Argument(NamedTuple):
    name: str
    type: str


class Operator:
    """`items`: the tensors in the order of Kiln's rows, then the arguments."""

    def __init__(self, name, family, direction, forward, items):
        self.name, self.family, self.direction = name, family, direction
        self.forward = forward  # the operator that it is the gradient of, or with statistics; its own name else
        self.tensors = tuple(item for item in items if isinstance(item, Tensor))
        self.arguments = tuple(item for item in items if isinstance(item, Argument))
        self.read = tuple(tensor for tensor in self.tensors if not tensor.is_written)
        self.written = tuple(tensor for tensor in self.tensors if tensor.is_written)
        self.statistics = tuple(tensor.name for tensor in self.tensors if tensor.role == "statistics")
        self.written_when = next((tensor.written_when for tensor in self.tensors if tensor.written_when), "")

    def place(self, name):
        """Of an argument; -1 where there is none of the name."""
        return next((i for i, argument in enumerate(self.arguments) if argument.name == name), -1)

    def place_of_type(self, type):
        """Of the first argument of a type; -1 where there is none."""
        return next((i for i, argument in enumerate(self.arguments) if argument.type == type), -1)


class Call(NamedTuple):
    """A call but for its arrays: what JAX compiles once."""

    op: Operator
    present: tuple  # names of the tensors that are read or written
    values: tuple  # in the order of the arguments
    settings: tuple  # _settings.current()
    types: tuple = ()  # (name, element type) of gradients; what is not there has that of the input

    @property
    def read(self):
        return [tensor for tensor in self.op.read if tensor.name in self.present]

    @property
    def written(self):
        return [tensor for tensor in self.op.written if tensor.name in self.present]

    @property
    def updated(self):
        """Names of the running statistics that the call returns."""
        if not self.op.statistics or not self.value(self.op.written_when):
            return []
        return [name for name in self.op.statistics if name in self.present]

    def value(self, name):
        return self.values[self.op.place(name)]
