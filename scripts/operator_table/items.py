"""An item of `takes`, a tensor or an argument, as a row of the table or [shared] writes it."""
import math

from .kinds import ROLES, SHAPES, TYPES
from .place import NUMBER
from .rows import MACHINE_EPSILON, Argument, Tensor

ALLOWED = {  # by type
    "boolean": ("any",),
    "integer": ("any", "at_least_one", "divisor_of_channels"),
    "real": ("any", "number", "at_least_zero"),
    "extents": ("trailing_extents",),
    "dims": ("distinct_dimensions",),
}
TENSOR_KEYS = {"role": str, "shape": str, "doc": str, "optional": bool, "identity": NUMBER, "least_rank": int,
               "written_when": str}
ARGUMENT_KEYS = {"type": str, "allowed": str, "doc": str, "default": object, "example": int}


def read(place, item, shared):
    """A tensor or an argument, from a name that is shared or a table."""
    item = {"name": item} if isinstance(item, str) else item
    place.expect(isinstance(item, dict) and "name" in item, f"expected a name, or a table with one, got {item!r}")
    name = item["name"]
    place.expect_name(name)
    place = place.at(name)
    like = item.get("like", name)
    place.expect(like in shared or "like" not in item, f"like: there is no [shared.{like}]")
    row = {key: value for key, value in {**shared.get(like, {}), **item}.items() if key not in ("name", "like")}
    place.expect(("role" in row) != ("type" in row), "expected a role (a tensor) or a type (an argument)")
    return read_tensor(place, name, row) if "role" in row else read_argument(place, name, row)


def read_tensor(place, name, row):
    place.expect_keys(row, TENSOR_KEYS)
    tensor = Tensor(name, **{"shape": "any", **row})
    place.at("role").expect_one_of(tensor.role, ROLES)
    place.at("shape").expect_one_of(tensor.shape, SHAPES)
    place.at("identity").expect(("identity" in row) == (tensor.role == "parameter" and tensor.optional),
                                "parameters that may be absent have one, and nothing else")
    place.at("written_when").expect(("written_when" in row) == (tensor.role == "statistics"),
                                    "statistics have it, and nothing else")
    place.at("least_rank").expect(tensor.role == "input" or not tensor.least_rank, "the input alone has one")
    place.at("shape").expect(tensor.role != "operand" or (tensor.shape == "input" and not tensor.optional),
                             "an operand has the input's shape, and is never absent")
    place.at("role").expect(tensor.role != "moment" or tensor.optional, "a moment may always be absent")
    place.at("doc").expect(tensor.doc or tensor.role in ("input", "output"), "expected, and not there")
    return tensor


def read_argument(place, name, row):
    place.expect_keys(row, ARGUMENT_KEYS)
    place.at("type").expect_one_of(row["type"], TYPES)
    argument = Argument(name, **{"allowed": ALLOWED[row["type"]][0], **row})
    place.at("allowed").expect_one_of(argument.allowed, ALLOWED[argument.type])
    place.at("doc").expect(argument.doc, "expected, and not there")
    if "default" in row:
        check_default(place.at("default"), argument)
    place.at("example").expect(("example" in row) == (argument.type == "integer" and "default" not in row),
                               "integers without default have one, and nothing else")
    return argument


def check_default(place, argument):
    value, kind = argument.default, argument.type
    if value == MACHINE_EPSILON and kind == "real":
        return
    fits = {"boolean": lambda: isinstance(value, bool),
            "integer": lambda: isinstance(value, int) and not isinstance(value, bool),
            "real": lambda: isinstance(value, NUMBER) and not isinstance(value, bool),
            "extents": lambda: False,
            "dims": lambda: isinstance(value, list) and all(type(dim) is int for dim in value)}
    place.expect(fits[kind](), f"{value!r} is not of the type {kind}")
    may_be = {"number": lambda: not math.isnan(value), "at_least_zero": lambda: value >= 0,
              "at_least_one": lambda: value >= 1, "divisor_of_channels": lambda: value >= 1,
              "distinct_dimensions": lambda: len(set(value)) == len(value)}
    place.expect(may_be.get(argument.allowed, lambda: True)(), f"{value!r} is not {argument.allowed}, which is allowed")
