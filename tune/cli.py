"""kiln-tune: finds the numbers of schedules/<target>.json on this machine. docs/speed/tuning.md shows a run."""
import argparse
import os
import pathlib
import re
import sys
import time

from bench.cli import add_identity, add_runner
from bench.errors import BenchError
from bench.runner import Runner
from bench.workers import RestartingWorker
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from . import figures, kernels, record, report, schedule_file, spaces
from .final_comparison import REPEATS, compare_finalists
from .errors import CandidateFailed, TuneError
from .study import Storage, Study
from .tuner import Search
from .builder import Builder

FINALISTS = 3  # candidates in the final comparison
LEAST_GAIN = 0.02  # in each repeat of the final comparison


def seconds(text):
    found = re.fullmatch(r"(\d+)([smh]?)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"expected a time like 90s, 30m or 2h, got {text}")
    return int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def pattern(text):
    try:
        re.compile(text)
    except re.error as e:
        raise argparse.ArgumentTypeError(f"expected a regular expression, got {text}: {e}") from e
    return text


def positive(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {text}")
    return int(text)


def parser():
    p = argparse.ArgumentParser(prog="kiln-tune", description=__doc__)
    p.add_argument("--target", help="x86-64-avx512, x86-64-avx2, cuda-sm80, ...: a row of targets.def or devices.def "
                   "(default: the best that this CPU runs; with --report, all that have studies)")
    p.add_argument("--op", action="append", default=[], type=pattern, metavar="REGEX", help="only kernels whose <operator>.<form> has this in it")
    add_identity(p)
    p.add_argument("--trials", type=positive, help="candidates a kernel (default: all of its space)")
    p.add_argument("--time", type=seconds, help="search so long, what is left in even parts for the kernels that are left: 30m")
    p.add_argument("--storage", help="SQLAlchemy URL of the studies (default: SQLite, BUILD/tune/studies.db)")
    p.add_argument("--study", default="kiln", help="name of the studies in the storage")
    add_runner(p)
    p.add_argument("--emulated", action="store_true", help="the runner is an emulator, whose times are no speed: as --dry-run. A device "
                   "that is a CPU or a simulator counts as one")
    p.add_argument("--no-baselines", action="store_true", help="leave Halide's autoschedulers out of the final comparison")
    p.add_argument("--dry-run", action="store_true", help="leave schedules/ as it is")
    p.add_argument("--report", action="store_true", help="search nothing; write what the studies say as an HTML page")
    p.add_argument("--out", help="the page (default: BUILD/tune/report.html)")
    p.add_argument("--build", help="the build whose kernels are tuned (default: build/release, build/aarch64 for its target)")
    return p


def build_of(args):
    """The folder that is tuned."""
    cross = (args.target or "").startswith("aarch64")
    return pathlib.Path(args.build or kernels.ROOT / "build" / ("aarch64" if cross else "release"))


def storage_of(args):
    folder = build_of(args) / "tune"
    return Storage(args.storage or f"sqlite:///{folder}/studies.db")


class Tuning:
    def __init__(self, args):
        self.args, build = args, build_of(args)
        self.manifest, self.folder = kernels.Manifest(build), build / "tune"
        self.folder.mkdir(exist_ok=True)
        self.storage = storage_of(args)
        self.runner = Runner(args.runner, args.send_to)
        self.target = kernels.target_named(args.target) if args.target else None  # of this CPU, the best: describe()
        self.machine = self.describe(build)
        self.units = kernels.units(self.manifest, self.target, spaces.read(), args.op, args.direction, args.dtype)

    def describe(self, build):
        device = kernels.devices().get(self.target)
        worker = RestartingWorker(self.runner.command(build / "bin/kiln_bench"), 60)
        try:
            described = worker.ask({"do": "describe", **({"device": device} if device else {})})
        finally:
            worker.stop()
        machine = described["machine"]
        if device:
            self.args.emulated = self.args.emulated or described["device"]["emulated"]
            return {**machine, "cpu": described["device"]["name"]}
        self.target = self.target or kernels.target_of_isa(machine["isas"][0], machine["architecture"])
        isa = kernels.isa_of(self.target)
        if isa not in machine["isas"]:
            raise TuneError(f"--target {self.args.target}: this machine's CPU runs {', '.join(machine['isas'])}")
        return machine

    def tune(self, unit, deadline, progress):
        space, present = unit.space, unit.present(schedule_file.read(self.target))
        if present is None:
            raise TuneError(f"schedules/{self.target}.json: the entry of {unit.name} lies outside its space")
        points = len(list(space.points()))
        name = f"{self.args.study}/{self.target}/{unit.kernel.direction}/{unit.kernel.dtype}/{unit.name}/{space.digest()}"
        study = Study(self.storage, name, space, present, {"cpu": self.machine["cpu"]})
        builder = Builder(self.manifest, unit, self.folder, self.machine["cpus"], self.runner)
        left = points - len(study.locks.points())
        bar = progress.add_task(unit.name, total=min(left, self.args.trials or left))

        def told(point, outcome):
            if isinstance(outcome, CandidateFailed):
                progress.console.print(f"{unit.name}: {outcome.kind}: {outcome} ({point})", markup=False, highlight=False)
            progress.update(bar, advance=1, description=f"{unit.name}, best {study.best()[1]:.3f} of the present time")
        try:
            Search(study, builder, os.cpu_count(), self.args.trials, deadline, told).run()
            progress.update(bar, description=f"{unit.name}, the final comparison")
            found = compare_finalists(builder, present, study.leaders(FINALISTS), not self.args.no_baselines)
        except CandidateFailed as e:
            print(f"{unit.name}: no final comparison: {e.kind}: {e}", flush=True)
            return
        finally:
            builder.stop()
            progress.remove_task(bar)
        self.conclude(unit, study, present, found, points)

    def conclude(self, unit, study, present, found, points):
        gain = 1 - 1 / min(found["gains"], default=1)
        written = gain >= LEAST_GAIN and not (self.args.dry_run or self.args.emulated)
        record.write(study.optuna, present=present, written=written, emulated=self.args.emulated, cases=unit.space.cases, **found)
        baselines = ", ".join(f"{n} {a['ratio']:.2f}" if "ratio" in a else f"{n} none" for n, a in found["baselines"].items())
        print(f"{unit.name}: {len(study.finished())} of {points} candidates, "
              + (f"{gain:.1%} faster in each of {REPEATS} comparisons" if gain >= LEAST_GAIN else "the present schedule stays")
              + f"; times of baselines over the best's: {baselines}" * bool(baselines), flush=True)
        if written:
            numbers = {**unit.space.entry_of(found["best"]), "tuned": {"machine": self.machine["cpu"], "gain": round(gain, 3)}}
            file = schedule_file.read(self.target)
            kernels.entries_of(file, unit.kernel)[unit.kernel.key] = unit.updated(file, numbers)
            schedule_file.write(self.target, file)

    def run(self):
        begun = time.monotonic()
        if self.args.emulated:
            print("the times are an emulator's, and no speed: schedules/ stays as it is")
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.description}"))
        with Progress(*columns, transient=True) as progress:
            whole = progress.add_task("kernels", total=len(self.units))
            for done, unit in enumerate(self.units):
                now = time.monotonic()
                left = begun + self.args.time - now if self.args.time else None
                self.tune(unit, left and now + left / (len(self.units) - done), progress)
                progress.advance(whole)


def write_report(args):
    target = kernels.target_named(args.target) if args.target else None
    if not args.storage and not (build_of(args) / "tune/studies.db").exists():
        raise TuneError(f"--report: {build_of(args)}/tune has no studies; a run of kiln-tune makes them, --storage names others")
    report.write(storage_of(args), figures.Wanted(args.study, target, args.direction, args.dtype, tuple(args.op)),
                 args.out or str(build_of(args) / "tune/report.html"))


def main():
    args = parser().parse_args()
    try:
        if args.report:
            write_report(args)
            return 0
        Tuning(args).run()
        return 0
    except KeyboardInterrupt:
        print("\nInterrupted: finished candidates are kept; the same command goes on", file=sys.stderr)
        return 130
    except (TuneError, BenchError) as e:
        print(f"kiln-tune: error: {e}", file=sys.stderr)
        return 2
