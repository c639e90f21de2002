"""`bench estimate`: cycles of the activations on AArch64 cores that are not at hand, by llvm-mca, marked as estimates.

The hot loop of a kernel is, of its loops without a branch inside, the longest that stores vectors; llvm-mca runs it 100 times
on its model of the core, with all data in L1. How good a model is, nobody here has measured; older llvm-mca lend one core's
model to others, which the command then says."""
import datetime
import pathlib
import re
import shutil
import subprocess

from . import cases, results, run
from .errors import BenchError

CORES = ("neoverse-n1", "neoverse-v1", "cortex-a76")
ELEMENTS = 4096
TURNS = 100
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S.*?)\s*(?://.*)?$")
BRANCH = re.compile(r"^(?:b(?:\.\w+)?|cbn?z\s+\w+,|tbn?z\s+\w+, #\d+,)\s+([0-9a-f]+) <")
STORE = re.compile(r"^(str|stp)\s+q\d+,(?!.*\[sp)")  # what goes to the stack is no result


def tool(*names):
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise BenchError(f"estimate: {' or '.join(names)} is not installed")
    return found


def output(command, what, **keywords):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **keywords)
    if done.returncode:
        raise BenchError(f"estimate: {what}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return done.stdout


def hot_loop(listing):
    """(instructions, elements stored by a turn) of objdump's listing of one kernel; (None, 0) where it has no such loop."""
    code = [(int(m[1], 16), m[2]) for m in map(LINE.match, listing.splitlines()) if m]
    place = {address: i for i, (address, _) in enumerate(code)}
    best, stored = None, 0
    for end, (address, words) in enumerate(code):
        branch = BRANCH.match(words)
        start = place.get(int(branch[1], 16)) if branch else None
        if start is None or start >= end:
            continue
        body = [w for _, w in code[start:end]]
        elements = sum({"str": 4, "stp": 8}[m[1]] for m in map(STORE.match, body) if m)
        if elements and not any(BRANCH.match(w) for w in body) and (best is None or len(body) > len(best)):
            best, stored = body, elements
    return best, stored


def cycles(loop, core, mca):
    assembly = "\n".join(loop) + "\n"
    text = output([mca, "-mtriple=aarch64-linux-gnu", f"-mcpu={core}", f"-iterations={TURNS}"], f"llvm-mca for {core}",
                  input=assembly)
    return int(re.search(r"^Total Cycles:\s+(\d+)", text, re.MULTILINE)[1]) / TURNS


def row(op, accuracies, archive, objdump, mca):
    contestants = []
    for accuracy in accuracies:
        symbol = f"kiln_kernel_{op}_forward_float32_dense_{accuracy}_aarch64_neon"
        loop, elements = hot_loop(output([objdump, "-d", "--no-show-raw-insn", f"--disassemble={symbol}", str(archive)], symbol))
        if not loop:
            raise BenchError(f"estimate: {archive} has no loop of vectors in {symbol}")
        for core in CORES:
            value = cycles(loop, core, mca) * ELEMENTS / elements
            contestants.append({"name": f"kiln/{accuracy}/neon on {core}", "obtained": "estimate", "unit": "cycles",
                                "best": value, "median": value, "samples": [value]})
    return {"case": f"{op}/L1/contiguous", "op": op, "shape": [ELEMENTS], "layout": "contiguous", "arguments": {}, "threads": 1,
            "bytes": 4 * ELEMENTS, "contestants": contestants}


def estimate(args):
    archive = pathlib.Path(args.archive)
    if not archive.exists():
        raise BenchError(f"{archive}: no such file; make cross-arm builds it")
    objdump, mca = tool("aarch64-linux-gnu-objdump", "llvm-objdump"), tool("llvm-mca", "llvm-mca-14")
    table = re.findall(r'^KILN_POINTWISE\((\w+), "([^"]*)"', cases.TABLE.read_text(), re.MULTILINE)
    header = (cases.TABLE.parent / "kiln.h").read_text()
    version = ".".join(re.findall(r"^#define KILN_VERSION_\w+ (\d+)", header, re.MULTILINE))
    report = {"schema": results.VERSION, "complete": True,
              "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "options": {"rounds": 1, "seconds": 1, "threads": [1], "isas": ["neon"], "runner": ""},
              "machine": {"architecture": "aarch64", "cpu": f"none: llvm-mca's models of {', '.join(CORES)}", "cpus": 1,
                          "memory_bytes": 1, "caches": {}, "isas": ["neon"], "kiln": version,
                          "compiler": output([mca, "--version"], "llvm-mca").split("\n")[1].strip()},
              "software": {**run.commit(), "peers": {}, "absent": []}, "roof": [],
              "rows": [row(op, accuracies.split(), archive, objdump, mca) for op, accuracies in table]}
    results.write(args.out, report)
    for r in report["rows"]:
        for c in r["contestants"]:
            print(f"{r['op']:12} {c['name']:32} {c['best'] / ELEMENTS:6.2f} cycles an element, estimate")
    if all(len({c["best"] for c in r["contestants"] if c["name"].startswith(f"kiln/{a}/")}) <= 1 for r in report["rows"]
           for a in ("exact", "fast")):
        print(f"{report['machine']['compiler']} has one model for {', '.join(CORES)}: these are not three estimates but one")
    print(args.out)
    return 0
