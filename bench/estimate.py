"""`bench estimate`: cycles of every operator on AArch64 cores that are not at hand, marked as estimates.

qemu-user says which blocks of instructions a call executes and how often (blocks.py); llvm-mca says how many cycles a block
takes when it runs again and again on its model of a core, with all data in L1 and every branch foreseen. The sum of both is
the estimate. How good a model is, nobody here has measured; where llvm-mca lends one core's model to another, the command
says so."""
import datetime
import functools
import pathlib
import re
import shutil
import subprocess

from . import blocks, cases, results, run, table
from .errors import BenchError

CORES = ("neoverse-n1", "neoverse-v1", "cortex-a76")
CACHES = {"L1": 32 << 10}  # whose size the cases take, as if it were the machine's
TURNS = 100
SHARE = 0.99  # of the instructions, in the blocks that run most, is looked at; the rest is taken to be like them
VERSIONS = range(30, 13, -1)


@functools.cache
def tool(name):
    """The newest: its models of cores are the best."""
    found = next(filter(None, map(shutil.which, [*(f"{name}-{v}" for v in VERSIONS), name])), None)
    if not found:
        raise BenchError(f"estimate: {name} is not installed (Debian: llvm-19, or llvm)")
    return found


def output(command, what, **keywords):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **keywords)
    if done.returncode:
        raise BenchError(f"estimate: {what}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return done.stdout


@functools.cache
def assembly(words):
    """The lines of a block (a tuple of words), in the syntax of llvm-mca."""
    lines = "\n".join(" ".join(f"0x{w[i:i + 2]}" for i in (6, 4, 2, 0)) for w in words)
    listing = output([tool("llvm-mc"), "--disassemble", "-triple=aarch64", "-mattr=+v8.2a"], "llvm-mc", input=lines + "\n")
    return [line.strip() for line in listing.splitlines() if line.strip() and not line.strip().startswith(".")]


def cycles(some, core):
    """Of one turn of each block (a tuple of words), of many. One run of llvm-mca, which takes longer to start than for a block."""
    regions = [["# LLVM-MCA-BEGIN", *assembly(block), "# LLVM-MCA-END"] for block in some]
    text = output([tool("llvm-mca"), "-mtriple=aarch64-linux-gnu", f"-mcpu={core}", f"-iterations={TURNS}"],
                  f"llvm-mca for {core}", input="".join(f"{line}\n" for lines in regions for line in lines))
    found = [int(total) / TURNS for total in re.findall(r"^Total Cycles:\s+(\d+)", text, re.MULTILINE)]
    if len(found) != len(regions):
        raise BenchError(f"estimate: llvm-mca for {core}: expected cycles of {len(regions)} blocks, got {len(found)}")
    return found


def hottest(executed):
    """(the blocks that hold SHARE of the executed instructions, what they are to be multiplied with for all)"""
    by_weight = sorted(executed, key=lambda b: -len(b[0]) * b[1])
    total = sum(len(words) * n for words, n in by_weight)
    chosen, weight = [], 0
    for words, n in by_weight:
        if weight >= SHARE * total:
            break
        chosen.append((words, n))
        weight += len(words) * n
    return chosen, total / weight


def estimates(program, case, accuracy):
    request = {"do": "measure", "case": case.request(), "threads": 1, "isas": ["neon"], "only": [f"kiln/{accuracy}/neon"]}
    executed, scale = hottest(blocks.of_a_call(program, request))
    for core in CORES:
        of_blocks = cycles([tuple(words) for words, _ in executed], core)
        value = scale * sum(n * turn for (_, n), turn in zip(executed, of_blocks))
        yield {"name": f"kiln/{accuracy}/neon on {core}", "obtained": "estimate", "unit": "cycles", "best": value,
               "median": value, "samples": [value]}


def row(program, case, accuracies):
    implementations = [c for accuracy in accuracies for c in estimates(program, case, accuracy)]
    return {**case.identity(), "threads": 1, "implementations": implementations}


def machine():
    return {"architecture": "aarch64", "cpu": f"none: llvm-mca's models of {', '.join(CORES)}", "cpus": 1, "memory_bytes": 1 << 30,
            "caches": CACHES, "isas": ["neon"], "kiln": table.version(),
            "compiler": re.search(r"LLVM version.*", output([tool("llvm-mca"), "--version"], "llvm-mca"))[0]}


def say_what_is_alike(report):
    """Cores that llvm-mca has one model for."""
    def figures(core):
        return [c["best"] for r in report["rows"] for c in r["implementations"] if c["name"].endswith(core)]
    groups = {}
    for core in CORES:
        groups.setdefault(tuple(figures(core)), []).append(core)
    for alike in groups.values():
        if len(alike) > 1:
            print(f"{report['machine']['compiler']} has one model for {', '.join(alike)}: these are one estimate")


def estimate(args):
    program = pathlib.Path(args.program)
    if not program.exists():
        raise BenchError(f"{program}: no such file; make cross-arm builds it")
    blocks.emulator()
    report = {"schema": results.VERSION, "complete": True,
              "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "options": results.options(isas=["neon"]),
              "machine": results.described(machine()), "software": {**run.commit(), "peers": {}, "absent": results.not_run({}, {}, "an estimate has no peers")}, "roof": [], "rows": []}
    chosen = cases.select([c for c in cases.all_cases(report["machine"]) if c.level == "L1"], args.case, "full")
    for case in chosen:
        report["rows"].append(row(program, case, table.operator(case.op).accuracies))
        for c in report["rows"][-1]["implementations"]:
            print(f"{case.id:36} {c['name']:32} {4 * c['best'] / case.bytes:7.2f} cycles an element, estimate", flush=True)
    results.write(args.out, report)
    say_what_is_alike(report)
    print(args.out)
    return 0
