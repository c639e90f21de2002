"""Element types: NumPy's names of float32, and what --dtype float32 makes of the others."""
import re
import warnings

import numpy as np

from support import ToolTest, npy, some_of, table, types_of

FLOAT32 = ["<f4", "=f4", "|f4", "f4", "f", "<f", "=f", "|f", "float32", "single"]
OTHERS = ["f2", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "b1"]


def edges(dtype):
    """Values of a type that are near its limits, float32's limits, and where float32 rounds."""
    if dtype.kind == "b":
        return np.array([False, True])
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        near = [2**k + d for k in range(64) for d in (-1, 0, 1)] + [limits.max - d for d in range(3)]
        return np.array([v * sign for v in near for sign in (1, -1) if limits.min <= v * sign <= limits.max], dtype)
    with np.errstate(all="ignore"):
        values = np.concatenate([np.arange(2**16, dtype=np.uint16).view(np.float16).astype(np.float64),
                                 2.0 ** np.arange(-1074, 1024), 1.7 * 2.0 ** np.arange(-1074, 1024),
                                 np.nextafter(np.float64(3.4028235677973366e38), [0, np.inf]), [7e-46, 7.1e-46, -0.0]])
        return np.concatenate([values, -values]).astype(dtype)


class Names(ToolTest):
    def setUp(self):
        super().setUp()
        self.x = np.array([-2, 0, 2], np.float32)
        self.save("x.npy", self.x)
        self.good("run", "tanh", "x.npy", "expected.npy")

    def test_every_name_of_float32(self):
        for name in FLOAT32:
            self.assertEqual(np.dtype(name), np.float32)
            self.write("x.npy", npy(descr=f"'{name}'", data=self.x.tobytes()))
            self.good("run", "tanh", "x.npy", "y.npy")
            self.assertEqual(self.load("y.npy").tobytes(), self.load("expected.npy").tobytes())

    def test_every_name_of_the_others(self):
        """All of NumPy's: numbers of letters, orders and sizes, and long names."""
        letters = [order + kind + size for order in ["", "<", ">", "=", "|"] for kind in "fiubcefdgbhilqpBHILQP?"
                   for size in ["", "1", "2", "4", "8"]]
        for name in some_of(letters + sorted(name for name in np.sctypeDict if isinstance(name, str)), 11):
            try:
                with warnings.catch_warnings(action="ignore"):  # of names that NumPy gives up
                    dtype = np.dtype(name)
            except TypeError:
                continue
            convertible = dtype.kind in "fiub" and dtype.itemsize <= 8
            self.write("x.npy", npy(descr=f"'{name}'", shape="(1,)", data=np.ones(1, dtype).tobytes()
                                    if convertible else b""))
            if convertible:
                self.good("run", "tanh", "x.npy", "y.npy", "--dtype", "float32")
                np.testing.assert_allclose(self.load("y.npy"), [np.tanh(1)], err_msg=name)
            else:
                self.bad("run", "tanh", "x.npy", "y.npy", "--dtype", "float32", says=f"'{name}'")

    def test_names_of_no_type(self):
        for name in some_of(["@f4", "<float32", "Float32", "<f4 ", " <f4", "<f4,", "f3", "f0", "<f0", "f-4", "f+4", "f4x", "b8", "i0",
                     "bfloat", "<bfloat16", "float24", "float8_e4m3fn", "u", "c", "fancy", "?1", "4", "<", ""], 3):
            self.write("x.npy", npy(descr=f"'{name}'", data=self.x.tobytes()))
            for options in [[], ["--dtype", "float32"]]:
                self.bad("run", "tanh", "x.npy", "y.npy", *options, says=f"of the unknown type '{name}'")

    def test_said_right(self):
        for name, said in [("bfloat16", "bfloat16"), ("<f8", "float64"), ("float16", "float16"), ("d", "float64"),
                           (">f4", "big-endian float32"), ("g", "float128"), ("complex", "complex128"), ("?", "bool"),
                           ("long", "int64"), ("<V2", "bfloat16"), ("|V2", "raw data"), ("<m8[ns]", "timedelta"), ("O", "Python objects")]:
            if said in table.operator("normalize").dtypes:
                continue
            self.write("x.npy", npy(descr=f"'{name}'"))
            self.bad("run", "normalize", "x.npy", "y.npy",
                     says=f"elements are {said} ('{name}'), expected little-endian {types_of('normalize')}")


