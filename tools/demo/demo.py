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

# Operator, inputs, and results to four decimals as the documentation and the tables of these functions have them.
EXAMPLES = [
    ("tanh", [-2, 0, 2], [-0.9640, 0, 0.9640]),
    ("sigmoid", [-2, 0, 2], [0.1192, 0.5, 0.8808]),
    ("hardsigmoid", [-4, -2, 0, 2, 4], [0, 0.1667, 0.5, 0.8333, 1]),
    ("silu", [-2, 0, 2], [-0.2384, 0, 1.7616]),
    ("mish", [-2, 0, 2], [-0.2525, 0, 1.9440]),
    ("softplus", [-2, 0, 2], [0.1269, 0.6931, 2.1269]),
]

PHOTO = (3, 3000, 4000)


def standardized(x, axes, eps=1e-5):
    """What every normalization by mean and variance does, over its axes."""
    mean = x.mean(axes, keepdims=True)
    return (x - mean) / np.sqrt(((x - mean) ** 2).mean(axes, keepdims=True) + eps)


def group_norm(x, groups):
    return standardized(x.reshape(x.shape[0], groups, -1), 2).reshape(x.shape)


def local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1):
    padded = np.pad(x * x, [(0, 0), (size // 2, (size - 1) // 2), *[(0, 0)] * (x.ndim - 2)])
    mean = sum(padded[:, i : i + x.shape[1]] for i in range(size)) / size
    return x / (k + alpha * mean) ** beta


def normalize(x, dim):
    return x / np.maximum(np.sqrt((x * x).sum(dim, keepdims=True)), 1e-12)


# Operator, shape of random values, options, and the definition in float64.
NORMALIZATIONS = [
    ("batch_norm", (8, 3, 4, 4), ["--training"], lambda x: standardized(x, (0, 2, 3))),
    ("group_norm", (2, 6, 5, 5), ["--num-groups", "3"], lambda x: group_norm(x, 3)),
    ("instance_norm", (2, 3, 8, 8), [], lambda x: standardized(x, (2, 3))),
    ("layer_norm", (2, 5, 10), ["--normalized-shape", "5,10"], lambda x: standardized(x, (1, 2))),
    ("local_response_norm", (2, 8, 6, 6), ["--size", "5", "--alpha", "0.1"], lambda x: local_response_norm(x, 5, 0.1)),
    ("normalize", (4, 10), [], lambda x: normalize(x, 1)),
]

# For the photograph: options, the part on which numpy states the definition in float64, and the definition. Every 97th
# row is whole for what looks along rows or across the three pictures, every 97th column for what looks along columns.
ROWS, COLUMNS = np.s_[:, ::97], np.s_[:, :, ::97]
PICTURES = {
    "tanh": ([], ROWS, np.tanh),
    "sigmoid": ([], ROWS, lambda x: 1 / (1 + np.exp(-x))),
    "hardsigmoid": ([], ROWS, lambda x: np.clip(x + 3, 0, 6) / 6),
    "silu": ([], ROWS, lambda x: x / (1 + np.exp(-x))),
    "mish": ([], ROWS, lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    "softplus": ([], ROWS, lambda x: np.logaddexp(x, 0)),
    "batch_norm": (["--training"], ROWS, lambda x: standardized(x, (0, 2))),
    "group_norm": (["--num-groups", "30"], np.s_[:, :100], lambda x: standardized(x, (1, 2))),
    "instance_norm": ([], ROWS, lambda x: standardized(x, 2)),
    "layer_norm": (["--normalized-shape", str(PHOTO[-1])], ROWS, lambda x: standardized(x, 2)),
    "local_response_norm": (["--size", "5"], COLUMNS, lambda x: local_response_norm(x, 5)),
    "normalize": ([], COLUMNS, lambda x: normalize(x, 1)),
}


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
        for example in NORMALIZATIONS:
            self.normalization_example(*example)
        print()

    def normalization_example(self, op, shape, options, definition):
        x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        y, _ = self.run(op, x, *options)
        expected = definition(x.astype(np.float64))
        error = np.abs(y - expected).max()
        print(f"  {' '.join([op, *options])}, of a {shape} tensor")
        for name, values in (("x", x), ("kiln", y), ("numpy float64", expected)):
            print(f"    {name:<14}" + "".join(f"{v:>9.4f}" for v in values.flat[:6]) + "   ...")
        print(f"    largest difference {error:.1e}   " + self.check(error < 1e-6, op))

    def photograph(self, operators):
        x = photograph(PHOTO)
        np.save(self.folder / "x.npy", x)
        print(f"A photograph-sized array, {PHOTO} float32, {x.nbytes / 1e6:.0f} MB: kiln run, file to file\n")
        print(f"  {'':<20} {'seconds':>8}  largest error against numpy float64 on every 97th row or column")
        for op in operators:
            options, part, definition = PICTURES.get(op, ([], None, None))
            y, seconds = self.run(op, None, *options)
            verdict = "not checked here"
            if definition:
                error = np.abs(y[part] - definition(x[part].astype(np.float64))).max()
                verdict = f"{error:.1e}  " + self.check(error < 1e-6, f"{op} of the photograph")
            print(f"  {op:<20} {seconds:>8.2f}  {verdict}", flush=True)
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
        operators = [op["name"] for op in json.loads(demo.tool("list", "--json"))["operators"]]
        demo.worked_examples()
        demo.photograph(operators)
    print("Throughput beside memcpy in the same run: kiln time --threads 1\n")
    print(demo.tool("time", "--rounds", "5", "--threads", "1", "--shape", ",".join(map(str, PHOTO))))
    if demo.failures:
        sys.exit("demo: mismatch: " + ", ".join(demo.failures))


if __name__ == "__main__":
    main()
