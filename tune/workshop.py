"""Candidates of one kernel: built by the ordinary generator, linked in the place of the archive's kernel, held to the digests
of the repository, and timed in a process of their own beside the best so far."""
import hashlib
import math
import pathlib
import re
import shlex
import subprocess

from bench.errors import BenchError
from bench.workers import Crew

from .claims import key
from .errors import CandidateFailed
from .kernels import isa_of

BUILD_LIMIT, CHECK_LIMIT = 120, 120  # seconds
WRONG = "the digests are not the repository's: a schedule that changes bits is a bug"


def run(command, limit, kind, what):
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=limit, check=False)
    except subprocess.TimeoutExpired as e:
        raise CandidateFailed("hang", f"{what} had no end in {limit} s") from e
    if done.returncode < 0:
        raise CandidateFailed("crash", f"{what} was killed by signal {-done.returncode}")
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no message"]
        raise CandidateFailed(kind, f"{what}: {last[0]}")


class Workshop:
    """For one unit (kernels.py)."""

    def __init__(self, manifest, unit, folder, cpus, runner=(), limit=60):
        self.manifest, self.unit, self.cpus, self.runner, self.limit = manifest, unit, cpus, list(runner), limit
        self.folder = pathlib.Path(folder) / unit.kernel.symbol
        self.isa = isa_of(unit.kernel.target)
        self.crews = {}

    def place(self, point):
        return self.folder / hashlib.sha256(key(point).encode()).hexdigest()[:16]

    def prepare(self, point):
        """Built and checked; nothing is done twice."""
        place = self.place(point)
        if (place / "checked").exists():
            return
        place.mkdir(parents=True, exist_ok=True)
        objects = [self.build_kernel(point, place), *self.build_row(point, place)]
        for program in self.manifest.programs:
            self.link(program, objects, place)
        run([*self.runner, str(place / "candidate_check"), f"--gtest_filter=*_on_{self.isa}"], CHECK_LIMIT, "wrong results", WRONG)
        (place / "checked").touch()

    def build_kernel(self, point, place):
        kernel = self.unit.kernel
        numbers = [f"{n}={point[f'generator.{n}']}" for n in self.unit.space.parts["generator"]]
        run([kernel.generator, "-g", kernel.name, "-f", kernel.symbol, "-o", str(place), "-e", "object",
             f"target={kernel.halide}", *kernel.identity, *numbers], BUILD_LIMIT, "build", f"generator {kernel.name}")
        return place / f"{kernel.symbol}.o"

    def build_row(self, point, place):
        """The operator's list of kernels with this candidate's grain, where the space has it."""
        if "runtime.grain" not in point:
            return []
        kernel, source = self.unit.kernel, place / "operator.cpp"
        text = pathlib.Path(kernel.source).read_text()
        row = rf"(\({kernel.symbol}\), )\d+"
        if not re.search(row, text):
            raise CandidateFailed("build", f"{kernel.source}: expected a row of {kernel.symbol}")
        source.write_text(re.sub(row, rf"\g<1>{point['runtime.grain']}", text))
        command = shlex.split(self.manifest.compile_command(kernel.source))
        command[command.index("-o") + 1] = str(place / "operator.o")
        command[command.index(kernel.source)] = str(source)
        run(command, BUILD_LIMIT, "build", "the operator's rows")
        return [place / "operator.o"]

    def link(self, program, objects, place):
        """A kernel that is linked ahead of the archive keeps the archive's from being taken."""
        parts = self.manifest.programs[program]
        run([self.manifest.compiler, "-o", str(place / program), *parts["objects"], *map(str, objects), "-Wl,--start-group",
             self.manifest.archive, *(lib for lib in parts["libraries"] if not lib.startswith("-")), "-Wl,--end-group",
             *(lib for lib in parts["libraries"] if lib.startswith("-"))], BUILD_LIMIT, "build", f"linking {program}")

    def crew(self, point):
        """The process that times a candidate."""
        place = self.place(point)
        if place not in self.crews:
            self.prepare(point)
            self.crews[place] = Crew([*self.runner, str(place / "kiln_bench")], self.limit)
        return self.crews[place]

    def ask(self, point, request):
        try:
            return self.crew(point).ask(request)
        except BenchError as e:
            raise CandidateFailed("hang" if "gave no answer" in str(e) else "crash", str(e)) from e

    def requests(self):
        accuracy = self.unit.kernel.accuracy
        for case in self.unit.space.cases:
            threads = self.cpus if case["threads"] == "all" else case["threads"]
            yield {"do": "open", "case": {n: v for n, v in case.items() if n != "threads"}, "threads": threads,
                   "isas": [self.isa], "only": [f"kiln/{accuracy}/{self.isa}"], "seconds": 0.002,
                   "pause": 0.02 if threads > 1 else 0}

    def rounds(self, point, best, count):
        """Round by round, the geometric mean over the cases of the candidate's time over the best's, the least of each so far."""
        pair = [point, best]
        least = {}
        for _ in range(count):
            for i, request in enumerate(self.requests()):
                for who, each in enumerate(pair):
                    self.ask(each, request)
                    sample = self.ask(each, {"do": "round"})["contestants"][0]["samples"][0]
                    least[i, who] = min(sample, least.get((i, who), math.inf))
            logs = [math.log(least[i, 0] / least[i, 1]) for i in range(len(self.unit.space.cases))]
            yield math.exp(sum(logs) / len(logs))
        self.forget(point)

    def forget(self, point):
        """Ends a process that is not needed for what comes next."""
        crew = self.crews.pop(self.place(point), None)
        if crew:
            crew.stop()

    def stop(self):
        for crew in self.crews.values():
            crew.stop()
        self.crews = {}
