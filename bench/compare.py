"""`bench compare OLD NEW`: what of Kiln's got slower and what faster, beyond the noise; status 1 where something got slower.

The change of a figure is new best / old best, over the machine's own change, which is the median change of copy in the cases
that both files have, where that is a slowdown. Noise is how far a file's median lies above its best round, both files'
together. Slower: beyond the noise and the tolerance (times 5 %, counts 1 %)."""
import collections
import dataclasses
import statistics

from rich import box
from rich.table import Table

from . import results
from .errors import BenchError
from .show import console

TOLERANCE = {"seconds": 0.05, "instructions": 0.01, "cycles": 0.01}


@dataclasses.dataclass
class Change:
    case: str
    dtype: str
    threads: int
    implementation: str
    unit: str
    old: float
    new: float
    factor: float  # over the machine's
    noise: float
    tolerance: float

    @property
    def verdict(self):
        limit = 1 + self.tolerance + self.noise
        return "slower" if self.factor > limit else "faster" if self.factor < 1 / limit else ""


Key = collections.namedtuple("Key", "case direction dtype shape threads implementation unit obtained")


def figures(file):
    """{Key: implementation}"""
    return {Key(r["case"], r["direction"], r["dtype"], tuple(r["shape"]), r["threads"], c["name"], c["unit"], c["obtained"]): c
            for r in file["rows"] if "implementations" in r for c in r["implementations"]}


def spread(implementation):
    return implementation["median"] / implementation["best"] - 1 if implementation["best"] > 0 else 0


def machine_factor(old, new):
    """Never below 1: a machine that copies faster than before forgives nothing and accuses nobody."""
    changes = [new[key]["best"] / old[key]["best"] for key in old
               if key in new and key.implementation in ("copy/memcpy", "copy/loop") and key.unit == "seconds"
               and old[key]["best"] > 0]
    return max(1.0, statistics.median(changes)) if changes else 1.0


def changes(old_file, new_file, tolerance=None, everything=False):
    old, new = figures(old_file), figures(new_file)
    factor = machine_factor(old, new)
    found = []
    for key in old:
        if key not in new or old[key]["best"] <= 0 or not (everything or key.implementation.startswith("kiln/")):
            continue
        change = new[key]["best"] / old[key]["best"] / (factor if key.unit == "seconds" else 1)
        found.append(Change(key.case, key.dtype, key.threads, key.implementation, key.unit, old[key]["best"], new[key]["best"], change,
                            spread(old[key]) + spread(new[key]), TOLERANCE[key.unit] if tolerance is None else tolerance))
    return factor, found


def value(change, which):
    figure = getattr(change, which)
    return f"{1e6 * figure:.4g} us" if change.unit == "seconds" else f"{figure:.0f}"


def compare(args):
    old, new = results.read(args.old), results.read(args.new)
    factor, found = changes(old, new, args.tolerance, args.all)
    if not found:
        raise BenchError(f"{args.old} and {args.new} have no figure in common ({', '.join(Key._fields)})")
    for name, before, after in (("CPU", old["machine"]["cpu"], new["machine"]["cpu"]),
                                ("compiler", old["machine"]["compiler"], new["machine"]["compiler"])):
        if before != after:
            console.print(f"another {name}: {before}, then {after}")
    if factor > 1:
        console.print(f"the machine itself copies {factor:.2f} times slower than before; changes are over that")
    told = [c for c in found if c.verdict]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("case", "threads", "implementation", "old", "new", "factor", "noise", ""):
        table.add_column(name, justify="left" if name in ("case", "implementation", "") else "right",
                         overflow="fold")
    for c in sorted(told, key=lambda c: -c.factor):
        table.add_row(c.case + results.dtype_words(c.dtype), str(c.threads), c.implementation, value(c, "old"), value(c, "new"), f"{c.factor:.3f}",
                      f"{c.noise:.3f}", c.verdict, style="red" if c.verdict == "slower" else "green")
    if told:
        console.print(table)
    failed = {(r["case"], r["dtype"], r["threads"]) for r in new["rows"] if "failure" in r}
    lost = sorted(failed & {(r["case"], r["dtype"], r["threads"]) for r in old["rows"] if "implementations" in r})
    for case, dtype, threads in lost:
        console.print(f"{case}{results.dtype_words(dtype)}, {threads} threads: had figures before, failed now")
    slower = [c for c in told if c.verdict == "slower"]
    console.print(f"{len(found)} figures in both: {len(slower)} slower, {len(told) - len(slower)} faster, "
                  f"{len(found) - len(told)} the same within noise")
    return 1 if slower or lost else 0
