"""Times every operator of kiln.torch.functional beside PyTorch's own function, in one process, turn by turn.

    PYTHONPATH=<folder of the package kiln> python bench_eager.py [--threads 1 2] [--case REGEX] [--dtype float32] [--rounds 11] [--cpu]

--cpu counts the process's CPU time in place of the clock's: of one thread it is the same where nothing else runs, and is of use
where something does.

The cases are the layers of bench/cases.json, forward without gradients, and forward and backward with those of the input and of all
parameters. `call` is a tensor of 16 elements, where the way to the kernel is all there is, beside the C function by itself, which
a small program times where there is a C compiler. Times are microseconds: the least of all rounds, and their median."""
import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time

import torch
import torch.nn.functional as F
from support import OPERATORS, function_arguments, library, rows

from kiln.torch import functional

ROOT = pathlib.Path(__file__).resolve().parents[3]
TURN = 0.02  # seconds, of one turn

C_CALL = r"""
#include <kiln/kiln.h>
#include <stdio.h>
#include <time.h>
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
int main(void) {
  float x[16] = {0}, y[16];
  int64_t shape[1] = {16};
  DLTensor in = {.data = x, .device = {kDLCPU, 0}, .ndim = 1, .dtype = {kDLFloat, 32, 1}, .shape = shape}, out = in;
  out.data = y;
  for (int round = 0; round < 11; ++round) {
    double start = now();
    for (int i = 0; i < 200000; ++i) kiln_tanh(NULL, &in, &out);
    double tanh_time = now() - start;
    start = now();
    for (int i = 0; i < 200000; ++i) kiln_layer_norm(NULL, &in, shape, 1, NULL, NULL, 1e-5, &out);
    printf("%g %g\n", tanh_time / 200000 * 1e6, (now() - start) / 200000 * 1e6);
  }
}
"""


def layers():
    """Name, operator, shape, arguments, absent tensors and layout of each."""
    for case in json.loads((ROOT / "bench" / "cases.json").read_text())["cases"]:
        if case["op"] in OPERATORS and all(isinstance(extent, int) for extent in case["shape"]):
            for layout in case.get("layouts", ["contiguous"]):
                yield case, layout


def arguments_of(case, layout, dtype):
    op, shape = OPERATORS[case["op"]], case["shape"]
    given = dict(case.get("arguments", {}))
    made = {}
    for item in op.takes:
        if not isinstance(item, rows.Tensor):
            value = given.get(item.name, item.default)
            made[item.name] = None if value == rows.MACHINE_EPSILON else value
        elif item.role != "output" and item.name not in case.get("absent", []):
            extents = shape if item.role == "input" else shape[1:2] if item.shape == "channels" else given["normalized_shape"]
            made[item.name] = torch.rand(extents, dtype=dtype) + 0.5
    if isinstance(made.get("dim"), int):
        made["dim"] = [made["dim"]]
    if layout == "channels_last":
        made["input"] = made["input"].to(memory_format=torch.channels_last)
    return {name: value for name, value in made.items() if value is not None}


def forward(function, given):
    def call():
        with torch.no_grad():
            function(**given)

    return call


def forward_and_backward(function, given):
    given = {name: value.clone().requires_grad_() if isinstance(value, torch.Tensor) and not name.startswith("running") else value
             for name, value in given.items()}
    tracked = [value for value in given.values() if isinstance(value, torch.Tensor) and value.requires_grad]
    upstream = torch.rand_like(given["input"])

    def call():
        torch.autograd.grad(function(**given), tracked, upstream)

    return call


class Clock:
    def __init__(self, args):
        self.now = time.process_time if args.cpu else time.perf_counter
        self.rounds = args.rounds

    def timed(self, call, count):
        start = self.now()
        for _ in range(count):
            call()
        return (self.now() - start) / count * 1e6

    def compare(self, calls):
        """Least and median of each call, in turns."""
        for call in calls.values():
            call()
        counts = {name: max(1, int(TURN * 1e6 / self.timed(call, 3))) for name, call in calls.items()}
        found = {name: [] for name in calls}
        for _ in range(self.rounds):
            for name, call in calls.items():
                found[name].append(self.timed(call, counts[name]))
        return {name: (min(times), statistics.median(times)) for name, times in found.items()}


def show(name, what, threads, found):
    eager, ours = found["eager"], found["kiln"]
    print(f"| {name} | {what} | {threads} | {eager[0]:.1f} | {eager[1]:.1f} | {ours[0]:.1f} | {ours[1]:.1f} "
          f"| {eager[0] / ours[0]:.2f} | {eager[1] / ours[1]:.2f} |", flush=True)


def c_calls():
    """Least and median of the C functions' own calls; none without a compiler."""
    compiler = shutil.which("cc")
    if not compiler:
        return {}
    shared = pathlib.Path(library()._name)
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder) / "call.c", pathlib.Path(folder) / "call"
        source.write_text(C_CALL)
        subprocess.run([compiler, "-O2", f"-I{os.environ['KILN_INCLUDE']}", str(source), str(shared), f"-Wl,-rpath,{shared.parent}",
                        "-o", str(program)], check=True)
        lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    columns = zip(*(map(float, line.split()) for line in lines))
    return {name: (min(times), statistics.median(times)) for name, times in zip(("tanh", "layer_norm"), map(list, columns))}


def show_calls(clock):
    x = torch.rand(16)
    tracked = torch.rand(16, requires_grad=True)
    ones = torch.ones(16)
    ops = torch.ops.kiln
    calls = {
        "torch.tanh": lambda: torch.tanh(x), "ops.kiln.tanh.untracked": lambda: ops.tanh.untracked(x),
        "ops.kiln.tanh": lambda: ops.tanh.default(x), "functional.tanh": lambda: functional.tanh(x),
        "torch.tanh and gradient": lambda: torch.autograd.grad(torch.tanh(tracked), tracked, ones),
        "functional.tanh and gradient": lambda: torch.autograd.grad(functional.tanh(tracked), tracked, ones),
        "F.layer_norm": lambda: F.layer_norm(x, (16,)), "ops.kiln.layer_norm.untracked": lambda: ops.layer_norm.untracked(x, (16,)),
        "functional.layer_norm": lambda: functional.layer_norm(x, (16,)),
    }
    found = clock.compare(calls)
    found.update({f"kiln_{name}, in C": times for name, times in (c_calls() if "KILN_INCLUDE" in os.environ else {}).items()})
    print("| call of 16 elements | least, us | median |\n|---|---|---|")
    for name, (least, median) in found.items():
        print(f"| {name} | {least:.2f} | {median:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--case", default="", metavar="REGEX")
    parser.add_argument("--dtype", default="float32", choices=["float32", "float16", "bfloat16"])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--cpu", action="store_true")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    clock = Clock(args)
    show_calls(clock)
    print("\n| layer | what | threads | eager, least | median | kiln, least | median | times as fast, of least | of median |")
    print("|---|---|---|---|---|---|---|---|---|")
    for threads in args.threads:
        torch.set_num_threads(threads)
        for case, layout in layers():
            name = case["name"] + ("" if layout == "contiguous" else f", {layout}")
            if not re.search(args.case, name):
                continue
            op = OPERATORS[case["op"]]
            given = function_arguments(arguments_of(case, layout, getattr(torch, args.dtype)))
            functions = {"eager": getattr(F, op.torch), "kiln": getattr(functional, op.torch)}
            for what, way in (("forward", forward), ("forward and backward", forward_and_backward)):
                show(name, what, threads, clock.compare({key: way(function, given) for key, function in functions.items()}))


if __name__ == "__main__":
    main()
