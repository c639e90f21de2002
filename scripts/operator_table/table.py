"""Reads and checks operators.toml. What is wrong is named by file, operator and key."""
import dataclasses
import math
import pathlib
import re
import tomllib

from .kinds import ROLES, SHAPES, TYPES
from .rows import MACHINE_EPSILON, Argument, Operator, Tensor

FAMILIES = ("elementwise", "elementwise_backward", "channel_norm", "row_norm", "normalize", "window")
ALLOWED = {  # by type
    "boolean": ("any",),
    "integer": ("any", "at_least_one", "divisor_of_channels"),
    "real": ("any", "number", "at_least_zero"),
    "extents": ("trailing_extents",),
    "dims": ("distinct_dimensions",),
}
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def elements():
    """The element types, in the order of elements.def."""
    return tuple(re.findall(r"^KILN_ELEMENT\((\w+),", (ROOT / "elements.def").read_text(), re.MULTILINE))


IDENTITIES = {"accuracies": ("exact", "fast"), "dtypes": elements()}
DIRECTIONS = ("forward", "backward")
MOST = 8  # tensors, and arguments: runtime/operator.h

TEXTS = ("family", "formula", "derivative", "doc", "source", "torch", "onnx")
REQUIRED = ("family", "formula", "torch", "onnx", "takes")
OPERATOR_KEYS = {**dict.fromkeys(TEXTS, str), **dict.fromkeys(("errors", "kernels", "takes", *IDENTITIES), list)}
NUMBER = (int, float)
TENSOR_KEYS = {"role": str, "shape": str, "doc": str, "optional": bool, "identity": NUMBER, "least_rank": int,
               "written_when": str}
ARGUMENT_KEYS = {"type": str, "allowed": str, "doc": str, "default": object, "example": int}


class TableError(Exception):
    pass


class Place:
    """Where in the table a check is, which every message begins with."""

    def __init__(self, *parts):
        self.parts = parts

    def at(self, *parts):
        return Place(*self.parts, *parts)

    def fail(self, message):
        raise TableError(": ".join((*self.parts, message)))

    def expect(self, condition, message):
        if not condition:
            self.fail(message)

    def expect_one_of(self, value, known):
        self.expect(value in known, f"expected {', '.join(known)}, got {value!r}")

    def expect_keys(self, row, types):
        for key, value in row.items():
            self.expect(key in types, f"unknown key {key!r}; there are {', '.join(types)}")
            is_boolean = isinstance(value, bool) and types[key] in (int, NUMBER)
            fits = isinstance(value, types[key]) and not is_boolean
            self.expect(fits, f"{key}: got {value!r}, which is of another type")

    def expect_name(self, name):
        self.expect(isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]*", name),
                    f"expected a name of lower-case letters, digits and _, got {name!r}")

    def expect_distinct(self, names):
        for name in names:
            self.expect(names.count(name) == 1, f"{name!r} stands there {names.count(name)} times")


def stages_of(path):
    """The stages of stages.def, by name: whether there may be kernels of types of 16 bits."""
    rows = re.findall(r'^KILN_STAGE\((\w+),.*"([^"]*)"\)$', path.read_text(), re.MULTILINE)
    return {name: bool(forms) for name, forms in rows}


def load(path, stages):
    """The operators of the table, in its order; raises TableError."""
    place = Place(path.name)
    try:
        table = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        place.fail(str(error))
    place.expect_keys(table, {"defaults": dict, "shared": dict, "gradient": dict, "operator": dict})
    defaults, shared = table.get("defaults", {}), table.get("shared", {})
    place.at("defaults").expect_keys(defaults, dict.fromkeys(IDENTITIES, list))
    forward = [read_operator(place.at(f"operator.{name}"), name, {**defaults, **row}, shared, stages)
               for name, row in table.get("operator", {}).items()]
    return forward + [gradient_of(place, operator, table.get("gradient", {})) for operator in forward if operator.derivative]


