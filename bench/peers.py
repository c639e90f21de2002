#!/usr/bin/env python3
"""Times Kiln beside copy, PyTorch (eager, torch.compile) and ONNX Runtime: one process, one case after another, the
contestants of a case interleaved over several rounds, outputs preallocated where the peer can.

Needs NumPy; a peer that is not installed is left out by name (`make bench-peers` installs them). Kiln is called
through ctypes from a shared library that the build makes of libkiln.a (target kiln_shared).

The figures: GB/s of one read and one write of the tensor at the fastest round, its ratio to copy (the better of NumPy's
copyto, which is memcpy, and PyTorch's copy_), and the largest error in ULP of float32 against float64.
"""
import argparse
import json
import os
import platform
import statistics
import sys
import time

import numpy as np

from kiln_ctypes import Kiln
from peer_libraries import find_peers

SIZES = {"16 KiB": 16 << 10, "1 MiB": 1 << 20, "128 MiB": 128 << 20}


def sample_input(count):
    """Values over the range in which activations are not constant."""
    return (np.random.default_rng(1).standard_normal(count) * 4).astype(np.float32)


def reference(op, x):
    """float64 results; error against them is what is printed, so they only have to be far better than float32."""
    x = x.astype(np.float64)
    sigmoid = lambda v: np.where(v >= 0, 1, np.exp(-np.abs(v))) / (1 + np.exp(-np.abs(v)))
    return {"tanh": np.tanh, "sigmoid": sigmoid, "silu": lambda v: v * sigmoid(v),
            "mish": lambda v: v * np.tanh(np.log1p(np.exp(v))),
            "hardsigmoid": lambda v: np.clip(v + 3, 0, 6) / 6}[op](x)


def ulp_error(y, exact):
    with np.errstate(all="ignore"):
        exponent = np.maximum(np.frexp(exact)[1] - 1, -126)
        return float(np.max(np.abs(y.astype(np.float64) - exact) / np.ldexp(1.0, exponent - 23)))


class Contestant:
    """A call that computes the case's output; samples are seconds of one call."""

    def __init__(self, name, call, result=None):
        self.name, self.call, self.result, self.samples = name, call, result, []
        call()
        start = time.perf_counter()
        call()
        self.repeats = max(1, min(10000, int(2e-3 / max(time.perf_counter() - start, 1e-7))))

    def measure(self):
        start = time.perf_counter()
        for _ in range(self.repeats):
            self.call()
        self.samples.append((time.perf_counter() - start) / self.repeats)


def run_case(op, size, kiln, peers, rounds):
    x = kiln.aligned(size // 4)
    y = kiln.aligned(size // 4)
    x[:] = sample_input(size // 4)
    contestants = [Contestant("copy: memcpy", lambda: np.copyto(y, x))]
    for accuracy in ("exact", "fast"):
        if accuracy == "exact" or kiln.has_fast(op):
            contestants.append(Contestant(f"kiln {accuracy}", kiln.bind(op, accuracy, x, y), lambda: y))
    for peer in peers:
        bound = peer.bind(op, x)
        if bound:
            contestants.append(Contestant(peer.name, *bound))
    for _ in range(rounds):
        for c in contestants:
            c.measure()
    exact = reference(op, x)
    rows = []
    for c in contestants:
        error = None
        if c.result:
            c.call()
            error = ulp_error(np.asarray(c.result()).reshape(-1), exact)
        rows.append({"operator": op, "bytes": size, "contestant": c.name, "seconds": min(c.samples),
                     "median_seconds": statistics.median(c.samples), "ulp": error})
    return rows


def print_case(label, rows):
    copy = min((r for r in rows if r["contestant"].startswith("copy")), key=lambda r: r["seconds"])
    print(f"\n{rows[0]['operator']}, {label}\n  {'':20} {'GB/s':>8} {'median':>8} {'of copy':>8} {'median':>8} {'ULP':>10}")
    for r in rows:
        error = "" if r["ulp"] is None else f"{r['ulp']:.4g}"
        print(f"  {r['contestant']:20} {2e-9 * r['bytes'] / r['seconds']:8.1f} {2e-9 * r['bytes'] / r['median_seconds']:8.1f} "
              f"{copy['seconds'] / r['seconds']:8.2f} {copy['median_seconds'] / r['median_seconds']:8.2f} {error:>10}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", help="libkiln_shared.so")
    parser.add_argument("--op", action="append", help="only these operators")
    parser.add_argument("--size", action="append", choices=SIZES, help="only these sizes")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--isa", help="force an instruction set for Kiln")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--json", help="write the figures here as well")
    args = parser.parse_args()

    kiln = Kiln(args.library, args.threads, args.isa)
    peers, absent = find_peers(args.threads)
    print(f"{platform.machine()}, {args.threads} thread(s), kiln {kiln.version} {kiln.isa}; "
          f"peers: {', '.join(p.name for p in peers) or 'none'}; not installed: {', '.join(absent) or 'none'}")
    figures = []
    for op in args.op or kiln.operators():
        for label in args.size or SIZES:
            rows = run_case(op, SIZES[label], kiln, peers, args.rounds)
            print_case(label, rows)
            sys.stdout.flush()
            figures += rows
    if args.json:
        with open(args.json + ".partial", "w") as out:
            json.dump({"threads": args.threads, "isa": kiln.isa, "version": kiln.version, "rows": figures}, out, indent=1)
        os.replace(args.json + ".partial", args.json)


if __name__ == "__main__":
    main()
