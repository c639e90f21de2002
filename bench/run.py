#!/usr/bin/env python3
"""Runs kiln_bench with its cases interleaved and prints each operator beside copy.

Each case is run several times, in random order among the others (Google Benchmark's random interleaving), so that a
slow spell of the machine meets all of them. A figure is the fastest round; the median stands beside it, and a wide gap
between them says that the machine was noisy. Copy means the better of memcpy and a plain vector loop over the same
tensor in the same run; streaming stores are listed apart.
"""
import argparse
import collections
import json
import statistics
import subprocess
import sys
import tempfile

UNITS = {16 << 10: "16 KiB", 1 << 20: "1 MiB", 128 << 20: "128 MiB"}


def run(bench, rounds, pattern, seconds):
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(
            [bench, f"--benchmark_repetitions={rounds}", "--benchmark_enable_random_interleaving=true",
             f"--benchmark_min_time={seconds}", f"--benchmark_filter=^({pattern})/real_time$", f"--benchmark_out={out.name}",
             "--benchmark_out_format=json"],
            check=True, stdout=subprocess.DEVNULL)
        return json.load(open(out.name))


def seconds_by_case(results):
    """{(operator, accuracy, bytes, threads): [seconds of each round]}"""
    cases = collections.defaultdict(list)
    scale = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
    for row in results["benchmarks"]:
        if row["run_type"] == "iteration":
            operator, accuracy, size, threads = row["run_name"].removesuffix("/real_time").split("/")
            cases[operator, accuracy, int(size), int(threads)].append(row["real_time"] * scale[row["time_unit"]])
    return cases


def print_table(cases, size, threads):
    here = {key[:2]: times for key, times in cases.items() if key[2:] == (size, threads)}
    copy = min((here[c, "-"] for c in ("copy:memcpy", "copy:loop") if (c, "-") in here), key=min, default=None)
    print(f"\n{UNITS.get(size, f'{size} bytes')}, {threads} thread{'s' * (threads > 1)}")
    print(f"  {'':22} {'GB/s':>8} {'median':>8} {'of copy':>8} {'median':>8}")
    for (operator, accuracy), times in sorted(here.items(), key=lambda case: (not case[0][0].startswith("copy"), case[0])):
        name = operator if accuracy in ("-", "exact") else f"{operator} {accuracy}"
        fastest, median = (2e-9 * size / f(times) for f in (min, statistics.median))
        row = f"  {name:22} {fastest:8.1f} {median:8.1f}"
        if copy:
            row += f" {min(copy) / min(times):8.2f} {statistics.median(copy) / statistics.median(times):8.2f}"
        print(row)


def print_overhead(cases):
    call, kernel = (next((t for k, t in cases.items() if k[0] == f"overhead:{what}"), None) for what in ("call", "kernel"))
    if call and kernel:
        ns = [1e9 * (f(call) - f(kernel)) for f in (min, statistics.median)]
        print(f"\nA call on 16 elements, beyond the bare kernel: {ns[0]:.0f} ns, median {ns[1]:.0f} ns "
              f"(bare kernel {1e9 * min(kernel):.0f} ns)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", help="the program kiln_bench")
    parser.add_argument("--rounds", type=int, default=7, help="runs of each case (default: 7)")
    parser.add_argument("--filter", default=".*", help="regular expression on OPERATOR/accuracy/bytes/threads")
    parser.add_argument("--seconds", type=float, default=0.05, help="time in one round of a case (default: 0.05)")
    args = parser.parse_args()

    print(f"Measuring: {args.rounds} rounds of each case, interleaved", file=sys.stderr)
    results = run(args.bench, args.rounds, args.filter, args.seconds)
    cases = seconds_by_case(results)
    print_overhead(cases)
    for threads in sorted({k[3] for k in cases}):
        for size in sorted({k[2] for k in cases if not k[0].startswith("overhead:") and k[3] == threads}):
            print_table(cases, size, threads)


if __name__ == "__main__":
    main()
