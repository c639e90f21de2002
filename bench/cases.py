"""The cases, from cases.json, sized for a machine, and the work of the operators."""
import dataclasses
import functools
import itertools
import json
import math
import pathlib
import re

from . import table
from .errors import BenchError

FILE = pathlib.Path(__file__).resolve().with_suffix(".json")
DENSE = ("contiguous", "channels_last")
LAYOUTS = (*DENSE, "padded", "transposed", "column")  # as bench/native/case.h has them
DATA = ("subnormal", "huge", "outliers", "nan", "infinite", "constant")
CLIFFS = "cliffs"
CURVE = 6  # sizes at least of a case that has "n" in its shape
LARGEST_CACHE = 64 << 20  # that counts: a virtual machine may show one of 300 MiB that others use, too
DEFAULT_CACHES = {"L1": 32 << 10, "L2": 512 << 10, "L3": 8 << 20}  # where the machine names none


@dataclasses.dataclass
class Case:
    id: str  # NAME/LEVEL/LAYOUT; LEVEL is "layer" for a layer of a model, "cliffs" for what may be slow
    op: str
    shape: list
    layout: str = "contiguous"
    arguments: dict = dataclasses.field(default_factory=dict)
    absent: list = dataclasses.field(default_factory=list)  # tensors that the call leaves out
    origin: str = ""
    data: str = ""  # of the input, where it is not the usual one
    plain: "Case | None" = None  # what a slow one is measured by: a usual case of the same size
    direction: str = "forward"
    dtype: str = "float32"

    @property
    def name(self):
        return self.id.split("/")[0]

    @property
    def level(self):
        return self.id.split("/")[1]

    @property
    def bytes(self):
        return table.BYTES[self.dtype] * math.prod(self.shape)

    def request(self):
        """As bench/native/case.h takes it."""
        return {"op": self.op, "direction": self.direction, "dtype": self.dtype, "shape": self.shape, "layout": self.layout,
                "arguments": self.arguments, "absent": self.absent, **({"data": self.data} if self.data else {}), **({"plain": self.plain.request()} if self.plain else {})}

    def identity(self):
        """What a row of a results file says of it."""
        return {"case": self.id, **self.request(), "origin": self.origin, "bytes": self.bytes,
                **({"plain": {"case": self.plain.id, "bytes": self.plain.bytes}} if self.plain else {})}


def output_layout(layout):
    """That of the output: only the input is transposed, or a column."""
    return "contiguous" if layout in ("transposed", "column") else layout


