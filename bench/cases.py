"""The cases, from cases.json, sized for a machine, and the work of the operators."""
import dataclasses
import functools
import json
import math
import pathlib
import re

from . import table
from .errors import BenchError

FILE = pathlib.Path(__file__).resolve().with_suffix(".json")
LAYOUTS = ("contiguous", "channels_last")
QUICK = ("layer", "L2", "DRAM")  # levels of the quick run, but where a row says others
DEFAULT_CACHES = {"L1": 32 << 10, "L2": 512 << 10, "L3": 8 << 20}  # where the machine names none


@dataclasses.dataclass
class Case:
    id: str  # NAME/LEVEL/LAYOUT; LEVEL is "layer" for a layer of a model
    op: str
    shape: list
    layout: str = "contiguous"
    arguments: dict = dataclasses.field(default_factory=dict)
    absent: list = dataclasses.field(default_factory=list)  # tensors that the call leaves out
    origin: str = ""
    quick: bool = True  # in the quick run, where it is contiguous
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
                "arguments": self.arguments, "absent": self.absent}

    def identity(self):
        """What a row of a results file says of it."""
        return {"case": self.id, **self.request(), "origin": self.origin, "bytes": self.bytes}


def level_bytes(caches, memory_bytes):
    """{level: bytes of one tensor}: two tensors take at most three quarters of a cache and more than the level below; in
    DRAM, one is four times the last cache, and at most a sixteenth of the memory."""
    sizes = {}
    for level, size in sorted({**(caches or DEFAULT_CACHES)}.items()):
        sizes[level] = 1 << int(math.log2(size * 3 // 8))
    last = max((caches or DEFAULT_CACHES).values())
    sizes["DRAM"] = 1 << int(math.log2(min(4 * last, memory_bytes // 16)))
    return sizes


@functools.cache
def read(path=FILE):
    """(the cases' rows, {operator: its work for one element})"""
    try:
        content = json.loads(path.read_text())
        rows, work_by_operator = content["cases"], content["work"]
    except (ValueError, KeyError, TypeError) as e:
        raise BenchError(f"{path.name}: expected an object with \"work\" and \"cases\": {e}") from e
    for row in rows:
        check(path.name, row)
    return rows, work_by_operator


def work(op):
    rows = read()[1]
    if op not in rows:
        raise BenchError(f"bench/{FILE.name}: work: no operator \"{op}\"")
    return rows[op]


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


def expand(row, level, size, identity):
    """The cases of a row, one a layout; with `size`, "n" takes the value that comes nearest to it."""
    fixed = math.prod(d for d in row["shape"] if d != "n")
    n = max(1, round(size / table.BYTES[identity["dtype"]] / fixed)) if size else None
    shape = [n if d == "n" else d for d in row["shape"]]
    for layout in row.get("layouts", ["contiguous"]):
        yield Case(f"{row['name']}/{level}/{layout}", row["op"], shape, layout, row.get("arguments", {}), row.get("absent", []),
                   row.get("origin", ""), level in row.get("quick", QUICK), **identity)


def all_cases(machine, direction="forward", dtype="float32"):
    """Those of the operators that have this direction and element type."""
    sizes = level_bytes(machine["caches"], machine["memory_bytes"])
    cases = []
    for row in read()[0]:
        op = table.operator(row["op"])
        if direction not in op.directions or dtype not in op.dtypes:
            continue
        levels = sizes.items() if "n" in row["shape"] else [("layer", None)]
        for level, size in levels:
            cases += expand(row, level, size, {"direction": direction, "dtype": dtype})
    return cases


def select(cases, patterns, quick):
    """Those that a pattern finds (a regular expression within the id); without patterns, all, or the quick ones: layers and
    the sizes of L2 and DRAM, but what a row's "quick" leaves out, contiguous."""
    if not patterns:
        return [c for c in cases if not quick or (c.quick and c.layout == "contiguous")]
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
