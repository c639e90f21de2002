"""The command line of the benchmark."""
import argparse
import os
import pathlib
import sys

from . import compare, estimate, readme, report, run, static, table
from .errors import BenchError

ROOT = run.ROOT


def positive(kind):
    def convert(text):
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"expected more than 0, got {text}")
        return value
    convert.__name__ = kind.__name__
    return convert


def slowed(text):
    op, _, factor = text.partition("=")
    try:
        return op, int(factor)
    except ValueError as e:
        raise argparse.ArgumentTypeError(f"expected OPERATOR=FACTOR, got {text}") from e


def default_python():
    """The one that `make bench-peers` made, where it has."""
    peers = ROOT / ".venv-peers/bin/python"
    return str(peers if peers.exists() else pathlib.Path(sys.executable))


def add_runner(p):
    p.add_argument("--runner", default="", metavar="COMMAND", help='starts programs elsewhere: "ssh board"')
    p.add_argument("--send-to", default="", metavar="FOLDER", help="sends them there first, by the runner's mkdir, dd and chmod; "
                   "without it the runner finds them under this machine's paths")


def add_direction(p, default="forward"):
    p.add_argument("--direction", choices=table.directions(), default=default, help="of the operators, backward for their gradients "
                   "(default: forward)")


def add_identity(p):
    """The direction and the element type of what is tuned."""
    add_direction(p)
    p.add_argument("--dtype", choices=list(table.BYTES), default="float32", help="of tensors (default: float32)")


def add_run(commands):
    p = commands.add_parser("run", help="measure, and write a results file", description=run.__doc__)
    size = p.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="layers and operators by size, contiguous, best instruction set (default)")
    size.add_argument("--record", action="store_true", help="as --quick, and layers in every layout and beside torch.compile; "
                      "writes bench/results/machines/, of which the README has a table a machine")
    size.add_argument("--full", action="store_true", help="every case, layout and instruction set")
    p.add_argument("--case", action="append", metavar="REGEX", help="only cases whose id (NAME/LEVEL/LAYOUT) has this in it")
    p.add_argument("--op", action="append", choices=list(table.operators()) + list(table.operators("backward")), metavar="OPERATOR",
                   help="only cases of this operator, or of this gradient; repeatable")
    add_direction(p, default=None)
    p.add_argument("--dtype", choices=list(table.BYTES), action="append", help="of tensors, repeatable (default: float32); of types of 16 "
                   "bits the largest layer of each operator and a size in memory, beside Kiln on float32")
    p.add_argument("--out", help="results file (default: in bench/results/, quick.json, full.json or machines/NAME.json, NAME-float16.json "
                   "where the types are not float32 alone, NAME-backward.json of gradients)")
    p.add_argument("--rounds", type=positive(int), help="rounds of a case (default: 5, full 11)")
    p.add_argument("--round-ms", type=positive(float), default=2,
                   help="that an implementation is called for in a round (default: 2)")
    p.add_argument("--threads", type=positive(int), action="append", help="default: 1 and all")
    p.add_argument("--isa", action="append", help="instruction set forced for Kiln; repeatable")
    p.add_argument("--device", choices=table.devices(), help="measure Kiln in a device's memory, beside copies there")
    p.add_argument("--counts", action="store_true", help="count instructions (valgrind) in place of time")
    p.add_argument("--without", action="append", default=[], metavar="PEER", help="leave a peer out; repeatable")
    p.add_argument("--no-python", action="store_true", help="no peers of Python at all: kiln_bench alone")
    p.add_argument("--python", default=default_python(), help="the interpreter that has the peers")
    add_runner(p)
    p.add_argument("--program", help="kiln_bench, as the runner finds it (default: that of --build)")
    p.add_argument("--emulated", action="store_true", help="the runner is an emulator: its figures are marked as no speed")
    p.add_argument("--limit", type=positive(float), default=300, help="seconds after which a case counts as hung (default: 300)")
    p.add_argument("--build", default=str(ROOT / "build/release"), help=argparse.SUPPRESS)
    p.add_argument("--slow", type=slowed, action="append", default=[], help=argparse.SUPPRESS)  # for the tests
    p.set_defaults(call=start_run)


def direction_of(args):
    """What is asked for, or what the operators are of."""
    found = {table.operator(op).direction for op in args.op or []} | ({args.direction} if args.direction else set())
    if len(found) > 1:
        raise BenchError("--op: expected operators of one direction, as a results file is of one")
    return found.pop() if found else "forward"


def start_run(args):
    args.direction = direction_of(args)
    args.slow = dict(args.slow)
    args.rounds = args.rounds or (11 if args.full else 5)
    args.build = os.path.abspath(args.build)
    args.size = "full" if args.full else "record" if args.record else "quick"
    args.out = args.out and os.path.abspath(args.out)
    args.dtypes = [dtype for dtype in table.BYTES if dtype in (args.dtype or ["float32"])]
    if args.device and (args.counts or args.isa):
        raise BenchError("--device: expected neither --counts nor --isa, which are about the CPU")
    if args.device and args.dtypes != ["float32"]:
        raise BenchError(f"--device: devices take float32, got --dtype {' --dtype '.join(args.dtypes)}")
    if args.counts:
        args.threads, args.no_python = [1], True
        args.isa = args.isa or ["avx2"]
    return run.run(args)


def add_others(commands):
    p = commands.add_parser("compare", help="what got slower or faster", description=compare.__doc__,
                            formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("old")
    p.add_argument("new")
    p.add_argument("--tolerance", type=positive(float), help="change that counts beyond the noise: 0.05 is 5 %%")
    p.add_argument("--all", action="store_true", help="copies and peers too")
    p.set_defaults(call=compare.compare)
    p = commands.add_parser("estimate", help="every operator on AArch64 cores, by llvm-mca", description=estimate.__doc__)
    p.add_argument("--program", default=str(ROOT / "build/aarch64/bin/kiln_bench"), help="kiln_bench for AArch64")
    p.add_argument("--case", action="append", metavar="REGEX", help="only cases whose id has this in it")
    p.add_argument("--out", default=str(ROOT / "bench/results/aarch64-estimate.json"))
    p.set_defaults(call=estimate.estimate)
    p = commands.add_parser("static", help="CUDA kernels without a GPU, by ptxas", description=static.__doc__)
    p.add_argument("--kernels", default=str(ROOT / "build/release/kernels"), help="the folder of PTX of a build")
    p.add_argument("--out", default=str(ROOT / "bench/results/cuda-static.json"))
    p.set_defaults(call=static.static)
    p = commands.add_parser("report", help="results as one HTML file", description=report.__doc__)
    p.add_argument("file")
    p.add_argument("--out", help="default: FILE with .html")
    p.set_defaults(call=report.report)
    p = commands.add_parser("readme", help="write the README's performance tables", description=readme.__doc__)
    p.add_argument("file", nargs="*", help="results files, one a machine (default: all of bench/results/machines/)")
    p.add_argument("--readme", default=str(ROOT / "README.md"))
    p.add_argument("--check", action="store_true", help="write nothing; say whether it is so")
    p.set_defaults(call=readme.readme)


def main():
    parser = argparse.ArgumentParser(prog="bench", description="Kiln beside copies and the libraries that users have now.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_run(commands)
    add_others(commands)
    args = parser.parse_args()
    try:
        return args.call(args)
    except BenchError as e:
        print(f"bench: error: {e}", file=sys.stderr)
        return 2
