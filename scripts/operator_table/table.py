"""Reads and checks operators.toml. What is wrong is named by file, operator and key."""
import dataclasses
import pathlib
import re
import tomllib

from . import gradients, items
from .place import Place, TableError
from .rows import Operator

NORMALIZATIONS = ("channel_norm", "row_norm", "normalize", "window")
FAMILIES = ("elementwise", "elementwise_backward",
            *(f"{family}{of}" for of in ("", "_with_statistics", "_backward") for family in NORMALIZATIONS))
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def elements():
    """The element types, in the order of elements.def."""
    return tuple(re.findall(r"^KILN_ELEMENT\((\w+),", (ROOT / "elements.def").read_text(), re.MULTILINE))


IDENTITIES = {"accuracies": ("exact", "fast"), "dtypes": elements()}
DIRECTIONS = ("forward", "with_statistics", "backward")
MOST = 12  # tensors, and arguments: runtime/operator.h

TEXTS = ("family", "formula", "derivative", "doc", "source", "torch", "onnx")
REQUIRED = ("family", "formula", "torch", "onnx", "takes")
OPERATOR_KEYS = {**dict.fromkeys(TEXTS, str), "gradient": dict, "inplace": bool, **dict.fromkeys(("errors", "kernels", "takes", *IDENTITIES), list)}



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
    rows = table.get("operator", {})
    forward = [read_operator(place.at(f"operator.{name}"), name, {**defaults, **row}, shared, stages)
               for name, row in rows.items()]
    derived = [other for operator in forward
               for other in derived_from(place, operator, rows[operator.name], table.get("gradient", {}), shared)]
    for operator in derived:
        check(place.at(f"operator.{operator.name}"), operator, stages)
    derived = [dataclasses.replace(op, kernels_of_16_bits=of_16_bits(op.kernels, stages)) for op in derived]
    return forward + sorted(derived, key=lambda op: op.direction != "with_statistics")


def derived_from(place, operator, row, gradient, shared):
    """The operators that a row makes besides its own."""
    if operator.derivative:
        yield gradients.of_elementwise(place, operator, gradient)
    if "gradient" in row:
        place.at(f"operator.{operator.name}", "gradient").expect(not operator.elementwise, "of a normalization")
        made = gradients.Normalization(place, operator, row["gradient"], gradient, shared)
        yield from filter(None, (made.with_statistics(), made.backward()))


def of_16_bits(kernels, stages):
    return tuple(kernel for kernel in kernels if stages.get(kernel))


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
    takes = tuple(items.read(place.at("takes"), item, shared) for item in row["takes"])
    operator = Operator(name, takes=takes, errors=tuple(row.get("errors", ())), kernels=tuple(row.get("kernels", ())),
                        kernels_of_16_bits=of_16_bits(row.get("kernels", ()), stages),
                        inplace=row.get("inplace", False), **{key: row.get(key, "") for key in TEXTS}, **{key: tuple(row[key]) for key in IDENTITIES})
    check(place, operator, stages)
    return operator


def check(place, operator, stages):
    check_identities(place, operator)
    check_kernels(place.at("kernels"), operator, stages)
    check_takes(place.at("takes"), operator)


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


def check_takes(place, operator):
    tensors, arguments = operator.tensors, operator.arguments
    place.expect_distinct([item.name for item in operator.takes] + [a.count for a in arguments
                                                                    if a.type in ("extents", "dims")])
    place.expect(max(len(tensors), len(arguments)) <= MOST, f"expected at most {MOST} tensors and {MOST} arguments")
    roles = [getattr(item, "role", "") for item in operator.takes]
    place.expect(roles[0] == "input" and roles.count("input") == roles.count("output") == 1 and
                 not set(roles[roles.index("output"):]) - {"output", "result", "measured"},
                 "expected one input, the first, and one output, the last but for other results")
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
