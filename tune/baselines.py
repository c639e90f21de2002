"""Baselines: Halide's own autoschedulers on Kiln's algorithms, to hold schedules against. A baseline is a kernel of the same
symbol and signature, linked ahead of the archive, whose own one is then not taken; docs/speed/tuning.md has what it is good for."""
import dataclasses
import fnmatch
import functools
import importlib.util
import json
import pathlib

from . import kernels
from .errors import TuneError

FOLDER = pathlib.Path(__file__).resolve().parent
SERIAL_PARALLEL_FOR = FOLDER / "native/serial_parallel_for.cpp"  # compiled and linked with every baseline
LIMIT = 120  # seconds that a run of a generator may take

@dataclasses.dataclass(frozen=True)
class Autoscheduler:
    library: str  # among Halide's
    device: str  # that it schedules for, None for CPUs
    parameters: dict  # its own, each as autoscheduler.NAME=VALUE


# One thread: Kiln cuts work into its threads' tasks, and a baseline is called with one. Seeds are not 0, which would be the
# time of day; nothing is dropped at random.
AUTOSCHEDULERS = {
    "Mullapudi2016": Autoscheduler("mullapudi2016", None,
                                   {"parallelism": 1, "last_level_cache_size": 1 << 20, "balance": 40}),
    "Adams2019": Autoscheduler("adams2019", None,
                               {"parallelism": 1, "beam_size": 32, "random_dropout": 100, "random_dropout_seed": 1}),
    "Anderson2021": Autoscheduler("anderson2021", "cuda",
                                  {"parallelism": 108, "beam_size": 32, "random_dropout": 100, "random_dropout_seed": 1}),
}


def plugin(autoscheduler):
    """Path of its library, which lies beside Halide's in the wheel."""
    spec = importlib.util.find_spec("halide")
    name = f"libautoschedule_{AUTOSCHEDULERS[autoscheduler].library}.so"
    found = [p for place in spec.submodule_search_locations for p in pathlib.Path(place).glob(f"lib*/{name}")] if spec else []
    if not found:
        raise TuneError(f"{autoscheduler}: expected {name} in the wheel of Halide, which this Python lacks")
    return found[0]


@functools.cache
def table():
    return json.loads((FOLDER / "estimates.json").read_text())["estimates"]


def entry_of(kernel):
    """That of a kernel (kernels.py), {} where there is none."""
    where = "cpu" if kernels.isa_of(kernel.target) else "device"
    return next((entry for entry in table() if entry.get("where", where) == where
                 and any(fnmatch.fnmatchcase(kernel.name_of_form, pattern) for pattern in entry["kernels"])), {})


def estimates_of(kernel):
    """{argument: extents, innermost first, or a scalar's value}; None where there are none."""
    return {n: v for n, v in entry_of(kernel).items() if n not in ("kernels", "where", "segments")} or None


def written(estimates):
    """As generators take them (generators/schedules/estimates.h)."""
    def numbers(value):
        return "x".join(str(v) for v in value) if isinstance(value, list) else repr(value)
    return ",".join(f"{argument}:{numbers(value)}" for argument, value in estimates.items())


def halide_target_of(kernel):
    """As for Kiln's own kernel, but that only kernels of segments go without Halide's checks: it would refuse good buffers
    there. Others refuse what is smaller than their tiles."""
    return kernel.halide if entry_of(kernel).get("segments") else kernel.halide.replace("-no_asserts", "")


def baseline_command(kernel, autoscheduler, out_dir, estimates, emit="object,schedule"):
    """The command that makes out_dir/<symbol>.o and <symbol>.schedule.h of a kernel (kernels.py), or what else `emit` says."""
    scheduler = AUTOSCHEDULERS[autoscheduler]
    return [kernel.generator, "-g", kernel.name, "-f", kernel.symbol, "-o", str(out_dir), "-e", emit,
            "-p", str(plugin(autoscheduler)), f"target={halide_target_of(kernel)}", f"autoscheduler={autoscheduler}",
            *(f"autoscheduler.{n}={v}" for n, v in scheduler.parameters.items()),
            *kernel.identity, f"estimates={written(estimates)}"]