def level_bytes(caches, memory_bytes, tensors=2):
    """{level: bytes of one tensor}: all tensors of a call, two or a gradient's three, take at most three quarters of a cache and
    more than the level below; in DRAM, one is four times the last cache, and at most a sixteenth of the memory."""
    sizes, last = {}, 0
    for level, size in sorted({**(caches or DEFAULT_CACHES)}.items()):
        last = max(last, min(size, LARGEST_CACHE))
        sizes[level] = 1 << int(math.log2(min(size, LARGEST_CACHE) * 3 // (4 * tensors)))
    sizes["DRAM"] = 1 << int(math.log2(min(4 * last, memory_bytes // 16)))
    return sizes


def size_name(size, gap=""):
    """1.5MiB: a level's name where it is none of a cache."""
    unit, name = next(((u, n) for u, n in ((1 << 20, "MiB"), (1 << 10, "KiB")) if size >= u), (1, "B"))
    return f"{size / unit:.3g}{gap}{name}"


def curve_bytes(caches, memory_bytes, tensors=2):
    """{level: bytes of one tensor}, as level_bytes, and sizes halfway between those that lie farthest apart until there are as
    many as a curve has."""
    sizes = level_bytes(caches, memory_bytes, tensors)
    while len(sizes) < CURVE:
        ordered = sorted(sizes.values())
        low, high = max(zip(ordered, ordered[1:]), key=lambda pair: pair[1] / pair[0])
        if high <= 2 * low:
            break
        middle = 1 << round(math.log2(low * high) / 2)
        sizes[size_name(middle)] = middle
    return dict(sorted(sizes.items(), key=lambda level: level[1]))


def roof_bytes(machine, threads):
    """{level: bytes of one tensor that `threads` threads share}: each thread has caches of its own but for the last, which is
    all threads'. A level that the levels before it fill is left out."""
    sizes, own = {}, sorted(machine["caches"] or DEFAULT_CACHES)[:-1]
    for level, size in level_bytes(machine["caches"], machine["memory_bytes"]).items():
        size *= threads if level in own else 1
        if level == "DRAM":
            size = max([size, *(4 * s for s in sizes.values())])
        if size > max(sizes.values(), default=0):
            sizes[level] = size
    return sizes


@functools.cache
def read(path=FILE):
    """(the cases' rows, {operator: its work for one element}, {name: the row of a plain case})"""
    try:
        content = json.loads(path.read_text())
        rows = [*content["cases"], *({**row, "level": CLIFFS} for row in content.get("cliffs", []))]
        work_by_operator = content["work"]
    except (ValueError, KeyError, TypeError) as e:
        raise BenchError(f"{path.name}: expected an object with \"work\" and \"cases\": {e}") from e
    plain = {row["name"]: row for row in content.get("plain", [])}
    for row in (*rows, *plain.values()):
        check(path.name, row)
    for row in rows:
        if row.get("level") == CLIFFS and plain.get(row.get("plain"), {}).get("op") != row["op"]:
            raise BenchError(f"{path.name}: case {row['name']}: expected the name of a plain case of {row['op']}, got {row.get('plain')}")
    return rows, work_by_operator, plain


def work(op):
    rows, row = read()[1], table.operators(None).get(op)
    found = rows.get(row.forward, {}).get("gradient") if row and row.direction == "backward" else rows.get(op)
    if not found:
        raise BenchError(f"bench/{FILE.name}: work: no operator \"{op}\"")
    return found


def rows_of(direction):
    """The rows of a direction's cases: those that read() has, or their gradients."""
    rows = read()[0]
    return rows if direction == "forward" else list(filter(None, map(gradient_row, rows)))


def gradient_row(row):
    """The gradient of a row's call, which gets what that call leaves; None where the operator has none, and of slow cases."""
    op = table.gradient(row["op"])
    if op is None or row.get("level") == CLIFFS:
        return None
    arguments, tensors = ({item.name for item in items} for items in (op.arguments, op.tensors))
    return {**row, "name": f"{row['name']}-backward", "op": op.name,
            "arguments": {name: value for name, value in row.get("arguments", {}).items() if name in arguments},
            "absent": [name for name in row.get("absent", []) if name in tensors]}


def check(name, row):
    if not isinstance(row, dict) or not {"name", "op", "shape"} <= set(row):
        raise BenchError(f"{name}: a case has name, op and shape; got {row}")
    try:
        table.arguments(row["op"], row.get("arguments", {}))
        table.parameters(row["op"], row.get("absent", []))
    except BenchError as e:
        raise BenchError(f"{name}: case {row['name']}: {e}") from e
    for layout in row.get("layouts", []):
        if layout not in LAYOUTS:
            raise BenchError(f"{name}: case {row['name']}: no layout \"{layout}\"")
    for data in row.get("data", []):
        if data not in DATA:
            raise BenchError(f"{name}: case {row['name']}: no data \"{data}\"")


def expand(row, level, size, identity):
    """The cases of a row, one a layout and a kind of data; with `size`, "n" takes the value that comes nearest to it."""
    fixed = math.prod(d for d in row["shape"] if d != "n")
    n = max(1, round(size / table.BYTES[identity["dtype"]] / fixed)) if size else None
    shape = [n if d == "n" else d for d in row["shape"]]
    plain = plain_case(row["plain"], table.BYTES[identity["dtype"]] * fixed, identity) if "plain" in row else None
    for layout, data in itertools.product(row.get("layouts", ["contiguous"]), row.get("data", [""])):
        name = f"{row['name']}-{data}" if data else row["name"]
        yield Case(f"{name}/{level}/{layout}", row["op"], shape, layout, row.get("arguments", {}), row.get("absent", []),
                   row.get("origin", ""), data, plain, **identity)


def plain_case(name, size, identity):
    return next(expand(read()[2][name], "plain", size, identity))


def all_cases(machine, direction="forward", dtypes=("float32",)):
    """Those of the operators that have this direction and these element types."""
    return [case for dtype in dtypes for case in cases_of(machine, direction, dtype)]


def cases_of(machine, direction, dtype):
    cases = []
    for row in rows_of(direction):
        if dtype not in table.operator(row["op"]).dtypes:
            continue
        sizes = curve_bytes(machine["caches"], machine["memory_bytes"], table.whole_tensors(row["op"]))
        levels = sizes.items() if "n" in row["shape"] else [(row.get("level", "layer"), None)]
        for level, size in levels:
            cases += expand(row, level, size, {"direction": direction, "dtype": dtype})
    return cases


def few(cases):
    """Those that stand for all: of each operator, and of each of its ways that work() tells apart, the largest layer, in its
    layouts, and the size in memory."""
    found = {}
    for c in cases:
        way = tuple(bool(c.arguments.get(argument)) for argument in work(c.op).get("when", {}))
        of = (c.op, way, c.dtype, c.level, c.layout)
        if c.level in ("layer", "DRAM") and (of not in found or c.bytes > found[of].bytes):
            found[of] = c
    return list(found.values())


def select(cases, patterns, size):
    """Those that a pattern finds (a regular expression within the id). Without patterns, by the size of the run: "full" has all;
    "quick" layers and all sizes, contiguous, and few of types other than float32; "record" layers in every layout too."""
    if not patterns and size == "full":
        return cases
    if not patterns:
        usual = [c for c in cases if c.level != CLIFFS and (c.layout == "contiguous" or (size == "record" and c.level == "layer"))]
        narrow = few([c for c in usual if c.dtype != "float32"])
        return [c for c in usual if c.dtype == "float32" or c in narrow]
    chosen = []
    for pattern in patterns:
        try:
            found = [c for c in cases if re.search(pattern, c.id)]
        except re.error as e:
            raise BenchError(f"--case {pattern}: not a regular expression: {e}") from e
        if not found:
            names = ", ".join(sorted({c.name for c in cases}))
            raise BenchError(f"--case {pattern}: no case has an id like this. Ids are NAME/LEVEL/LAYOUT, names are {names}")
        chosen += [c for c in found if c not in chosen]
    return chosen
