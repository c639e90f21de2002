"""Candidates of one kernel: built by the ordinary generator, linked in the place of the archive's kernel, held to the digests
of the repository, and timed in a process of their own beside the reference."""
import dataclasses
import hashlib
import pathlib
import shlex
import shutil

from . import timing
from .locks import key
from .errors import CandidateFailed
from .families import VARIABLE
from .kernels import devices, isa_of
from .link import LIMIT, link, run

CHECK_LIMIT = 120  # seconds
WRONG = "the digests are not the repository's: a schedule that changes bits is a bug"


def checks_of(kernel, device):
    """(the program, patterns of its tests) that a candidate has to pass: the digests, and of types of 16 bits all small lengths
    too, which those of float32 have in them."""
    if device:
        return "device_check", ["*"]
    return "candidate_check", ["*/Digests.*"] if kernel.dtype == "float32" else ["*Types.Digests*", "*Types.EveryTailAndAlignment*"]


class Builder:
    """For one unit (kernels.py). `runner`: where candidates are timed. They are checked on this machine, or by the emulator
    that the build names."""

    def __init__(self, manifest, unit, folder, cpus, runner, limit=60):
        self.manifest, self.unit, self.cpus, self.runner, self.limit = manifest, unit, cpus, runner, limit
        self.folder = pathlib.Path(folder) / unit.kernel.symbol
        self.device = devices().get(unit.kernel.target)  # None for a CPU
        self.where = self.device or isa_of(unit.kernel.target)
        self.check, self.tests = checks_of(unit.kernel, self.device)
        self.timers = {}  # {place: Timer}

    def place(self, point):
        return self.folder / hashlib.sha256(key(point).encode()).hexdigest()[:16]

    def prepare(self, point):
        """Built and checked; nothing is done twice for the same build."""
        place = self.place(point)
        checked, made_from = place / "checked", self.manifest.fingerprint(self.unit.kernel)
        if checked.exists() and checked.read_text() == made_from:
            return
        place.mkdir(parents=True, exist_ok=True)
        objects = [self.build_kernel(point, place), *self.build_row(point, place)]
        for program in ("kiln_bench", self.check):
            link(self.manifest, program, objects, place)
        run([*self.manifest.emulator, str(place / self.check), f"--gtest_filter={':'.join(f'{t}_on_{self.where}' for t in self.tests)}"],
            CHECK_LIMIT * (10 if self.manifest.emulator else 1), "wrong results", WRONG, **{VARIABLE: self.unit.family})
        for made in [*objects, place / self.check]:
            made.unlink()
        checked.write_text(made_from)

    def retain(self, points):
        """The trees of all other candidates go."""
        wanted = {self.place(p) for p in points}
        self.keep(*points)
        for place in self.folder.glob("*"):
            if place not in wanted:
                shutil.rmtree(place)

    def remove(self):
        """All that was built."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def code(self):
        """Of the kernel's generator and everything in it: a hash of what it makes of the first point, the same for all that
        serve a unit, whatever their symbols are."""
        place = self.folder / "code"
        place.mkdir(parents=True, exist_ok=True)
        content = self.build_kernel(next(self.unit.space.points()), place, "kiln_kernel").read_bytes()
        shutil.rmtree(place)
        return hashlib.sha256(content).hexdigest()[:12]

    def build_kernel(self, point, place, symbol=None):
        kernel, symbol = self.unit.kernel, symbol or self.unit.kernel.symbol
        numbers = [f"{n}={point[f'generator.{n}']}" for n in self.unit.space.parts["generator"]]
        run([kernel.generator, "-g", kernel.name, "-f", symbol, "-o", str(place), "-e", "object",
             f"target={kernel.halide}", *kernel.identity, *numbers], LIMIT, "build", f"generator {kernel.name}")
        return place / f"{symbol}.o"

    def build_row(self, point, place):
        """The list of kernels that has it with this candidate's grain, where the space has it."""
        if "runtime.grain" not in point:
            return []
        kernel = self.unit.kernel
        candidate = dataclasses.replace(kernel, grain=point["runtime.grain"])
        rows = [candidate if k == kernel else k for k in self.manifest.listed if k.source == kernel.source]
        (place / "kernels").mkdir(exist_ok=True)
        (place / f"kernels/{kernel.list_name}.inc").write_text("".join(k.row() for k in rows) + "#undef KILN_KERNEL\n")
        command = shlex.split(self.manifest.compile_command(kernel.source))
        command[command.index("-o") + 1] = str(place / "operator.o")
        run([command[0], f"-I{place}", *command[1:]], LIMIT, "build", "the operator's rows")
        return [place / "operator.o"]

    def cases(self):
        """The space's cases, as a timer takes them."""
        accuracy = self.unit.kernel.accuracy
        for case in self.unit.space.cases:
            threads = self.cpus if case["threads"] == "all" else case["threads"]
            on = {"device": self.device} if self.device else {"isas": [self.where]}
            yield {"case": {n: v for n, v in case.items() if n not in ("name", "threads")}, "threads": threads, **on,
                   "only": [f"kiln/{accuracy}/{self.where}"], "seconds": 0.002, "pause": 0.02 if threads > 1 else 0}

    def timer_of(self, place):
        """Of the kiln_bench in a folder."""
        if place not in self.timers:
            self.timers[place] = timing.Timer(self.runner.command(place / "kiln_bench"), list(self.cases()), self.limit)
        return self.timers[place]

    def timer(self, point):
        self.prepare(point)
        return self.timer_of(self.place(point))

    def rounds(self, point, reference, count):
        """Round by round, the candidate's time over the reference's in each case."""
        pair = [self.timer(point), self.timer(reference)]
        self.keep(point, reference)
        try:
            return timing.rounds(pair, count)[0]
        finally:
            self.keep(reference)

    def keep(self, *points):
        """Ends the processes of others: their tensors take memory."""
        wanted = [self.place(p) for p in points]
        for place in [p for p in self.timers if p not in wanted]:
            self.timers.pop(place).stop()

    def stop(self):
        self.keep()
