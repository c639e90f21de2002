"""`kiln run` of the normalizations with every option, against their definitions in numpy's float64."""
import itertools
import json

import numpy as np

from support import BASELINE, ToolTest


def channels(values, x):
    """One value per channel, shaped to meet x."""
    return np.asarray(values, np.float64).reshape(1, -1, *[1] * (x.ndim - 2))


def standardized(x, mean, var, weight=1.0, bias=0.0, eps=1e-5):
    return (x - mean) / np.sqrt(var + eps) * weight + bias


def group_norm(x, groups, **options):
    rows = x.reshape(x.shape[0], groups, -1)
    mean, var = rows.mean(2, keepdims=True), rows.var(2, keepdims=True)
    eps = options.pop("eps", 1e-5)
    return standardized(rows, mean, var, eps=eps).reshape(x.shape) * options.get("weight", 1) + options.get("bias", 0)


def local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1.0):
    padded = np.pad(x**2, [(0, 0), (size // 2, (size - 1) // 2)] + [(0, 0)] * (x.ndim - 2))
    mean = sum(padded[:, i:i + x.shape[1]] for i in range(size)) / size
    return x / (k + alpha * mean) ** beta


def normalize(x, p=2.0, dim=(1,), eps=1e-12):
    magnitude = np.abs(x)
    if p == 0:
        norm = (x != 0).sum(dim, keepdims=True)
    elif np.isinf(p):
        norm = (magnitude.max if p > 0 else magnitude.min)(dim, keepdims=True)
    else:
        norm = (magnitude**p).sum(dim, keepdims=True) ** (1 / p)
    return x / np.maximum(norm, eps)


class Normalizations(ToolTest):
    def setUp(self):
        super().setUp()
        random = np.random.default_rng(7)
        self.x = random.standard_normal((3, 6, 5, 4)).astype(np.float32)
        self.tensors = {name: random.uniform(0.5, 2, 6).astype(np.float32)
                        for name in ["weight", "bias", "running-mean", "running-var"]}
        self.save("x.npy", self.x)
        for name, values in self.tensors.items():
            self.save(f"{name}.npy", values)
        self.exact = self.x.astype(np.float64)

    def given(self, *names):
        return [word for name in names for word in (f"--{name}", f"{name}.npy")]

    def of_channels(self, name):
        return channels(self.tensors[name], self.x)

    def check(self, expected, *arguments):
        for order in "CF":
            self.save("x.npy", np.asarray(self.x, order=order))
            self.good("run", arguments[0], "x.npy", "y.npy", *arguments[1:])
            np.testing.assert_allclose(self.load("y.npy"), expected, atol=2e-6, rtol=1e-6, err_msg=str(arguments))

    def updated(self, name, batch, momentum=0.1):
        return (1 - momentum) * self.tensors[name].astype(np.float64) + momentum * batch

    def check_statistics(self, mean, var, *arguments):
        """Both, either and none of the files; what they were made from stays."""
        wanted = {"running-mean": mean, "running-var": var}
        for outs in [(), ("running-mean",), ("running-var",), ("running-mean", "running-var")]:
            files = [word for name in outs for word in (f"--{name}-out", f"new-{name}.npy")]
            self.good("run", arguments[0], "x.npy", "y.npy", *arguments[1:], *files)
            for name in wanted:
                np.testing.assert_array_equal(self.load(f"{name}.npy"), self.tensors[name])
                path = self.folder / f"new-{name}.npy"
                self.assertEqual(path.exists(), name in outs)
                if name in outs:
                    np.testing.assert_allclose(np.load(path), wanted[name], rtol=2e-6)
                    path.unlink()

    def test_batch_norm(self):
        mean, var = self.exact.mean((0, 2, 3), keepdims=True), self.exact.var((0, 2, 3), keepdims=True)
        r, v = self.of_channels("running-mean"), self.of_channels("running-var")
        w, b = self.of_channels("weight"), self.of_channels("bias")
        statistics = self.given("running-mean", "running-var")
        self.check(standardized(self.exact, r, v), "batch_norm", *statistics)
        self.check(standardized(self.exact, r, v, w, b, 0.5), "batch_norm", *statistics, *self.given("weight", "bias"),
                   "--eps", "0.5")
        self.check(standardized(self.exact, mean, var), "batch_norm", "--training")
        self.check(standardized(self.exact, mean, var, w, b, 0.5), "batch_norm", "--training", "--eps=0.5",
                   *self.given("weight", "bias"), *statistics)
        batch = mean.ravel(), self.exact.var((0, 2, 3), ddof=1)
        for momentum, option in [(0.1, []), (0.75, ["--momentum", "0.75"]), (0, ["--momentum", "0"])]:
            self.check_statistics(self.updated("running-mean", batch[0], momentum),
                                  self.updated("running-var", batch[1], momentum),
                                  "batch_norm", "--training", *statistics, *option)

    def test_instance_norm(self):
        mean, var = self.exact.mean((2, 3), keepdims=True), self.exact.var((2, 3), keepdims=True)
        r, v = self.of_channels("running-mean"), self.of_channels("running-var")
        w, b = self.of_channels("weight"), self.of_channels("bias")
        statistics = self.given("running-mean", "running-var")
        for option in [[], ["--use-input-stats"]]:
            self.check(standardized(self.exact, mean, var), "instance_norm", *option)
        self.check(standardized(self.exact, mean, var, w, b, 0), "instance_norm", *self.given("weight", "bias"),
                   *statistics, "--eps", "0")
        self.check(standardized(self.exact, r, v, w), "instance_norm", "--no-use-input-stats", *statistics,
                   *self.given("weight"))
        batch = mean.mean(0).ravel(), self.exact.var((2, 3), ddof=1).mean(0)
        for momentum, option in [(0.1, []), (1, ["--momentum", "1"])]:
            self.check_statistics(self.updated("running-mean", batch[0], momentum),
                                  self.updated("running-var", batch[1], momentum), "instance_norm", *statistics, *option)

    def test_group_norm(self):
        w, b = self.of_channels("weight"), self.of_channels("bias")
        for groups in [1, 2, 3, 6]:
            self.check(group_norm(self.exact, groups), "group_norm", "--num-groups", groups)
        self.check(group_norm(self.exact, 3, weight=w, bias=b, eps=0.1), "group_norm", "--num-groups=3", "--eps", "0.1",
                   *self.given("weight", "bias"))

    def test_local_response_norm(self):
        for size in [1, 2, 5, 6, 20]:
            self.check(local_response_norm(self.exact, size), "local_response_norm", "--size", size)
        self.check(local_response_norm(self.exact, 3, 0.5, 1.25, 2), "local_response_norm", "--size", "3", "--alpha",
                   "0.5", "--beta", "1.25", "--k", "2")

    def test_normalize(self):
        self.check(normalize(self.exact), "normalize")
        for p in [2, 1, 0.5, 3, 0, -1, -2.5]:
            self.check(normalize(self.exact, p), "normalize", "--p", p)
        for text, p in [("inf", np.inf), ("-inf", -np.inf)]:
            self.check(normalize(self.exact, p), "normalize", "--p", text)
            self.check(normalize(self.exact, p), "normalize", f"--p={text}")
        for text, dim in [("0", 0), ("-1", -1), ("1,2", (1, 2)), ("-1,0", (3, 0)), ("all", None)]:
            self.check(normalize(self.exact, 2, dim), "normalize", "--dim", text)
        self.check(normalize(self.exact, 2, 1, 100), "normalize", "--eps", "100")

    def test_in_place(self):
        self.good("run", "batch_norm", "x.npy", "x.npy", "--training", *self.given("running-mean", "running-var"),
                  "--running-mean-out", "running-mean.npy", "--running-var-out", "running-var.npy")
        mean, var = self.exact.mean((0, 2, 3), keepdims=True), self.exact.var((0, 2, 3), keepdims=True)
        np.testing.assert_allclose(self.load("x.npy"), standardized(self.exact, mean, var), atol=2e-6)
        np.testing.assert_allclose(self.load("running-mean.npy"), self.updated("running-mean", mean.ravel()), rtol=2e-6)

    def test_threads_and_isa(self):
        for op, *options in [("batch_norm", "--training"), ("group_norm", "--num-groups", "2"), ("instance_norm",),
                             ("local_response_norm", "--size", "5"), ("normalize",)]:
            outputs = set()
            for how in [[], ["--threads", "1"], ["--threads", "3"], ["--isa", BASELINE]]:
                self.good("run", op, "x.npy", "y.npy", *options, *how)
                outputs.add(self.load("y.npy").tobytes())
            self.assertEqual(len(outputs), 1, op)


class Refused(ToolTest):
    def setUp(self):
        super().setUp()
        self.save("x.npy", np.arange(24, dtype=np.float32).reshape(2, 4, 3))
        self.save("y.npy", np.ones(3, np.float32))
        self.save("p.npy", np.ones(4, np.float32))
        self.save("short.npy", np.ones(3, np.float32))

    def refuse(self, op, *options, says=()):
        return self.bad("run", op, "x.npy", "y.npy", *options, says=says)

    def test_batch_norm(self):
        self.refuse("batch_norm", says=["error: --running-mean: "])
        self.refuse("batch_norm", "--running-mean", "p.npy", says=["error: --running-var: expected --running-mean and"])
        self.refuse("batch_norm", "--training", "--running-var", "p.npy", says=["error: --running-mean: "])
        self.refuse("batch_norm", "--training", "--eps", "0", says=["error: --eps: "])
        self.refuse("batch_norm", "--training", "--momentum", "nan", says=["error: --momentum: "])
        self.refuse("batch_norm", "--training", "--momentum", "x", says=["--momentum", "a real number"])
        for name in ["weight", "bias"]:
            self.refuse("batch_norm", "--training", "--" + name, "short.npy", says=[f"error: --{name}: ", "(4,)", "(3,)"])

    def test_group_norm(self):
        self.refuse("group_norm", says=["--num-groups is required"])
        for groups in ["0", "-1", "3", "5", str(2**62)]:
            self.refuse("group_norm", "--num-groups", groups, says=["error: --num-groups: ", groups])
        for groups in ["2.0", "", "two", str(2**64)]:
            self.refuse("group_norm", "--num-groups", groups, says=["--num-groups", "an integer"])

    def test_instance_norm(self):
        self.refuse("instance_norm", "--no-use-input-stats", says=["error: --running-mean: "])
        self.save("x.npy", np.ones((2, 4, 1), np.float32))
        self.refuse("instance_norm", says=["error: INPUT: ", "(2, 4, 1)", "--use-input-stats"])

    def test_local_response_norm(self):
        self.refuse("local_response_norm", says=["--size is required"])
        for size in ["0", "-3"]:
            self.refuse("local_response_norm", "--size", size, says=["error: --size: ", size])
        self.save("x.npy", np.ones((2, 4), np.float32))
        self.refuse("local_response_norm", "--size", "3", says=["error: INPUT: ", "3"])

    def test_normalize(self):
        for dim in ["3", "-4", "1,1", "0,-3"]:
            self.refuse("normalize", "--dim", dim, says=["error: --dim: "])
        for dim in ["1,", "one", "ALL"]:
            self.refuse("normalize", "--dim", dim, says=["--dim", dim])
        self.refuse("normalize", "--dim", "", says=["error: --dim: '', expected", "'all'"])
        self.refuse("normalize", "--dim=", says="--dim")
        self.refuse("normalize", "--p", "nan", says=["error: --p: "])
        self.refuse("normalize", "--p", "two", says=["--p", "a real number"])

    def test_statistics_that_are_not_made(self):
        given = ["--running-mean", "p.npy", "--running-var", "p.npy"]
        for op, updating, reading in [("batch_norm", ["--training"], []),
                                      ("instance_norm", [], ["--no-use-input-stats"])]:
            for out in ["--running-mean-out", "--running-var-out"]:
                self.refuse(op, *updating, out, "new.npy", says=[out, out[:-4]])
                self.refuse(op, *reading, *given, out, "new.npy",
                            says=[out, "--training" if op == "batch_norm" else "--use-input-stats"])
            self.refuse(op, *updating, *given, "--running-mean-out", "n.npy", "--running-var-out", "n.npy",
                        says="--running-var-out")

    def test_all_files_or_none(self):
        """Where one of the three cannot be written, none appears."""
        given = ["--training", "--running-mean", "p.npy", "--running-var", "p.npy"]
        for mean, var in itertools.permutations(["m.npy", "nowhere/v.npy"]):
            self.refuse("batch_norm", *given, "--running-mean-out", mean, "--running-var-out", var, says="nowhere/v.npy")
        self.bad("run", "batch_norm", "x.npy", "nowhere/y.npy", *given, "--running-mean-out", "m.npy", says="nowhere/y.npy")


class OnDevices(ToolTest):
    """The CPU's bits, with every tensor moved there and the statistics back."""

    def test_every_tensor(self):
        present = {device["device"] for device in json.loads(self.good("info", "--json"))["devices"]}
        if not present:
            self.skipTest("no device here")
        random = np.random.default_rng(8)
        self.save("x.npy", random.standard_normal((3, 6, 5, 4)).astype(np.float32))
        for name in ["weight", "bias", "running-mean", "running-var"]:
            self.save(f"{name}.npy", random.uniform(0.5, 2, 6).astype(np.float32))
        affine = ["--weight", "weight.npy", "--bias", "bias.npy"]
        running = ["--running-mean", "running-mean.npy", "--running-var", "running-var.npy"]
        calls = [["batch_norm", *affine, *running, "--training", "--running-mean-out", "m.npy", "--running-var-out", "v.npy"],
                 ["batch_norm", *affine, *running], ["group_norm", "--num-groups", "3", *affine],
                 ["instance_norm", *affine], ["layer_norm", "--normalized-shape", "5,4"],
                 ["local_response_norm", "--size", "3"], ["normalize", "--p", "3", "--dim", "0,2"]]
        for op, *options in calls:
            written = ["y.npy", *(option for option in options if option in ("m.npy", "v.npy"))]
            self.good("run", op, "x.npy", "y.npy", *options)
            expected = [(self.folder / name).read_bytes() for name in written]
            for api in present:
                self.good("run", op, "x.npy", "y.npy", *options, "--device", api)
                self.assertEqual(expected, [(self.folder / name).read_bytes() for name in written], (op, options, api))
