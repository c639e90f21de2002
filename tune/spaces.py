"""Spaces of schedule numbers, as generators/schedules/*.json declare them beside the schedules: docs/speed/tuning.md says how.

A space is about the kernels whose <operator>.<form> one of its patterns names, on the CPU or on devices, of one direction
("direction", forward where it is not there) and all element types or those of a list ("dtypes")."""
import dataclasses
import fnmatch
import hashlib
import itertools
import json
import pathlib

from bench.errors import BenchError
from bench.table import BYTES

from . import cases
from .errors import TuneError
from .expressions import evaluate

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "generators/schedules"
PARTS = ("generator", "runtime")  # of an entry of schedules/<target>.json


def lanes(halide):
    """Values of a vector register of a target: of float32, in which kernels compute whatever the element type."""
    return (64 if "avx512" in halide else 32 if "-avx" in halide else 16) // BYTES["float32"]


@dataclasses.dataclass
class Space:
    parameters: dict  # {"generator.vector_width": [8, 16]}
    constraints: list
    cases: list  # requests of bench/native/session.h, with "name" and "threads", a number or "all"
    names: dict  # what expressions know besides the parameters

    @property
    def parts(self):
        return {part: [n.split(".", 1)[1] for n in self.parameters if n.startswith(f"{part}.")] for part in PARTS}

    def valid(self, point):
        names = {**self.names, **{n.split(".", 1)[1]: v for n, v in point.items()}}
        return (all(v in self.parameters[n] for n, v in point.items()) and len(point) == len(self.parameters)
                and all(evaluate(c, names) for c in self.constraints))

    def points(self):
        for values in itertools.product(*self.parameters.values()):
            point = dict(zip(self.parameters, values))
            if self.valid(point):
                yield point

    def digest(self):
        return hashlib.sha256(json.dumps(dataclasses.asdict(self), sort_keys=True).encode()).hexdigest()[:12]

    def point_of(self, entry):
        """The point of an entry of schedules/<target>.json; None where it lies outside."""
        point = {n: entry.get(n.split(".")[0], {}).get(n.split(".")[1]) for n in self.parameters}
        return point if self.valid(point) else None

    def entry_of(self, point):
        return {part: {n: point[f"{part}.{n}"] for n in names} for part, names in self.parts.items()}


def read(folder=FOLDER):
    """All spaces of the folder, as they are written."""
    found = []
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        try:
            spaces = json.loads(path.read_text())["spaces"]
        except (ValueError, KeyError, TypeError) as e:
            raise TuneError(f"{path.name}: expected an object with a list \"spaces\": {e}") from e
        for space in spaces:
            lacking = {"kernels", "where", "generator", "cases"} - set(space)
            if lacking:
                raise TuneError(f"{path.name}: the space of {space.get('kernels', '?')} lacks {', '.join(sorted(lacking))}")
            found.append({"file": path.name, **space})
    return found


def matching(spaces, kernel, where):
    """The first space that names a kernel; None where none does."""
    for space in spaces:
        fits = space["where"] == where and space.get("direction", "forward") == kernel.direction and (
            kernel.dtype in space.get("dtypes", [kernel.dtype]))
        if fits and any(fnmatch.fnmatchcase(kernel.name_of_form, p) for p in space["kernels"]):
            return space
    return None


def of_kernel(space, kernel, within=(None, None), machine=None):
    """The Space for a kernel of a target, which serves extents `within` (cases.py), with cases sized for a machine."""
    names = {"lanes": lanes(kernel.halide)}
    parameters = {f"{part}.{n}": sorted({evaluate(v, names) for v in values}) for part in PARTS
                  for n, values in space.get(part, {}).items()}
    least_task = min(parameters.get("runtime.grain", []), default=None)
    try:
        found = cases.of_kernel(space["cases"], kernel, within, least_task, machine)
    except BenchError as e:
        raise TuneError(f"the space of {kernel.name_of_form}: {e}") from e
    return Space(parameters, space.get("constraints", []), found, names)
