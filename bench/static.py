"""`bench static`: what ptxas says of the CUDA kernels, for machines without a GPU. No figure of it is a time: registers, spills,
and the share of an SM's threads that registers and block leave room for, marked as static."""
import datetime
import json
import pathlib

from rich.table import Table

from . import estimate, ptx, results, run, table
from .errors import BenchError
from .show import console

# Of compute capability 8.0, 9.0 and 10.0 alike: CUDA C++ Programming Guide, technical specifications per compute capability.
REGISTERS, THREADS, BLOCKS, WARP, REGISTER_UNIT = 65536, 2048, 32, 32, 8


def occupancy(registers, threads):
    """The share of an SM's threads that can be there at once; shared memory, which is known at the launch, may lower it."""
    warps = -(-threads // WARP)
    rounded = -(-registers // REGISTER_UNIT) * REGISTER_UNIT
    blocks = min(REGISTERS // (rounded * WARP * warps), THREADS // (warps * WARP), BLOCKS)
    return blocks * warps * WARP / THREADS


def threads_of(schedule, name):
    """Threads of a block, by schedules/cuda_sm80.json."""
    op, direction, dtype, form, accuracy = table.parse_kernel(name)
    entries = schedule[direction][dtype]
    key = next(key for key in (f"{op}.{form}.{accuracy}", f"{op}.{form}", form) if key in entries)
    return entries[key]["generator"]["threads"]


def figures(name, path, threads, architectures):
    text = path.read_text(errors="replace")
    for architecture in architectures:
        made = ptx.assemble(path, architecture)
        if isinstance(made, str):
            raise BenchError(f"static: ptxas for {architecture} refuses {name}: {made.splitlines()[0]}")
        yield {"kernel": name, "architecture": architecture, "obtained": "static", "registers": made.registers, "threads": threads,
               "occupancy": occupancy(made.registers, threads), "spills": made.bad, "arithmetic": ptx.counts(text)}


def show(rows):
    table = Table("kernel", "architecture", "registers", "threads a block", "room for threads, at most", "spills", box=None)
    for r in rows:
        table.add_row(r["kernel"], r["architecture"], str(r["registers"]), str(r["threads"]), f"{r['occupancy']:.0%}",
                      ", ".join(r["spills"]) or "none")
    console.print(table)


def static(args):
    found = ptx.kernels(args.kernels)
    if not found:
        raise BenchError(f"static: {args.kernels} has no CUDA kernels (*{ptx.SUFFIX}); make build makes them")
    architectures = [a for a in ptx.ARCHITECTURES if ptx.knows(a)]
    if not architectures:
        raise BenchError(f"static: expected ptxas on PATH, which knows one of {', '.join(ptx.ARCHITECTURES)} (it comes with CUDA)")
    schedule = json.loads((run.ROOT / "schedules/cuda_sm80.json").read_text())
    rows = [row for name, path in found.items() for row in figures(name, path, threads_of(schedule, name), architectures)]
    report = {"schema": results.VERSION, "complete": True,
              "started": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
              "options": results.options(isas=[]),
              "machine": results.described({"architecture": "cuda", "cpu": f"none: ptxas for {', '.join(architectures)}", "cpus": 1, "memory_bytes": 1,
                          "caches": {}, "isas": ["cuda"], "kiln": table.version(),
                          "compiler": estimate.output(["ptxas", "--version"], "ptxas").strip().splitlines()[-1]}),
              "software": {**run.commit(), "peers": {}, "absent": results.not_run({}, {}, "ptxas has no peers")}, "roof": [], "rows": [], "kernels": rows}
    results.write(pathlib.Path(args.out), report)
    show(rows)
    print(args.out)
    return 0
