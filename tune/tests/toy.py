"""A builder without machines: a point's time is a formula, and time passes on a clock that only it moves."""
import threading


from tune.errors import CandidateFailed
from tune.spaces import Space


class Clock:
    def __init__(self):
        self.now, self.lock = 0.0, threading.Lock()

    def __call__(self):
        return self.now

    def pass_by(self, seconds):
        with self.lock:
            self.now += seconds


def space(widths=(1, 2, 4, 8, 16), unrolls=(1, 2, 3, 4, 5, 6), constraints=("width * unroll <= 64",)):
    return Space({"generator.width": list(widths), "generator.unroll": list(unrolls)}, list(constraints), [], {"lanes": 8})


def point(width, unroll):
    return {"generator.width": width, "generator.unroll": unroll}


def seconds(at):
    """Least at width 8, unroll 3."""
    return 1 + abs(at["generator.width"] - 8) / 4 + abs(at["generator.unroll"] - 3) / 2


class Builder:
    """`bad`: {(width, unroll): kind of failure}. `log`: what was measured, a line for a candidate's rounds."""

    def __init__(self, clock, bad=None, log=None, pause=None):
        self.clock, self.bad, self.log, self.pause = clock, bad or {}, log, pause
        self.prepared, self.measured, self.retained = [], [], []

    def prepare(self, at):
        self.prepared.append(at)
        kind = self.bad.get((at["generator.width"], at["generator.unroll"]))
        if kind:
            raise CandidateFailed(kind, f"{kind} on purpose")

    def rounds(self, at, reference, count):
        if self.pause:
            self.pause()
        for _ in range(count):
            self.clock.pass_by(seconds(at) + seconds(reference))
        self.measured.append(at)
        if self.log:
            with open(self.log, "a", encoding="ascii") as f:
                f.write(f"{at['generator.width']} {at['generator.unroll']} {count}\n")
        return [[seconds(at) / seconds(reference)]] * count

    def retain(self, points):
        self.retained = points

    def stop(self):
        pass
