"""`bench run`: the cases, one after another, in a worker; the file is written after each."""
import datetime
import os
import pathlib
import statistics
import subprocess

from . import cases as all_of_cases
from . import counts, results, show
from .errors import BenchError
from .runner import Runner
from .workers import RestartingWorker, WorkerFailed

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPILES = "torch.compile"  # for seconds a case: left out of the quick run
PAUSE = 0.05  # seconds in which other implementations' spinning threads fall asleep


def commit():
    def git(*words):
        return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
    head, status = git("rev-parse", "HEAD"), git("status", "--porcelain", "--untracked-files=no")
    return {"commit": head.stdout.strip() or "unknown", "modified": bool(status.stdout.strip())}


class Run:
    def __init__(self, args):
        self.args = args
        self.build = pathlib.Path(args.build)
        self.obtained = "emulated" if args.emulated else "measured"
        runner = Runner(args.runner, args.send_to)
        program = [*runner.words, args.program] if args.program else runner.command(self.build / "bin/kiln_bench")
        self.native = RestartingWorker(program, args.limit)
        self.worker, self.peers = self.native, {"installed": {}, "absent": []}
        if not args.runner and not args.no_python and not args.device:
            self.worker = RestartingWorker([args.python, "-m", "bench.worker", str(self.build / "lib/libkiln_bench.so")], args.limit,
                             os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4)

    def stop(self):
        self.worker.stop()
        self.native.stop()

    def prepare(self):
        machine = self.describe()
        if self.worker is not self.native:
            self.peers = self.worker.ask({"do": "peers"})
        for name in self.args.without:
            self.peers["installed"].pop(name, None)
        if not self.args.full and not self.args.case and self.peers["installed"].pop(COMPILES, None):
            print(f"{COMPILES} is left out of the quick run: it compiles for seconds a case; --full or --case has it")
        isas = self.args.isa or (machine["isas"] if self.args.full and not self.args.device else [])
        for isa in isas:
            if isa not in machine["isas"]:
                raise BenchError(f"--isa {isa}: this CPU runs {', '.join(machine['isas'])}")
        threads = self.args.threads or ([1] if self.args.device else sorted({1, machine["cpus"]}))
        options = {"direction": self.args.direction, "dtype": self.args.dtype, "rounds": self.args.rounds,
                   "seconds": self.args.round_ms * 1e-3, "threads": threads, "isas": isas, "runner": self.args.runner,
                   "counts": self.args.counts, "slow": self.args.slow}
        return {"schema": results.VERSION, "complete": False,
                "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "options": options,
                "machine": machine, "software": {**commit(), "peers": self.peers["installed"], "absent": self.peers["absent"]},
                "roof": [], "rows": []}

    def describe(self):
        if not self.args.device:
            return self.native.ask({"do": "describe"})["machine"]
        described = self.native.ask({"do": "describe", "device": self.args.device})
        device = described["device"]
        if device["emulated"]:
            self.obtained = "emulated"
        return {**described["machine"], "cpu": f"{device['name']} ({self.args.device}), {device['driver']}",
                "memory_bytes": device["memory_bytes"], "device": self.args.device}

    def roof(self, report):
        """Measures it; where the report has one already, the better figure of both stays: a roof is a maximum."""
        sizes = all_of_cases.level_bytes(report["machine"]["caches"], report["machine"]["memory_bytes"])
        before, report["roof"] = report["roof"], []
        for threads in report["options"]["threads"]:
            measured = self.native.ask({"do": "roof", "bytes": list(sizes.values()), "threads": threads, "rounds": 15,
                                        "seconds": 0.002, "pause": 0})["roof"]
            old = next((r for r in before if r["threads"] == threads), None)
            if old:
                measured["flops_per_second"] = max(measured["flops_per_second"], old["flops_per_second"])
            for i, level in enumerate(sizes):
                at = measured["bandwidth"][i]
                at["level"] = level
                if old:
                    at["read_write_per_second"] = max(at["read_write_per_second"],
                                                      old["bandwidth"][i]["read_write_per_second"])
            report["roof"].append({"threads": threads, "obtained": self.obtained, **measured})

    def request(self, case, threads, options):
        on = {"device": self.args.device} if self.args.device else {}
        return {"do": "measure", **on, "case": case.request(), "threads": threads, "isas": options["isas"],
                "rounds": options["rounds"], "seconds": options["seconds"], "pause": PAUSE if threads > 1 else 0,
                "peers": list(self.peers["installed"]), "repeat": options["slow"].get(case.op, 1)}

    def row(self, case, threads, options):
        row = {**case.identity(), "threads": threads}
        try:
            request = self.request(case, threads, options)
            if options["counts"]:
                return {**row, "implementations": counts.count(self.build / "bin/kiln_bench", request, self.args.limit)}
            answer = self.worker.ask(request)
            row["implementations"] = [
                {"obtained": self.obtained, "unit": "seconds", "best": min(c["samples"]),
                 "median": statistics.median(c["samples"]), **c} for c in answer["implementations"]]
            if answer.get("failures"):
                row["left_out"] = answer["failures"]
        except BenchError as e:
            row["failure"] = str(e)
            if isinstance(e, WorkerFailed) and self.args.runner:
                raise RunnerFailed(row) from e
        return row


