"""The kernels that a build has, from the manifest that CMake writes (cmake/KilnTune.cmake)."""
import dataclasses
import hashlib
import json
import os
import pathlib
import re

from . import families, spaces
from .errors import TuneError
from .families import GENERAL

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Kernel:
    symbol: str
    op: str
    direction: str
    dtype: str
    form: str
    accuracy: str
    target: str
    cpu_family: str  # whose variant it is
    up_to: int
    grain: int
    form_name: str
    generator: str  # program
    name: str  # of the generator in it
    halide: str
    identity: tuple
    source: str  # that has its list
    streamed: bool = False

    @property
    def name_of_form(self):
        """<operator>.<form>, by which spaces and estimates name it."""
        return f"{self.op}.{self.form}"

    @property
    def has_accuracies(self):
        """Whether its generator makes several, as those of elementwise operators do."""
        return any(i.startswith("accuracy=") for i in self.identity)

    @property
    def key(self):
        """Its entry in schedules/<target>.json, of its direction and element type."""
        return self.name_of_form + (f".{self.accuracy}" if self.has_accuracies else "")

    @property
    def list_name(self):
        """That of the list of kernels that has it: tanh, tanh_float16."""
        return pathlib.Path(self.source).stem

    def row(self):
        """Its row of generated/kernels/<list>.inc, as runtime/kernels.cpp.in takes it (cmake/KilnKernels.cmake writes it alike)."""
        up_to = "INT64_MAX" if self.up_to is None else self.up_to
        return (f'KILN_KERNEL({self.op}, {self.direction}, {self.dtype}, {self.form}, "{self.form_name}", {self.accuracy}, '
                f"{self.target}, {self.cpu_family}, {self.symbol}, {self.grain}, {up_to}, {str(self.streamed).lower()})\n")


class Manifest:
    def __init__(self, build):
        self.build = pathlib.Path(build)
        path = self.build / "generated/tune.json"
        if not path.exists():
            raise TuneError(f"{path}: no such file; make tune configures and builds what it needs")
        content = json.loads(path.read_text())
        self.compiler, self.archive, self.programs = content["compiler"], content["archive"], content["programs"]
        self.archive_options = content["archive_options"]  # that have kernels of all element types linked
        self.emulator = content["emulator"]  # words before a program of a cross build; none before this machine's own
        self.listed = [Kernel(**{**row, "identity": tuple(row["identity"])}) for row in content["kernels"]]
        # Those that stream are not tuned: they have the numbers of those that do not, or their own.
        self.kernels = [k for k in self.listed if not k.streamed]

    def fingerprint(self, kernel):
        """Of what a candidate of the kernel is made from: it changes when the build has made one of the files anew."""
        files = [kernel.generator, kernel.source, self.archive]
        for parts in self.programs.values():
            files += [f for f in parts["objects"] + parts["libraries"] if not f.startswith("-")]
        stats = [(f, os.stat(f).st_mtime_ns, os.stat(f).st_size) for f in files]
        return hashlib.sha256(repr(stats).encode()).hexdigest()

    def compile_command(self, source):
        """As the build compiles it."""
        for entry in json.loads((self.build / "compile_commands.json").read_text()):
            if entry["file"] == source:
                return entry["command"]
        raise TuneError(f"compile_commands.json: expected {source}")


def isa_of(target):
    """As contexts and the benchmark call it; None for what is no CPU's."""
    row = re.search(rf'^KILN_TARGET\({target}, \w+, (\w+),', (ROOT / "targets.def").read_text(), re.MULTILINE)
    return row[1] if row else None


def target_of_isa(isa, architecture):
    """The row of targets.def that contexts and the benchmark call so."""
    return re.search(rf"^KILN_TARGET\((\w+), {architecture}, {isa},", (ROOT / "targets.def").read_text(), re.MULTILINE)[1]


def devices():
    """{row of devices.def: how kiln_bench calls the device}"""
    return dict(re.findall(r"^KILN_DEVICE\((\w+), (\w+),", (ROOT / "devices.def").read_text(), re.MULTILINE))


def target_named(name):
    """The row of targets.def or devices.def: x86_64_avx2, or x86-64-avx2 as Halide spells architectures."""
    rows = re.findall(r"^KILN_TARGET\((\w+),", (ROOT / "targets.def").read_text(), re.MULTILINE) + [*devices()]
    wanted = name.replace("-", "_")
    if wanted not in rows:
        raise TuneError(f"--target {name}: expected one of {', '.join(rows)}")
    return wanted


def entries_of(file, kernel):
    """Those of schedules/<target>.json for a kernel's direction and element type."""
    return file.get(kernel.direction, {}).get(kernel.dtype, {})


def entry_of(file, kernel):
    """What schedules/<target>.json says of a kernel: the first of its keys that is there (docs/speed/schedules.md)."""
    entries = entries_of(file, kernel)
    for key in (f"{kernel.name_of_form}.{kernel.accuracy}", kernel.name_of_form, kernel.form):
        if key in entries:
            return entries[key]
    raise TuneError(f"schedules/{kernel.target}.json: {kernel.direction}: {kernel.dtype}: no entry for {kernel.name_of_form}")


