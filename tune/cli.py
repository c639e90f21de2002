"""kiln-tune: finds the numbers of schedules/<target>.json on this machine. docs/tuning.md shows a run."""
import argparse
import os
import pathlib
import re
import shlex
import sys
import time

from bench.errors import BenchError
from bench.workers import Crew
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from . import kernels, schedule_file, spaces
from .errors import CandidateFailed, TuneError
from .study import Storage, Study
from .tuner import Search
from .workshop import Workshop

REPEATS, REPEAT_ROUNDS = 5, 5  # of the last comparison, with nothing else running
LEAST_GAIN = 0.02  # in each of them


def seconds(text):
    found = re.fullmatch(r"(\d+)([smh]?)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"expected a time like 90s, 30m or 2h, got {text}")
    return int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def positive(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {text}")
    return int(text)


def parser():
    p = argparse.ArgumentParser(prog="kiln-tune", description=__doc__)
    p.add_argument("--target", required=True, help="x86-64-avx512, x86-64-avx2, ...: a row of targets.def")
    p.add_argument("--op", action="append", default=[], metavar="REGEX", help="only kernels whose <operator>.<form> has this in it")
    p.add_argument("--trials", type=positive, help="candidates a kernel (default: all of its space)")
    p.add_argument("--time", type=seconds, help="at most so long, in even parts for the kernels: 30m")
    p.add_argument("--storage", help="SQLAlchemy URL of the studies (default: SQLite, BUILD/tune/studies.db)")
    p.add_argument("--study", default="kiln", help="name of the studies in the storage")
    p.add_argument("--runner", default="", help="starts candidates elsewhere, where files are seen under the same paths")
    p.add_argument("--dry-run", action="store_true", help="leave schedules/ as it is")
    p.add_argument("--build", default=str(kernels.ROOT / "build/release"), help="the build whose kernels are tuned")
    return p


def gain_of(workshop, present, best):
    """The share of time that the best candidate saves in the worst of several comparisons; nothing else runs meanwhile."""
    ratios = []
    for _ in range(REPEATS):
        *_, last = workshop.rounds(best, present, REPEAT_ROUNDS)
        ratios.append(last)
    return 1 - max(ratios)


class Tuning:
    def __init__(self, args):
        self.args, self.manifest = args, kernels.Manifest(args.build)
        self.target = kernels.target_named(args.target)
        self.folder = pathlib.Path(args.build) / "tune"
        self.folder.mkdir(exist_ok=True)
        self.storage = Storage(args.storage or f"sqlite:///{self.folder}/studies.db")
        self.runner = shlex.split(args.runner)
        self.machine = self.describe()
        self.units = kernels.units(self.manifest, self.target, schedule_file.read(self.target), spaces.read(), args.op)

    def describe(self):
        crew = Crew([*self.runner, str(pathlib.Path(self.args.build) / "bin/kiln_bench")], 60)
        try:
            machine = crew.ask({"do": "describe"})["machine"]
        finally:
            crew.stop()
        isa = kernels.isa_of(self.target)
        if isa not in machine["isas"]:
            raise TuneError(f"--target {self.args.target}: this machine's CPU runs {', '.join(machine['isas'])}")
        return machine

    def tune(self, unit, deadline, progress):
        space, points = unit.space, len(list(unit.space.points()))
        if unit.present is None:
            raise TuneError(f"schedules/{self.target}.json: the entry of {unit.name} lies outside its space")
        study = Study(self.storage, f"{self.args.study}/{self.target}/{unit.name}/{space.digest()}", space, unit.present,
                      {"cpu": self.machine["cpu"]})
        workshop = Workshop(self.manifest, unit, self.folder, self.machine["cpus"], self.runner)
        left = points - len(study.claims.points())
        bar = progress.add_task(unit.name, total=min(left, self.args.trials or left))

        def told(point, outcome):
            if isinstance(outcome, CandidateFailed):
                progress.console.print(f"{unit.name}: {outcome.kind}: {outcome} ({point})", markup=False, highlight=False)
            progress.update(bar, advance=1, description=f"{unit.name}, best {study.best()[1]:.3f} of the present time")
        Search(study, workshop, os.cpu_count(), self.args.trials, deadline, told).run()
        best, _ = study.best()
        try:
            gain = 0 if best == unit.present else gain_of(workshop, unit.present, best)
        finally:
            workshop.stop()
        self.conclude(unit, best, gain, len(study.finished()), points)

    def conclude(self, unit, best, gain, finished, points):
        real = gain >= LEAST_GAIN
        print(f"{unit.name}: {finished} of {points} candidates, "
              + (f"{gain:.1%} faster in each of {REPEATS} comparisons" if real else "the present schedule stays"), flush=True)
        if real and not self.args.dry_run:
            file = schedule_file.read(self.target)
            file["kernels"][unit.name] = {**unit.space.entry_of(best),
                                          "tuned": {"machine": self.machine["cpu"], "gain": round(gain, 3)}}
            schedule_file.write(self.target, file)

    def run(self):
        begun = time.monotonic()
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.description}"))
        with Progress(*columns, transient=True) as progress:
            for done, unit in enumerate(self.units):
                share = (done + 1) / len(self.units)
                self.tune(unit, begun + self.args.time * share if self.args.time else None, progress)


def main():
    args = parser().parse_args()
    try:
        Tuning(args).run()
        return 0
    except KeyboardInterrupt:
        print("\nInterrupted: finished candidates are kept; the same command goes on", file=sys.stderr)
        return 130
    except (TuneError, BenchError) as e:
        print(f"kiln-tune: error: {e}", file=sys.stderr)
        return 2
