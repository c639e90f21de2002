"""A row of the table of operators, as the writers take it: checked, with everything that the row left to a default."""
import dataclasses
import decimal

MACHINE_EPSILON = "machine_epsilon"


@dataclasses.dataclass(frozen=True)
class Tensor:
    name: str
    role: str
    shape: str
    optional: bool = False
    identity: float = 0.0
    least_rank: int = 0
    written_when: str = ""
    doc: str = ""

    @property
    def is_result(self):
        """Written beside the output."""
        return self.role in ("result", "measured")

    @property
    def is_written(self):
        return self.is_result or self.role in ("statistics", "output")


@dataclasses.dataclass(frozen=True)
class Argument:
    name: str
    type: str
    allowed: str
    default: object = None
    example: int = 0
    doc: str = ""

    @property
    def may_be_null(self):
        """The C function takes it by a pointer, and NULL means the default, which is no constant of all types."""
        return self.default == MACHINE_EPSILON

    @property
    def count(self):
        """The C parameter that holds the number of integers."""
        return self.name.removesuffix("_shape") + "_ndim" if self.type == "extents" else self.name + "_count"


@dataclasses.dataclass(frozen=True)
class Operator:
    name: str
    family: str
    formula: str
    derivative: str
    torch: str
    onnx: str
    source: str
    doc: str
    errors: tuple
    takes: tuple  # Tensor and Argument, in the order of the C function
    kernels: tuple
    kernels_of_16_bits: tuple  # those of the stages that are built for other types than float32, too
    accuracies: tuple
    dtypes: tuple
    inplace: bool = False  # torch.nn.functional's function has an argument of that name
    direction: str = "forward"

    @property
    def tensors(self):
        """In the order of the runtime's rows: the output is the last, also where the C function takes results behind it."""
        return sorted((item for item in self.takes if isinstance(item, Tensor)), key=lambda tensor: tensor.role == "output")

    @property
    def arguments(self):
        return [item for item in self.takes if isinstance(item, Argument)]

    @property
    def elementwise(self):
        """Its kernels are its own, where others share stages."""
        return self.family.startswith("elementwise")

    @property
    def forward(self):
        """The operator whose gradient it is, or whose statistics it writes; itself where it does neither."""
        return self.name if self.direction == "forward" else self.name.removesuffix(f"_{self.direction}")

    def list_of(self, dtype):
        """The name of the list of kernels that an element type asks for: the operator's own, or conversions to float32 and
        back where it is made of stages."""
        name = self.name if self.elementwise else "convert"
        return name if dtype == "float32" else f"{name}_{dtype}"

    def linked_lists(self, dtype):
        """All lists that kiln_link_<op>_<dtype> links."""
        return [self.list_of(dtype), *(f"{stage}_{dtype}" for stage in self.kernels_of_16_bits)]

    @property
    def linked_dtypes(self):
        """The element types whose kernels a program links by kiln_link_<op>_<dtype>."""
        return [dtype for dtype in self.dtypes if dtype != "float32"]

    @property
    def statistics(self):
        return [tensor for tensor in self.tensors if tensor.role == "statistics"]

    @property
    def written_when(self):
        """The place among the arguments of the one that has statistics written; -1 without any."""
        names = [argument.name for argument in self.arguments]
        return names.index(self.statistics[0].written_when) if self.statistics else -1


def number(value):
    """A number as people write it: 1e-5, 2, 0.1, -0."""
    if not value or abs(value) >= 1e-3:
        return repr(value).removesuffix(".0")
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    fraction = "".join(map(str, digits[1:]))
    return f"{'-' * sign}{digits[0]}{'.' * bool(fraction)}{fraction}e{exponent + len(fraction)}"
