#!/usr/bin/env python3
"""Times Kiln beside copy, PyTorch (eager, torch.compile) and ONNX Runtime: one process, one case after another, the
contestants of a case interleaved over several rounds, outputs preallocated where the peer can.

Needs NumPy; a peer that is not installed is left out by name. Kiln is called through ctypes from a shared library that the
build makes of libkiln.a (target kiln_shared).

The figures: GB/s of one read and one write of the tensor at the fastest round and at the median, their ratio to copy (the
better of NumPy's copyto, which is memcpy, and PyTorch's copy_), and the largest error against float64: in ULP for
activations, absolute over max(1, |result|) for normalizations.
"""
import argparse
import dataclasses
import json
import os
import platform
import statistics
import sys
import time

import numpy as np

import cases
import reference
from kiln_ctypes import Kiln
from peer_libraries import find_peers

@dataclasses.dataclass
class Rounds:
    count: int
    seconds: float  # that a contestant is called for in a round
    pause: float  # seconds before: OpenMP's and ONNX Runtime's threads spin for some milliseconds after a call


class Contestant:
    """A call that computes the case's output; samples are seconds of one call."""

    def __init__(self, rounds, name, call, result=None):
        self.name, self.call, self.result, self.pause, self.samples = name, call, result, rounds.pause, []
        call()
        start = time.perf_counter()
        call()
        self.repeats = max(1, min(10000, int(rounds.seconds / max(time.perf_counter() - start, 1e-7))))

    def measure(self):
        if self.pause:
            time.sleep(self.pause)
            self.call()
        start = time.perf_counter()
        for _ in range(self.repeats):
            self.call()
        self.samples.append((time.perf_counter() - start) / self.repeats)

    def error(self, case, exact):
        if not self.result:
            return None
        self.call()
        y = np.asarray(self.result())
        if case.group in cases.SIZES:
            return reference.ulp_error(y, exact)
        return float(np.max(np.abs(y - exact) / np.maximum(1, np.abs(exact))))


def run_case(case, kiln, peers, rounds):
    flat_x, flat_y = kiln.aligned(case.bytes // 4), kiln.aligned(case.bytes // 4)
    x, y = case.place(flat_x), case.place(flat_y)
    x[...] = case.values()
    contestants = [Contestant(rounds, "copy: memcpy", lambda: np.copyto(flat_y, flat_x))]
    for accuracy in kiln.accuracies(case.op):
        contestants.append(Contestant(rounds, f"kiln {accuracy}", kiln.bind(case, accuracy, x, y), lambda: y))
    for peer in peers:
        bound = peer.bind(case, x)
        if bound:
            contestants.append(Contestant(rounds, peer.name, *bound))
    for _ in range(rounds.count):
        for c in contestants:
            c.measure()
    exact = reference.evaluate(case, np.ascontiguousarray(x))
    return [{"case": case.label, "operator": case.op, "bytes": case.bytes, "contestant": c.name, "seconds": min(c.samples),
             "median_seconds": statistics.median(c.samples), "error": c.error(case, exact)} for c in contestants]


def print_case(rows):
    copy = min((r for r in rows if r["contestant"].startswith("copy")), key=lambda r: r["seconds"])
    print(f"\n{rows[0]['case']}\n  {'':20} {'GB/s':>8} {'median':>8} {'of copy':>8} {'median':>8} {'error':>10}")
    for r in rows:
        error = "" if r["error"] is None else f"{r['error']:.4g}"
        print(f"  {r['contestant']:20} {2e-9 * r['bytes'] / r['seconds']:8.1f} {2e-9 * r['bytes'] / r['median_seconds']:8.1f} "
              f"{copy['seconds'] / r['seconds']:8.2f} {copy['median_seconds'] / r['median_seconds']:8.2f} {error:>10}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", help="libkiln_shared.so")
    parser.add_argument("--op", action="append", help="only these operators")
    parser.add_argument("--group", action="append", choices=[*cases.SIZES, "normalizations"], help="only these cases")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--isa", help="force an instruction set for Kiln")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--round-ms", type=float, default=2, help="how long a contestant is called for in a round; the longer, "
                        "the more of its tensors is in a cache (default 2)")
    parser.add_argument("--json", help="write the figures here as well")
    args = parser.parse_args()

    kiln = Kiln(args.library, args.threads, args.isa)
    peers, absent = find_peers(args.threads)
    print(f"{platform.machine()}, {args.threads} thread(s), kiln {kiln.version} {kiln.isa}; "
          f"peers: {', '.join(p.name for p in peers) or 'none'}; not installed: {', '.join(absent) or 'none'}")
    rounds = Rounds(args.rounds, args.round_ms * 1e-3, 50e-3 if args.threads > 1 else 0)
    figures = []
    for case in [c for op in kiln.activations() for c in cases.pointwise(op)] + cases.NORMALIZATIONS:
        if (args.op and case.op not in args.op) or (args.group and case.group not in args.group):
            continue
        rows = run_case(case, kiln, peers, rounds)
        print_case(rows)
        sys.stdout.flush()
        figures += rows
    if args.json:
        with open(args.json + ".partial", "w") as out:
            json.dump({"threads": args.threads, "isa": kiln.isa, "version": kiln.version, "rows": figures}, out, indent=1)
        os.replace(args.json + ".partial", args.json)


if __name__ == "__main__":
    main()
