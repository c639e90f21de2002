"""A machine without hardware: times of programs on it pass on a clock that only they move. They are noisy, some are far off,
and the machine gets slower and faster by tens of percent while a study lasts."""
import math
import random

from tune import timing


class Machine:
    """`noise`: of one time, in its logarithm. `spikes`: share of times that something else takes part of. `drift`: of the
    machine's speed, up and down within `period` seconds."""

    def __init__(self, seed, noise=0.04, spikes=0.04, drift=0.3, period=40):
        self.random, self.now = random.Random(seed), 0.0
        self.noise, self.spikes, self.drift, self.period = noise, spikes, drift, period

    def time(self, seconds):
        wave = math.sin(2 * math.pi * self.now / self.period)
        took = seconds * (1 + self.drift * wave) * math.exp(self.random.gauss(0, self.noise))
        if self.random.random() < self.spikes:
            took *= 1 + 2 * self.random.random()
        self.now += took
        return took


class Timer:
    """As timing.Timer: a candidate that takes so many seconds in each case."""

    def __init__(self, machine, seconds):
        self.machine, self.cases = machine, seconds

    def seconds(self, i):
        return self.machine.time(self.cases[i])

    def leave(self, i):
        pass


def ratios(machine, seconds, reference, count):
    """[[ratio a case] a round] of a candidate."""
    pair = [Timer(machine, seconds), Timer(machine, reference)]
    return timing.rounds(pair, count)[0]