class RunnerFailed(Exception):
    """The board's worker failed: the run ends with what is finished."""

    def __init__(self, row):
        super().__init__(row["failure"])


def continued(report, path):
    """`report` with what an interrupted run of the same tree, machine and options has finished; a finished file makes way."""
    if not path.exists():
        return report
    old = results.read(path)
    if old["complete"]:
        os.replace(path, path.with_suffix(".previous.json"))
        return report
    same = all(old[k] == report[k] for k in ("options", "machine", "software"))
    if not same:
        raise BenchError(f"{path}: an interrupted run of another tree, machine or options; give another --out, or remove it")
    return {**old, "rows": [r for r in old["rows"] if "implementations" in r]}


def run(args):
    os.chdir(ROOT)
    work, path = Run(args), pathlib.Path(args.out)
    try:
        report = work.prepare()
        everything = all_of_cases.all_cases(report["machine"], args.direction, args.dtype)
        chosen = all_of_cases.select(everything, args.case, not args.full)
        report = continued(report, path)
        if not report["roof"] and not args.counts and not args.device:
            work.roof(report)
        results.write(path, report)
        return carry_out(work, report, chosen, path)
    finally:
        work.stop()


def carry_out(work, report, chosen, path):
    plan = [(case, threads) for case in chosen for threads in report["options"]["threads"]]
    done = {(r["case"], r["threads"]) for r in report["rows"]}
    left = [step for step in plan if (step[0].id, step[1]) not in done]
    if len(left) < len(plan):
        print(f"{path}: continuing, {len(plan) - len(left)} of {len(plan)} are finished")
    show.heading(report)
    try:
        with show.progress(len(left)) as step:
            for case, threads in left:
                step(f"{case.id}, {threads} thread{'s' * (threads > 1)}")
                row = work.row(case, threads, report["options"])
                report["rows"].append(row)
                results.write(path, report)
                show.row(row)
        if left and report["roof"]:
            work.roof(report)
    except KeyboardInterrupt:
        print(f"\nInterrupted: {path} keeps {len(report['rows'])} of {len(plan)}; the same command continues")
        return 130
    except RunnerFailed as e:
        raise BenchError(f"--runner: {e}; {path} keeps {len(report['rows'])} of {len(plan)}; the same command continues") from e
    show.cliffs(report)
    report["complete"] = True
    results.write(path, report)
    failed = [r for r in report["rows"] if "failure" in r]
    print(f"\n{path}: {len(report['rows'])} cases{f', {len(failed)} failed' if failed else ''}")
    return 1 if failed else 0