@dataclasses.dataclass
class Unit:
    """What one study is about: the kernel that serves all shapes, or those of a class, on CPUs of a family, and its space."""
    kernel: Kernel
    space: spaces.Space
    up_to: int = None  # of the class
    family: str = GENERAL

    @property
    def name(self):
        return self.kernel.key + (f".up_to_{self.up_to}" if self.up_to else "")

    def serving(self, file):
        """Its kernel's entry, or the class in it that serves its shapes."""
        entry = entry_of(file, self.kernel)
        return next((c for c in entry.get("classes", []) if self.up_to and c["up_to"] >= self.up_to), entry)

    def present(self, file, family=None):
        """The numbers that serve it now, on CPUs of a family, its own where none is named."""
        serving = self.serving(file)
        schedule = variants_of(serving).get(family or self.family, serving)
        point = self.space.point_of(schedule)
        if point is None:
            raise TuneError(f"schedules/{self.kernel.target}.json: the entry of {self.name} lies outside its space")
        return point

    def updated(self, file, numbers):
        """Its kernel's entry with other numbers. Its classes, its variants and what it says of streaming stay."""
        return self.replaced(file, lambda schedule: {**numbers, **those(schedule, "streamed", "variants")})

    def with_variant(self, file, family, numbers):
        """Its kernel's entry with a variant that has these numbers; without one of the family where they are None."""
        def changed(schedule):
            others = {n: v for n, v in variants_of(schedule).items() if n != family}
            if numbers:
                others[family] = {"family": family, **numbers, **those(variants_of(schedule).get(family, {}), "streamed")}
            rest = {n: v for n, v in schedule.items() if n != "variants"}
            return {**rest, "variants": [others[n] for n in sorted(others)]} if others else rest
        return self.replaced(file, changed)

    def replaced(self, file, change):
        """Its kernel's entry, `change` being done to what serves its shapes; of a class, in a class of its own."""
        entry, serving = entry_of(file, self.kernel), self.serving(file)
        classes = entry.get("classes", [])
        if not self.up_to:
            rest = {n: v for n, v in entry.items() if n != "classes"}
            return {**change(rest), **those(entry, "classes")}
        bare = {n: v for n, v in serving.items() if n not in ("up_to", "classes", "tuned")}
        others = [c for c in classes if c["up_to"] != self.up_to]
        return {**entry, "classes": sorted([*others, {"up_to": self.up_to, **change(bare)}], key=lambda c: c["up_to"])}


def those(schedule, *names):
    """What it says by these names."""
    return {n: v for n, v in schedule.items() if n in names}


def variants_of(schedule):
    """{family: the variant} of an entry or a class."""
    return {v["family"]: v for v in schedule.get("variants", [])}


def kernel_serving(manifest, kernel, up_to, family):
    """The one that serves the class on CPUs of a family: its own where the build has one, else that of the next larger class,
    else of all shapes, as the class of None; of each the family's variant where there is one."""
    able = [k for k in manifest.kernels if identity(k) == identity(kernel) and k.cpu_family in (family, GENERAL)
            and (k.up_to is None or (up_to is not None and k.up_to >= up_to))]
    return min(able, key=lambda k: (k.up_to is None, k.up_to or 0, k.cpu_family == GENERAL))


def identity(kernel):
    """What its shape classes and variants have in common."""
    return kernel.op, kernel.direction, kernel.dtype, kernel.form, kernel.accuracy, kernel.target


def served(limits, up_to):
    """The extents, (above, up to), of the class `up_to`, or of what no class has (None). `limits`: those of all classes."""
    if not limits:
        return None, None
    return max((limit for limit in limits if up_to is None or limit < up_to), default=0), up_to


def units_of_kernel(manifest, kernel, space, machine):
    """Of the kernel for all shapes, then of its space's classes; of a machine, what serves it there."""
    classes, family = space.get("classes", []), families.of(machine or {})
    limits = {c["up_to"] for c in classes} | {k.up_to for k in manifest.kernels
                                              if identity(k) == identity(kernel) and k.up_to is not None}
    yield Unit(kernel_serving(manifest, kernel, None, family), spaces.of_kernel(space, kernel, served(limits, None), machine),
               family=family)
    for each in classes:
        serving = kernel_serving(manifest, kernel, each["up_to"], family)
        of_class = {**space, "cases": space["cases"] + each.get("cases", [])}
        yield Unit(serving, spaces.of_kernel(of_class, kernel, served(limits, each["up_to"]), machine), each["up_to"],
                   family)


def units(manifest, target, declared, patterns, direction="forward", dtype="float32", machine=None):
    """The kernels of a target, a direction and an element type that have a space, and their classes, with cases sized for a
    machine (cases.py); `patterns`: regular expressions, one of which finds the key."""
    found = []
    kernels = [k for k in manifest.kernels if (k.target, k.direction, k.dtype) == (target, direction, dtype)]
    for kernel in kernels:
        space = spaces.matching(declared, kernel, "device" if target in devices() else "cpu")
        if kernel.up_to is not None or kernel.cpu_family != GENERAL or space is None:
            continue
        if patterns and not any(re.search(p, kernel.key) for p in patterns):
            continue
        found += units_of_kernel(manifest, kernel, space, machine)
    if not found:
        keys = ", ".join(sorted({k.key for k in kernels}))
        raise TuneError(f"--op {' '.join(patterns or [])}: no kernel that can be tuned has such a key; kernels are {keys}")
    return found
