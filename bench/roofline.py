"""What bounds a case: the bytes it must move against this machine's measured bandwidth at that size, and the multiplications
it does against the measured rate of fused multiply-adds."""
import dataclasses
import math

from . import cases, table

# Below this share of both limits, what bounds a case is neither: latency, the call itself, threads that start.
NEITHER = 0.5


@dataclasses.dataclass
class Point:
    bytes_moved: int
    multiplications: int
    seconds: float
    memory_share: float  # of the bandwidth
    compute_share: float  # of the rate of multiply-adds

    @property
    def bound(self):
        if max(self.memory_share, self.compute_share) < NEITHER:
            return "latency"
        return "memory" if self.memory_share >= self.compute_share else "arithmetic"

    @property
    def intensity(self):
        return self.multiplications / self.bytes_moved

    @property
    def rate(self):
        return self.multiplications / self.seconds


def work_of(row, accuracy):
    """(bytes moved, multiplications) of one call."""
    work = cases.work(row["op"])
    for argument, other in work.get("when", {}).items():
        work = other if row["arguments"].get(argument) else work
    per_element = work.get(accuracy, work["exact"])
    count = math.prod(row["shape"])
    return (work["reads"] + 1) * row["bytes"], per_element["multiply"] * count


def roof_for(results, threads):
    return next((r for r in results["roof"] if r["threads"] == threads), None)


def bandwidth(roof, size):
    """At the smallest measured size that is not below this one; beyond the last, the last."""
    levels = sorted(roof["bandwidth"], key=lambda b: b["bytes"])
    at = next((b for b in levels if b["bytes"] >= size), levels[-1])
    return at["read_write_per_second"]


def point(results, row, implementation):
    """The Point of one of Kiln's figures; None where the file has no roof or the figure is no time."""
    roof = roof_for(results, row["threads"])
    if roof is None or implementation["unit"] != "seconds" or implementation["best"] <= 0:
        return None
    moved, multiplications = work_of(row, implementation["name"].split("/")[1])
    seconds = implementation["best"]
    size = row["bytes"] * table.whole_tensors(row["op"]) / 2  # of each of a copy's two tensors that take as much
    return Point(moved, multiplications, seconds, moved / bandwidth(roof, size) / seconds,
                 multiplications / (roof["flops_per_second"] / 2) / seconds)