def gradient_of(place, operator, gradients):
    """The operator that an elementwise one's derivative makes."""
    place.at(f"operator.{operator.name}", "derivative").expect(operator.family == "elementwise", "of an elementwise operator")
    place = place.at(f"gradient.{operator.family}")
    row = gradients.get(operator.family)
    place.expect(row, "expected, and not there")
    place.expect_keys(row, {"doc": str, "takes": list, "accuracies": list})
    takes = tuple(read_item(place.at("takes"), item, {}) for item in row.get("takes", ()))
    gradient = dataclasses.replace(
        operator, name=f"{operator.name}_backward", family=f"{operator.family}_backward", derivative="",
        formula=operator.derivative, doc=row.get("doc", ""), takes=takes,
        accuracies=tuple(row.get("accuracies", ())), direction="backward")
    check_identities(place, gradient)
    check_takes(place.at("takes"), gradient)
    return gradient


def chosen(operators, names):
    """Those of these names, or all where there are none; raises TableError."""
    known = [operator.name for operator in operators]
    if unknown := [name for name in names if name not in known]:
        raise TableError(f"KILN_OPERATORS: expected some of {', '.join(known)}, or all; got {', '.join(unknown)}")
    return [operator for operator in operators if not names or operator.name in names]


def read_operator(place, name, row, shared, stages):
    place.expect_name(name)
    place.expect_keys(row, OPERATOR_KEYS)
    for key in (*REQUIRED, *IDENTITIES):
        place.expect(row.get(key), f"{key}: expected, and not there")
    place.at("family").expect_one_of(row["family"], FAMILIES)
    takes = tuple(read_item(place.at("takes"), item, shared) for item in row["takes"])
    operator = Operator(name, takes=takes, errors=tuple(row.get("errors", ())), kernels=tuple(row.get("kernels", ())),
                        kernels_of_16_bits=tuple(kernel for kernel in row.get("kernels", ()) if stages.get(kernel)),
                        **{key: row.get(key, "") for key in TEXTS}, **{key: tuple(row[key]) for key in IDENTITIES})
    check_identities(place, operator)
    check_kernels(place.at("kernels"), operator, stages)
    check_takes(place.at("takes"), operator)
    return operator


def check_identities(place, operator):
    for key, known in IDENTITIES.items():
        for word in getattr(operator, key):
            place.at(key).expect_one_of(word, known)
        place.at(key).expect_distinct(getattr(operator, key))
    place.at("accuracies").expect("exact" in operator.accuracies, "expected exact among them")


def check_kernels(place, operator, stages):
    if operator.elementwise:
        place.expect(not operator.kernels, "an elementwise operator's kernels bear its name")
        return
    place.expect(operator.kernels, "expected one stage or more")
    place.expect_distinct(operator.kernels)
    for kernel in operator.kernels:
        place.expect(kernel in stages, f"stages.def has no stage {kernel!r}")


def read_item(place, item, shared):
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


def check_takes(place, operator):
    tensors, arguments = operator.tensors, operator.arguments
    place.expect_distinct([item.name for item in operator.takes] + [a.count for a in arguments
                                                                    if a.type in ("extents", "dims")])
    place.expect(max(len(tensors), len(arguments)) <= MOST, f"expected at most {MOST} tensors and {MOST} arguments")
    roles = [getattr(item, "role", "") for item in operator.takes]
    place.expect(roles[0] == "input" and roles[-1] == "output" and roles.count("input") == roles.count("output") == 1,
                 "expected one input, the first, and one output, the last")
    if operator.elementwise:
        place.expect(all(role in ("input", "operand", "output") for role in roles) and len(roles) <= 3,
                     "an elementwise operator takes input and output alone, and one operand at most")
    booleans = [argument.name for argument in arguments if argument.type == "boolean"]
    place.expect(len(operator.statistics) in (0, 2), "expected two statistics or none")
    for tensor in operator.statistics:
        same = tensor.written_when == operator.statistics[0].written_when
        place.at(tensor.name, "written_when").expect(same and tensor.written_when in booleans,
                                                     "expected a boolean argument, one for all statistics")
    of_channels = [t.name for t in tensors if t.shape == "channels"]
    of_channels += [a.name for a in arguments if a.allowed == "divisor_of_channels"]
    place.expect(not of_channels or tensors[0].least_rank >= 2, f"{of_channels} need an input with a least_rank of 2")
    for tensor in tensors:
        extents = [argument for argument in arguments if argument.type == "extents"]
        place.at(tensor.name, "shape").expect(tensor.shape != "normalized_shape" or len(extents) == 1,
                                              "expected one argument of type extents")
