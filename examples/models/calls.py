"""Calls of Kiln's operators that a model has made, and the same calls made again in other ways."""
import dataclasses
import hashlib
import subprocess

import numpy as np

#: In how many pieces the work of a call is cut.
THREADS = (1, 2, 5)


@dataclasses.dataclass
class Call:
    """One call: Kiln's operator, its arrays by the names of the arguments, its other arguments, and where it stands."""

    operator: str
    arrays: dict
    arguments: dict = dataclasses.field(default_factory=dict)
    place: str = ""
    output: np.ndarray | None = None  # what the model got

    @property
    def input(self):
        return self.arrays["input"]

    def kind(self):
        """Equal for calls that differ in their values alone."""
        shapes = tuple((name, array.dtype.str, array.shape) for name, array in self.arrays.items())
        return (self.operator, shapes, tuple(sorted(self.arguments.items())))

    def run(self, isa=None, threads=None):
        """The operator's result by the package's function, with an instruction set and threads where they are named."""
        import kiln

        with kiln.options(isa=isa, threads=threads):
            return getattr(kiln, self.operator)(**self.arrays, **self.arguments)

    def run_tool(self, command, folder):
        """The same by the tool `kiln`, whose command line begins with command, on files in a folder."""
        options = []
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", np.ascontiguousarray(array))
            if name != "input":
                options += [_option(name), str(folder / f"{name}.npy")]
        for name, value in self.arguments.items():
            options += [_option(name), ",".join(map(str, value)) if isinstance(value, tuple) else repr(value)]
        output = folder / "output.npy"
        words = [*command, "run", self.operator, str(folder / "input.npy"), str(output), *options]
        done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: status {done.returncode}: {done.stderr[-1000:]}")
        return np.load(output)


def _option(name):
    return "--" + name.replace("_", "-")


def digest(array):
    """SHA-256 of an array's values in C order."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def instruction_sets():
    """Those that this CPU runs, the best one first."""
    import kiln

    found = []
    for name in ("avx512", "avx2", "baseline", "neon"):
        try:
            kiln.options(isa=name)
        except ValueError:
            continue
        found.append(name)
    return found


def one_of_each_kind(calls):
    """The first call of each kind, in order."""
    kinds = {}
    for call in calls:
        kinds.setdefault(call.kind(), call)
    return list(kinds.values())


def different(call, expected):
    """The settings, instruction set and threads, whose result has another digest than expected, with that digest."""
    found = {}
    for isa in instruction_sets():
        for threads in THREADS:
            got = digest(call.run(isa, threads))
            if got != expected:
                found[isa, threads] = got
    return found