class Conversion(ToolTest):
    def convert(self, x, *options):
        """What hardsigmoid(float32(x)) reads, seen through its own bits, and the note on standard error."""
        self.save("x.npy", x)
        done = self.kiln("run", "hardsigmoid", "x.npy", "y.npy", "--dtype", "float32", *options)
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        with np.errstate(all="ignore"):
            self.save("converted.npy", x.astype("<f4"))
        self.good("run", "hardsigmoid", "converted.npy", "expected.npy")
        self.assertEqual((self.folder / "y.npy").read_bytes(), (self.folder / "expected.npy").read_bytes())
        return done.stderr.decode()

    def test_refused_without_request(self):
        for code in [*OTHERS, ">f4"]:
            if np.dtype(code).isnative and np.dtype(code).name in table.operator("normalize").dtypes:
                continue
            self.save("x.npy", np.ones(3, code))
            self.bad("run", "normalize", "x.npy", "y.npy", says="; --dtype float32 converts them")
        for code in ["c8", "S3", "U3", "M8[s]", "f16"]:
            self.save("x.npy", np.zeros(3, code))
            self.assertNotIn("--dtype", self.bad("run", "tanh", "x.npy", "y.npy"))
            self.bad("run", "tanh", "x.npy", "y.npy", "--dtype", "float32", says="or a type that --dtype float32 converts")

    def test_every_type_at_its_edges(self):
        for code in some_of(OTHERS, 2):
            for order in "<>":
                x = edges(np.dtype(code)).astype(order + code)
                self.assertEqual(self.convert(x), self.expected_note(x), code)
        self.assertEqual(self.convert(np.linspace(-4, 4, 99).astype(">f4")), "")

    @staticmethod
    def expected_note(x):
        with np.errstate(all="ignore"):
            y = x.astype(np.float32)
        if x.dtype.kind in "iu":
            counts = [sum(int(a) != int(b) for a, b in zip(x, y)), 0, 0]
        else:
            with np.errstate(all="ignore"):
                exact, back = x.astype(np.float64), y.astype(np.float64)
            lost = (back != exact) & ~np.isnan(exact)
            counts = [(lost & np.isfinite(y) & (y != 0)).sum(), (lost & np.isinf(y)).sum(), (lost & (y == 0)).sum()]
        parts = [f"{n} {what}" for n, what in zip(counts, ["rounded", "made infinite", "made zero"]) if n]
        name = ("" if x.dtype.isnative or x.dtype.itemsize == 1 else "big-endian ") + x.dtype.name
        return f"kiln: x.npy: {name} to float32: of {x.size} values {', '.join(parts)}\n" if parts else ""

    def test_bits_of_halves(self):
        """Through batch_norm of running mean 0 and variance 1, which shows the sign of zero and subnormals too."""
        halves = np.arange(2**16, dtype=np.uint16).view(np.float16)
        self.save("x.npy", halves.reshape(-1, 1))
        self.save("zero.npy", np.zeros(1, np.int32))
        self.save("one.npy", np.ones(1, bool))
        self.good("run", "batch_norm", "x.npy", "y.npy", "--running-mean", "zero.npy", "--running-var", "one.npy", "--eps",
                  "0", "--dtype", "float32")
        y = self.load("y.npy").ravel()
        finite = ~np.isnan(halves)
        np.testing.assert_array_equal(y[finite].view(np.uint32), halves[finite].astype(np.float32).view(np.uint32))
        self.assertTrue(np.isnan(y[~finite]).all())

    def test_bfloat16(self):
        brain = np.arange(2**16, dtype=np.uint16)
        exact = (brain.astype(np.uint32) << 16).view(np.float32)
        self.write("x.npy", npy(descr="'bfloat16'", shape=str(brain.shape), data=brain.tobytes()))
        self.good("run", "hardsigmoid", "x.npy", "y.npy", "--dtype", "float32")
        self.save("x.npy", exact)
        self.good("run", "hardsigmoid", "x.npy", "z.npy")
        self.assertEqual(self.load("y.npy").tobytes(), self.load("z.npy").tobytes())

    def test_every_file_of_a_call(self):
        self.save("x.npy", np.arange(6.0).reshape(2, 3) / 10)
        self.save("w.npy", np.array([1, 2**24 + 1, 3]))
        done = self.kiln("run", "layer_norm", "x.npy", "y.npy", "--normalized-shape", "3", "--weight", "w.npy",
                         "--dtype=float32")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(re.findall(r"kiln: (\w\.npy): (\w+) to", done.stderr.decode()),
                         [("x.npy", "float64"), ("w.npy", "int64")])
        self.assertEqual(self.load("y.npy").dtype, np.dtype("<f4"))

    def test_nothing_is_said_of_a_call_that_fails(self):
        self.save("x.npy", np.array([0.1]))
        self.bad("run", "tanh", "x.npy", "nowhere/y.npy", "--dtype", "float32", says="nowhere/y.npy")

    def test_shape_order_and_pipes(self):
        x = np.asfortranarray(np.random.default_rng(4).integers(-9, 9, (50, 40, 30)).astype(np.int16))
        self.assertEqual(self.convert(x), "")
        self.assertTrue(self.load("y.npy").flags.f_contiguous)
        large = np.linspace(-4, 4, 5_000_000)  # more than a pipe is given at first
        self.convert(large)
        done = self.kiln("run", "hardsigmoid", "-", "-", "--dtype", "float32", input=(self.folder / "x.npy").read_bytes())
        self.assertEqual(done.stdout, (self.folder / "y.npy").read_bytes())

    def test_sizes_are_those_of_the_file(self):
        for data, says in [(b"\0" * 23, ["24 bytes", "found 23 (truncated)"]), (b"\0" * 25, ["found 25 (trailing"])]:
            self.write("x.npy", npy(descr="'<f8'", data=data))
            self.bad("run", "tanh", "x.npy", "y.npy", "--dtype", "float32", says=says)
            says = [text.replace("found 25", "found more") for text in says]
            self.bad("run", "tanh", "-", "y.npy", "--dtype", "float32", says=says, input=npy(descr="'<f8'", data=data))

    def test_other_targets(self):
        self.save("x.npy", np.ones(3))
        for name in ["float64", "f4", ""]:
            self.bad("run", "tanh", "x.npy", "y.npy", "--dtype", name, says=["--dtype", "float32"])
