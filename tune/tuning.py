"""A run of kiln-tune: kernel after kernel is searched, its leading candidates are compared, and what they gain is kept."""
import os
import time

from bench.runner import Runner
from bench.workers import RestartingWorker
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from . import choice, families, kernels, machines, record, schedule_file, spaces, trees
from .builder import Builder
from .errors import CandidateFailed, TuneError
from .final_comparison import REPEATS, compare_finalists
from .race import LAST
from .settle import settle
from .study import Study
from .tuner import Search


class Tuning:
    def __init__(self, args, build, storage_of):
        self.args, self.build = args, build
        if os.environ.get(families.VARIABLE):
            raise TuneError(f"{families.VARIABLE}: expected none, so that a machine takes the kernels of its own CPU's family")
        self.manifest, self.runner = kernels.Manifest(build), Runner(args.runner, args.send_to)
        self.target = kernels.target_named(args.target) if args.target else None  # of this CPU, the best: describe()
        self.machine = self.describe()
        self.title = machines.title(self.machine)
        self.units = kernels.units(self.manifest, self.target, spaces.read(), args.op, args.direction, args.dtype, self.machine)
        self.everywhere = machines.read_all()
        for unit in self.units:
            self.present(unit)
        self.storage = storage_of(args)  # last: a run that cannot be makes no file

    def describe(self):
        device = kernels.devices().get(self.target)
        worker = RestartingWorker(self.runner.command(self.build / "bin/kiln_bench"), 60)
        try:
            described = worker.ask({"do": "describe", **({"device": device} if device else {})})
        finally:
            worker.stop()
        machine = described["machine"]
        if device:
            self.args.emulated = self.args.emulated or described["device"]["emulated"]
            return {**machine, "cpu": described["device"]["name"], "cpu_model": ""}
        self.target = self.target or kernels.target_of_isa(machine["isas"][0], machine["architecture"])
        isa = kernels.isa_of(self.target)
        if isa not in machine["isas"]:
            raise TuneError(f"--target {self.args.target}: this machine's CPU runs {', '.join(machine['isas'])}")
        return machine

    def present(self, unit):
        """The numbers that serve it on this machine."""
        return unit.present(schedule_file.read(self.target))

    def study(self, unit, code):
        """Continued where the space, its cases and the kernels' code are the same."""
        name = "/".join([self.args.study, self.target, unit.kernel.direction, unit.kernel.dtype, unit.name,
                         f"{unit.space.digest()}-{code}"])
        others = [machine for machine in self.everywhere if machines.title(machine) != self.title]
        present, for_all = self.present(unit), unit.present(schedule_file.read(self.target), families.GENERAL)
        return Study(self.storage, name, unit.space, present, {"cpu": self.title},
                     wanted=[for_all] * (for_all != present) + choice.leaders(others, unit, code, LAST))

    def tune(self, unit, folder, deadline, progress):
        builder = Builder(self.manifest, unit, folder, self.machine["cpus"], self.runner)
        bar = progress.add_task(unit.name, total=None)
        try:
            code, present = builder.code(), self.present(unit)
            study = self.study(unit, code)
            self.search(study, builder, deadline, progress, bar)
            progress.update(bar, total=None, description=f"{unit.name}, the final comparison")
            found = compare_finalists(builder, present, study.leaders(LAST), not self.args.no_baselines)
        except CandidateFailed as e:
            print(f"{unit.name}: no final comparison: {e.kind}: {e}", flush=True)
            return
        finally:
            builder.remove()
            progress.remove_task(bar)
        self.conclude(unit, study, code, present, found)

    def search(self, study, builder, deadline, progress, bar):
        name = builder.unit.name
        left = len(study.points) - len(study.locks.points())
        progress.update(bar, total=min(left, self.args.trials or left))
        progress.console.print(f"{name}: {len(study.points)} candidates, {left} of them not yet timed; "
                               f"{len(builder.unit.space.cases)} cases", highlight=False)

        def on_result(point, outcome):
            if isinstance(outcome, CandidateFailed):
                progress.console.print(f"{name}: {outcome.kind}: {outcome} ({point})", markup=False, highlight=False)
            progress.update(bar, advance=1, description=f"{name}, best value {study.best()[1]:.3f}")

        def on_race(rounds_left):
            if not racing:
                racing.append(rounds_left)
                progress.reset(bar, total=rounds_left)
            progress.update(bar, completed=max(0, racing[0] - rounds_left), description=f"{name}, rounds of the leading candidates")
        racing = []
        Search(study, builder, os.cpu_count(), self.args.trials, deadline, on_result, on_race).run()

    def conclude(self, unit, study, code, present, found):
        keep = not (self.args.dry_run or self.args.emulated)
        mine = machines.with_finding(self.machine, self.everywhere, unit, machines.finding(code, study, present, found["finalists"]))
        if keep:
            machines.write(mine)
            self.everywhere = [m for m in self.everywhere if machines.title(m) != self.title] + [mine]
        others = [m for m in self.everywhere if machines.title(m) != self.title]
        said = settle(unit, choice.findings([mine, *others], unit, code), not keep)
        record.write(study.optuna, present=present, written=keep and self.present(unit) != present, emulated=self.args.emulated,
                     cases=unit.space.cases, **found)
        gain = 1 - 1 / min(found["gains"], default=1)
        baselines = ", ".join(f"{n} {a['ratio']:.2f}" if "ratio" in a else f"{n} none" for n, a in found["baselines"].items())
        print(f"{said}; {len(study.finished())} of {len(study.points)} candidates, "
              + (f"the best {gain:.1%} faster in each of {REPEATS} comparisons" if gain > 0 else "none better in each comparison")
              + f"; times of baselines over the best's: {baselines}" * bool(baselines), flush=True)

    def run(self):
        begun = time.monotonic()
        if self.args.emulated:
            print("the times are an emulator's, and no speed: schedules/ stays as it is")
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("left"), TimeRemainingColumn(), TextColumn("{task.description}"))
        with Progress(*columns, transient=True) as progress, trees.own(self.build / "tune/trees") as folder:
            whole = progress.add_task("kernels", total=len(self.units))
            for done, unit in enumerate(self.units):
                now = time.monotonic()
                left = begun + self.args.time - now if self.args.time else None
                self.tune(unit, folder, left and now + left / (len(self.units) - done), progress)
                progress.advance(whole)


