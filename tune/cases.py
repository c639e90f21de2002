"""What candidates of a kernel are timed on: cases of the benchmark and a space's own, sized for the caches of a machine, on
one thread and on all. A case that a kernel of another shape class serves is none of this one's."""
import fnmatch
import math

from bench import cases as benchmark
from bench import table

from .errors import TuneError

USUAL = {"caches": benchmark.DEFAULT_CACHES, "memory_bytes": 16 << 30}  # of a machine that is not known


def rows_of(entry, kernel):
    """Those of the benchmark that an entry's patterns name ("!" before one that names none), of the kernel's operator where
    it is no stage of several; an entry that names none is one itself."""
    if "bench" not in entry:
        return [{"name": entry.get("op", kernel.op), "op": kernel.op, **entry}]
    wanted = [p for p in entry["bench"] if not p.startswith("!")]
    unwanted = [p[1:] for p in entry["bench"] if p.startswith("!")]
    rows = [row for row in benchmark.read()[0] if row.get("level") != benchmark.CLIFFS
            and any(fnmatch.fnmatchcase(row["name"], p) for p in wanted)
            and not any(fnmatch.fnmatchcase(row["name"], p) for p in unwanted)]
    own = [row for row in rows if row["op"] == kernel.op or kernel.op not in table.operators()]
    return [{**row, "arguments": {**row.get("arguments", {}), **entry.get("arguments", {})}} for row in own]


def extent(form, case):
    """The one that a shape class is about (docs/speed/schedules.md has the same table)."""
    shape, arguments = case["shape"], table.arguments(case["op"], case["arguments"])
    if form == "dense":
        return math.prod(shape)
    if form == "strided":
        return shape[-1]
    if form == "rows":
        return math.prod(arguments["normalized_shape"])
    if "dim" in arguments:
        dim, = arguments["dim"]
        return shape[dim] if form == "contiguous" else math.prod(shape[dim + 1:])
    return math.prod(shape[2:]) if form == "contiguous" else shape[1]


def sized(row, entry, machine, identity):
    """The row at each level of the caches that its entry names, all where it names none; as it is without "n"."""
    sizes = benchmark.level_bytes(machine["caches"], machine["memory_bytes"])
    levels = entry.get("levels", list(sizes)) if "n" in row["shape"] else ["layer"]
    for level in levels:
        if level in sizes or level == "layer":  # a machine may have no L3
            yield from benchmark.expand({**row, "layouts": [entry.get("layout", "contiguous")]}, level, sizes.get(level), identity)


def on_threads(case, entry, least_task):
    """On one thread and, but for what is a single task, on all; or as the entry says."""
    if "threads" in entry:
        return [entry["threads"]]
    return [1, "all"] if least_task and math.prod(case.shape) >= 2 * least_task else [1]


def of_kernel(entries, kernel, within, least_task, machine=None):
    """Requests of bench/native/session.h, with "name" and "threads". `within`: the extents (above, up to, None for no end)
    that the kernel serves. `least_task`: the least number of elements that may be a task; None where there are none."""
    identity, (above, up_to), found = {"direction": kernel.direction, "dtype": kernel.dtype}, within, []
    for entry in entries:
        for row in rows_of(entry, kernel):
            for case in sized(row, entry, machine or USUAL, identity):
                request = case.request()
                if above is not None and not above < extent(kernel.form, request) <= (up_to or math.inf):
                    continue
                for threads in on_threads(case, entry, least_task):
                    found.append({**request, "name": name_of(row, case, threads), "threads": threads})
    if not found:
        raise TuneError(f"the space of {kernel.name_of_form} has no case whose extent lies above {above}"
                        + f" and up to {up_to}" * bool(up_to))
    return found


def name_of(row, case, threads):
    """The same on all machines, whatever their caches are."""
    words = [case.name, "x".join(map(str, row["shape"])), *([case.level] if "n" in row["shape"] else []),
             case.layout.replace("_", "-")]
    return f"{' '.join(words)}, {'all threads' if threads == 'all' else '1 thread'}"
