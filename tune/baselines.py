"""Baselines: Halide's own autoschedulers on Kiln's algorithms, to hold schedules against. A baseline is a kernel of the same
symbol and signature, linked ahead of the archive, whose own one is then not taken; docs/speed/tuning.md has what it is good for."""
import dataclasses
import fnmatch
import functools
import importlib.util
import json
import pathlib

from .errors import TuneError

FOLDER = pathlib.Path(__file__).resolve().parent
SERIAL_PARALLEL_FOR = FOLDER / "native/serial_parallel_for.cpp"  # compiled and linked with every baseline
LIMIT = 120  # seconds that a run of a generator may take
# Kernels of segments, in which Halide's checks would refuse good buffers; the others keep them in a baseline, which then
# refuses what is smaller than its tiles.
UNCHECKED = ("layer_norm_rows", "channel_moments_*", "norm_*_contiguous", "norm_*_channels_last")


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


def estimates_of(name):
    """Those of a kernel <operator>.<form>: {argument: extents, innermost first, or a scalar's value}; None where there are none."""
    for entry in table():
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in entry["kernels"]):
            return {argument: value for argument, value in entry.items() if argument != "kernels"}
    return None


def written(estimates):
    """As generators take them (generators/schedules/estimates.h)."""
    def numbers(value):
        return "x".join(str(v) for v in value) if isinstance(value, list) else repr(value)
    return ",".join(f"{argument}:{numbers(value)}" for argument, value in estimates.items())


def baseline_command(generator, name, kernel, autoscheduler, halide_target, out_dir, estimates, identity=()):
    """The command that makes out_dir/kernel.o and kernel.schedule.h. generator: its program; name: that of the generator in it;
    kernel: the symbol; halide_target: as for Kiln's own kernel; identity: what tells an elementwise one what it is
    (operator=tanh accuracy=exact)."""
    scheduler = AUTOSCHEDULERS[autoscheduler]
    if not any(fnmatch.fnmatchcase(name, pattern) for pattern in UNCHECKED):
        halide_target = halide_target.replace("-no_asserts", "")
    return [str(generator), "-g", name, "-f", kernel, "-o", str(out_dir), "-e", "object,schedule",
            "-p", str(plugin(autoscheduler)), f"target={halide_target}", f"autoscheduler={autoscheduler}",
            *(f"autoscheduler.{n}={v}" for n, v in scheduler.parameters.items()),
            *identity, f"estimates={written(estimates)}"]