class Choosing:
    """Nothing is timed: what the machines of tune/machines/ found, of kernels as they are now, is chosen from anew."""

    def __init__(self, args, build):
        self.args, self.build, self.manifest = args, build, kernels.Manifest(build)
        self.everywhere = machines.read_all()
        self.targets = [kernels.target_named(args.target)] if args.target else sorted({k.target for k in self.manifest.kernels})

    def units(self):
        for target in self.targets:
            try:
                yield from kernels.units(self.manifest, target, spaces.read(), self.args.op, self.args.direction, self.args.dtype)
            except TuneError:
                if self.args.target:
                    raise

    def run(self):
        if not self.everywhere:
            print("tune/machines/ has no machine yet; a run of kiln-tune writes what it finds there")
        with trees.own(self.build / "tune/trees") as folder:
            for unit in self.units():
                if any(machines.finding_of(machine, unit) for machine in self.everywhere):
                    self.choose(unit, folder)

    def choose(self, unit, folder):
        code = Builder(self.manifest, unit, folder, 1, Runner()).code()
        found = choice.findings(self.everywhere, unit, code)
        old = sum(machines.finding_of(machine, unit) is not None for machine in self.everywhere) - len(found)
        if old:
            print(f"{unit.kernel.target}: {unit.name}: {old} of {old + len(found)} machines timed other code of its kernels")
        print(f"{unit.kernel.target}: {settle(unit, found, self.args.dry_run)}")
