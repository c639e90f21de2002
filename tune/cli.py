"""kiln-tune: finds the numbers of schedules/<target>.json on this machine. docs/speed/tuning.md shows a run."""
import argparse
import pathlib
import re
import signal
import sys

from bench.cli import add_identity, add_runner
from bench.errors import BenchError

from . import figures, kernels, report
from .errors import TuneError
from .study import Storage
from .tuning import Choosing, Tuning


def seconds(text):
    found = re.fullmatch(r"(\d+)([smh]?)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"expected a time like 90s, 30m or 2h, got {text}")
    return int(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[found[2]]


def pattern(text):
    try:
        re.compile(text)
    except re.error as e:
        raise argparse.ArgumentTypeError(f"expected a regular expression, got {text}: {e}") from e
    return text


def positive(text):
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {text}")
    return int(text)


def parser():
    p = argparse.ArgumentParser(prog="kiln-tune", description=__doc__)
    p.add_argument("--target", help="x86-64-avx512, x86-64-avx2, cuda-sm80, ...: a row of targets.def or devices.def "
                   "(default: the best that this CPU runs; with --report, all that have studies; with --choose, all of the build)")
    p.add_argument("--op", action="append", default=[], type=pattern, metavar="REGEX",
                   help="only kernels whose <operator>.<form> has this in it")
    add_identity(p)
    p.add_argument("--trials", type=positive, help="candidates a kernel (default: all of its space)")
    p.add_argument("--time", type=seconds, help="search so long, what is left in even parts for the kernels that are left: 30m")
    p.add_argument("--storage", help="SQLAlchemy URL of the studies (default: SQLite, BUILD/tune/studies.db)")
    p.add_argument("--study", default="kiln", help="name of the studies in the storage")
    add_runner(p)
    p.add_argument("--emulated", action="store_true", help="the runner is an emulator, whose times are no speed: as --dry-run. A device "
                   "that is a CPU or a simulator counts as one")
    p.add_argument("--no-baselines", action="store_true", help="leave Halide's autoschedulers out of the final comparison")
    p.add_argument("--dry-run", action="store_true", help="leave schedules/ and tune/machines/ as they are")
    p.add_argument("--choose", action="store_true", help="search nothing; write what is best on all machines of tune/machines/")
    p.add_argument("--report", action="store_true", help="search nothing; write what the studies say as an HTML page")
    p.add_argument("--out", help="the page (default: BUILD/tune/report.html)")
    p.add_argument("--build", help="the build whose kernels are tuned (default: build/release, build/aarch64 for its target)")
    return p


def build_of(args):
    """The folder that is tuned."""
    cross = (args.target or "").startswith("aarch64")
    return pathlib.Path(args.build or kernels.ROOT / "build" / ("aarch64" if cross else "release"))


def storage_of(args):
    """That of the studies; a report makes no file."""
    file = build_of(args) / "tune/studies.db"
    url = args.storage or f"sqlite:///{file}"
    if args.report and url.startswith("sqlite:///") and not pathlib.Path(url[len("sqlite:///"):]).exists():
        raise TuneError(f"--report: {args.storage or file.parent} has no studies; a run of kiln-tune makes them, --storage names others")
    file.parent.mkdir(exist_ok=True)
    return Storage(url)


def write_report(args):
    target = kernels.target_named(args.target) if args.target else None
    report.write(storage_of(args), figures.Wanted(args.study, target, args.direction, args.dtype, tuple(args.op)),
                 args.out or str(build_of(args) / "tune/report.html"))


def main():
    args = parser().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if args.report:
            write_report(args)
        elif args.choose:
            Choosing(args, build_of(args)).run()
        else:
            Tuning(args, build_of(args), storage_of).run()
        return 0
    except KeyboardInterrupt:
        print("\nInterrupted: finished candidates are kept; the same command goes on", file=sys.stderr)
        return 130
    except (TuneError, BenchError) as e:
        print(f"kiln-tune: error: {e}", file=sys.stderr)
        return 2
