"""`bench run`: the cases, one after another, in a worker; the file is written after each."""
import datetime
import os
import pathlib
import statistics
import subprocess

from . import cases as all_of_cases
from . import counts, microarchitecture, peers, results, show
from .errors import BenchError
from .runner import Runner
from .workers import RestartingWorker, WorkerFailed

ROOT = pathlib.Path(__file__).resolve().parent.parent
COMPILES = "torch.compile"  # for seconds a case
ROOF_ROUNDS = 3  # of the roof for one of a case
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
        self.worker, self.peers, self.absent = self.native, {}, {}
        if not args.runner and not args.no_python and not args.device:
            self.worker = RestartingWorker([args.python, "-m", "bench.worker", str(self.build / "lib/libkiln_bench.so")], args.limit,
                             os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 4)

    def stop(self):
        self.worker.stop()
        self.native.stop()

    def prepare(self):
        machine = self.describe()
        self.find_peers()
        isas = self.args.isa or (machine["isas"] if self.args.full and not self.args.device else [])
        for isa in isas:
            if isa not in machine["isas"]:
                raise BenchError(f"--isa {isa}: this CPU runs {', '.join(machine['isas'])}")
        threads = self.args.threads or ([1] if self.args.device else sorted({1, machine["cpus"]}))
        options = {"direction": self.args.direction, "dtypes": self.args.dtypes, "rounds": self.args.rounds,
                   "seconds": self.args.round_ms * 1e-3, "threads": threads, "isas": isas, "runner": self.args.runner,
                   "counts": self.args.counts, "slow": self.args.slow}
        return {"schema": results.VERSION, "complete": False,
                "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "options": options,
                "machine": machine, "software": {**commit(), "peers": self.peers, "absent": self.absent},
                "roof": [], "rows": []}

    def find_peers(self):
        """Those that run, with versions, and why each of the others does not."""
        if self.worker is self.native:
            self.absent = results.not_run({}, {}, "a run without Python's peers")
            return
        found = self.worker.ask({"do": "peers"})
        self.peers, self.absent = found["installed"], found["absent"]
        left_out = {name: why for name in self.peers if (why := self.has_none(name))}
        left_out.update(dict.fromkeys(self.args.without, "left out by --without"))
        if self.args.size == "quick" and not self.args.case:
            left_out.setdefault(COMPILES, "left out of the quick run, as it compiles for seconds a case")
        for name, why in left_out.items():
            if name not in peers.KINDS:
                raise BenchError(f"--without {name}: there are {', '.join(peers.KINDS)}")
            if self.peers.pop(name, None):
                self.absent[name] = why

    def has_none(self, name):
        """Where a peer has none of the run's element types, or not its direction: that."""
        if self.args.direction not in peers.find(name).directions:
            return "has no gradients"
        return "" if set(peers.find(name).dtypes) & set(self.args.dtypes) else f"has no {' and no '.join(self.args.dtypes)}"

    def describe(self):
        if not self.args.device:
            return results.described(self.native.ask({"do": "describe"})["machine"])
        described = self.native.ask({"do": "describe", "device": self.args.device})
        device = described["device"]
        if device["emulated"]:
            self.obtained = "emulated"
        return {**results.described(described["machine"]), "cpu": f"{device['name']} ({self.args.device}), {device['driver']}",
                "memory_bytes": device["memory_bytes"], "device": self.args.device}

    def roof(self, report):
        """Measures it; where the report has one already, the better figure of both stays: a roof is a maximum."""
        before, report["roof"] = report["roof"], []
        for threads in report["options"]["threads"]:
            sizes = all_of_cases.roof_bytes(report["machine"], threads)
            measured = self.native.ask({"do": "roof", "bytes": list(sizes.values()), "threads": threads,
                                        "rounds": ROOF_ROUNDS * self.args.rounds, "seconds": 0.002, "pause": 0})["roof"]
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
        return {"do": "measure", **on, "case": case.request(), "float32": case.dtype != "float32", "threads": threads, "isas": options["isas"],
                "rounds": options["rounds"], "seconds": options["seconds"], "pause": PAUSE if threads > 1 else 0,
                "peers": [name for name in self.peers if name not in self.left_out(case)], "repeat": options["slow"].get(case.op, 1)}

    def left_out(self, case):
        """{peer: why} of those that this case is not timed with."""
        without = {name: f"has no {case.dtype}" for name in self.peers if case.dtype not in peers.find(name).dtypes}
        if self.args.size == "record" and not self.args.case and case.level != "layer" and COMPILES in self.peers:
            return {**without, COMPILES: "timed for layers alone, as it compiles for seconds a case"}
        return without

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
            left_out = {**self.left_out(case), **answer.get("failures", {})}
            if left_out:
                row["left_out"] = left_out
        except BenchError as e:
            row["failure"] = str(e)
            if isinstance(e, WorkerFailed) and self.args.runner:
                raise RunnerFailed(row) from e
        return row


class RunnerFailed(Exception):
    """The board's worker failed: the run ends with what is finished."""

    def __init__(self, row):
        super().__init__(row["failure"])


def without_failed_peers(report):
    """A peer that failed wherever it was tried was not run."""
    rows = [r for r in report["rows"] if "implementations" in r]
    timed = {c["name"] for r in rows for c in r["implementations"]}
    for name in [n for n in report["software"]["peers"] if n not in timed]:
        why = next((r["left_out"][name] for r in rows if name in r.get("left_out", {})), None)
        if why:
            del report["software"]["peers"][name]
            report["software"]["absent"][name] = f"failed in every case: {why}"


def results_path(args, machine):
    if args.out:
        return pathlib.Path(args.out)
    folder = ROOT / "bench/results"
    if args.size == "record":
        folder, name = folder / "machines", microarchitecture.file_name(machine)
    else:
        name = args.size
    words = [name] + ["backward"] * (args.direction == "backward") + [dtype for dtype in args.dtypes if dtype != "float32"]
    return folder / f"{'-'.join(words)}.json"


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
    work = Run(args)
    try:
        report = work.prepare()
        path = results_path(args, report["machine"])
        everything = all_of_cases.all_cases(report["machine"], args.direction, args.dtypes)
        chosen = all_of_cases.select([c for c in everything if not args.op or c.op in args.op], args.case, args.size)
        report = continued(report, path)
        if not report["roof"] and not args.counts and not args.device:
            work.roof(report)
        results.write(path, report)
        return carry_out(work, report, chosen, path)
    finally:
        work.stop()


def carry_out(work, report, chosen, path):
    plan = [(case, threads) for case in chosen for threads in report["options"]["threads"]]
    done = {(r["dtype"], r["case"], r["threads"]) for r in report["rows"]}
    left = [step for step in plan if (step[0].dtype, step[0].id, step[1]) not in done]
    if len(left) < len(plan):
        print(f"{path}: continuing, {len(plan) - len(left)} of {len(plan)} are finished")
    show.heading(report)
    try:
        with show.progress(len(left)) as step:
            for case, threads in left:
                step(f"{case.id}{results.dtype_words(case.dtype)}, {results.threads_words(threads)}")
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
    without_failed_peers(report)
    show.ending(report)
    report["complete"] = True
    results.write(path, report)
    failed = [r for r in report["rows"] if "failure" in r]
    print(f"\n{path}: {len(report['rows'])} cases{f', {len(failed)} failed' if failed else ''}")
    return 1 if failed else 0
