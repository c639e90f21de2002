"""What `make demo` shows: worked examples and a photograph-sized array through the real `kiln`, checked.

    demo.py --kiln PATH_TO_TOOL

Exits with 1 where a printed digit is not the documentation's, or an array is not what numpy computes in float64.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2]))
from bench import operators, table  # noqa: E402

# Operator, inputs, and results to four decimals as the documentation and the tables of these functions have them. The other
# results are compared with the benchmark's definitions in float64 (bench/operators.py).
EXAMPLES = [
    ("tanh", [-2, 0, 2], [-0.9640, 0, 0.9640]),
    ("sigmoid", [-2, 0, 2], [0.1192, 0.5, 0.8808]),
    ("hardsigmoid", [-4, -2, 0, 2, 4], [0, 0.1667, 0.5, 0.8333, 1]),
    ("silu", [-2, 0, 2], [-0.2384, 0, 1.7616]),
    ("mish", [-2, 0, 2], [-0.2525, 0, 1.9440]),
    ("softplus", [-2, 0, 2], [0.1269, 0.6931, 2.1269]),
]

PHOTO = (3, 3000, 4000)

# Arguments that are not the table's defaults and examples, in the worked examples and for the photograph.
SMALL = {"batch_norm": {"training": True}, "group_norm": {"num_groups": 3}, "local_response_norm": {"alpha": 0.1}}
LARGE = {"batch_norm": {"training": True}, "group_norm": {"num_groups": 30}}


def arguments_of(op, shape, given):
    """What the call is given: arguments without default have their row's example, a shape is that of the last dimension."""
    needed = {a.name: a.example if a.type == "integer" else [shape[-1]] for a in table.operator(op).arguments
              if a.default is None}
    return {**needed, **given.get(op, {})}


def options_of(arguments):
    """Arguments as options of the tool."""
    options = []
    for name, value in arguments.items():
        options.append("--" + name.replace("_", "-"))
        if value is not True:
            options.append(",".join(map(str, value)) if isinstance(value, list) else str(value))
    return options


def definition(op, x, arguments, whole):
    """The operator in float64 without parameters: x is `whole`, or its first samples."""
    def identity(tensor):
        shape = arguments["normalized_shape"] if tensor.shape == "normalized_shape" else whole.shape[1]
        return np.full(shape, tensor.identity)

    tensors = {t.name: identity(t) for t in table.operator(op).tensors if t.role == "parameter"}
    return operators.operator(op).result(x.astype(np.float64), table.arguments(op, arguments), tensors, whole)


class Demo:
    def __init__(self, kiln, folder):
        self.kiln = kiln
        self.folder = pathlib.Path(folder)
        self.failures = []

    def tool(self, *arguments):
        done = subprocess.run([self.kiln, *map(str, arguments)], text=True, capture_output=True)
        if done.returncode != 0:
            sys.exit(done.stderr.strip() or f"kiln {arguments[0]}: exit code {done.returncode}")
        return done.stdout

    def run(self, op, x, *options):
        """x through `kiln run`; the result and the seconds that the command took."""
        source, target = self.folder / "x.npy", self.folder / "y.npy"
        if x is not None:
            np.save(source, x)
        start = time.perf_counter()
        self.tool("run", op, source, target, *options)
        return np.load(target, mmap_mode="r"), time.perf_counter() - start

    def check(self, passed, what):
        if not passed:
            self.failures.append(what)
        return "ok" if passed else "MISMATCH"

    def worked_examples(self):
        print("Worked examples: kiln run OP x.npy y.npy\n")
        for op, inputs, expected in EXAMPLES:
            y, _ = self.run(op, np.array(inputs, np.float32))
            shown, documented = ([f"{v:.4f}".replace("-0.0000", "0.0000") for v in values] for values in (y, expected))
            print(f"  {op}")
            print("    x             " + "".join(f"{v:>9}" for v in inputs))
            print("    kiln          " + "".join(f"{v:>9}" for v in shown))
            print("    documentation " + "".join(f"{v:>9}" for v in documented) +
                  "   " + self.check(shown == documented, op))
        for op, row in table.operators().items():
            if row.family != "elementwise":
                self.normalization_example(op, (2, 6, 5, 10))
        print()

    def normalization_example(self, op, shape):
        x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        arguments = arguments_of(op, shape, SMALL)
        options = options_of(arguments)
        y, _ = self.run(op, x, *options)
        expected = definition(op, x, arguments, x)
        error = np.abs(y - expected).max()
        print(f"  {' '.join([op, *options])}, of a {shape} tensor")
        for name, values in (("x", x), ("kiln", y), ("numpy float64", expected)):
            print(f"    {name:<14}" + "".join(f"{v:>9.4f}" for v in values.flat[:6]) + "   ...")
        print(f"    largest difference {error:.1e}   " + self.check(error < 1e-6, op))

    def photograph(self, listed):
        x = photograph(PHOTO)
        np.save(self.folder / "x.npy", x)
        print(f"A photograph-sized array, {PHOTO} float32, {x.nbytes / 1e6:.0f} MB: kiln run, file to file\n")
        print(f"  {'':<20} {'seconds':>8}  largest error against numpy float64 on the first of the three pictures")
        for op in listed:
            arguments = arguments_of(op, PHOTO, LARGE)
            y, seconds = self.run(op, None, *options_of(arguments))
            error = np.abs(y[:1] - definition(op, x[:1], arguments, x)).max()
            print(f"  {op:<20} {seconds:>8.2f}  {error:.1e}  {self.check(error < 1e-6, f'{op} of the photograph')}", flush=True)
        print()


def photograph(shape):
    """Smooth shades, edges and grain in three channels, scaled as networks take pictures: mean 0, deviation 1."""
    channels, height, width = shape
    row = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    column = np.linspace(0, 1, width, dtype=np.float32)
    random = np.random.default_rng(1)
    picture = np.empty(shape, np.float32)
    for c in range(channels):
        picture[c] = np.sin(9 * row + c) * np.cos(7 * column) + ((40 * row).astype(np.int32) % 5 == c)
        picture[c] += 0.1 * random.standard_normal((height, 1), np.float32)
        picture[c, :, : width // 2] += 0.05 * random.standard_normal(width // 2, np.float32)
    picture -= picture[:, ::16, ::16].mean()
    picture /= picture[:, ::16, ::16].std()
    return picture


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kiln", required=True, help="the tool, as built")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kiln-demo-") as folder:
        demo = Demo(arguments.kiln, folder)
        print(demo.tool("info"))
        listed = [op["name"] for op in json.loads(demo.tool("list", "--json"))["operators"]
                  if op["name"] in table.operators()]
        demo.worked_examples()
        demo.photograph(listed)
    print("Throughput beside memcpy in the same run: kiln time --threads 1\n")
    print(demo.tool("time", "--rounds", "5", "--threads", "1", "--shape", ",".join(map(str, PHOTO))))
    if demo.failures:
        sys.exit("demo: mismatch: " + ", ".join(demo.failures))


if __name__ == "__main__":
    main()
