"""Files of float16 and bfloat16: run as they are, and what --dtype makes of other types."""
import unittest

import numpy as np

from support import ELEMENTWISE, ToolTest, npy

try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None


def bfloat16_of(x):
    """The words nearest to float64 values, ties to even."""
    x = np.asarray(x, np.float64)
    magnitude = np.abs(x)
    exponent = np.where(magnitude == 0, -126, np.maximum(np.frexp(magnitude)[1] - 1, -126))
    multiple = np.rint(np.ldexp(magnitude, 7 - exponent))
    words = np.minimum(multiple + (exponent + 126) * 128.0, 0x7f80).astype(np.uint16)
    return words | (np.signbit(x).astype(np.uint16) << 15)


def values_of(words):
    return (words.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def hardsigmoid(x):
    return np.clip(np.asarray(x, np.float64) + 3, 0, 6) / 6


class Native(ToolTest):
    def test_float16(self):
        x = np.linspace(-4, 4, 3 * 5 * 7).astype(np.float16).reshape(3, 5, 7)
        for order in "CF":
            self.save("x.npy", np.asarray(x, order=order))
            self.good("run", "hardsigmoid", "x.npy", "y.npy")
            y = self.load("y.npy")
            self.assertEqual((y.dtype.str, y.flags.f_contiguous), ("<f2", order == "F"))
            np.testing.assert_array_equal(y, hardsigmoid(x).astype(np.float16))

    def test_bfloat16(self):
        words = bfloat16_of(np.linspace(-4, 4, 1000))
        self.write("x.npy", npy(descr="'<V2'", shape="(1000,)", data=words.tobytes()))
        self.good("run", "hardsigmoid", "x.npy", "y.npy")
        y = self.load("y.npy")
        self.assertEqual((y.dtype.itemsize, y.shape), (2, (1000,)))
        self.assertIn(b"'descr': '<V2'", (self.folder / "y.npy").read_bytes()[:128])
        np.testing.assert_array_equal(y.view(np.uint16), bfloat16_of(hardsigmoid(values_of(words))))

    @unittest.skipUnless(ml_dtypes, "ml_dtypes is not installed")
    def test_as_ml_dtypes_writes_it(self):
        self.save("x.npy", np.linspace(-4, 4, 100).astype(ml_dtypes.bfloat16))
        self.good("run", "tanh", "x.npy", "y.npy")
        y = self.load("y.npy").view(ml_dtypes.bfloat16).astype(np.float64)
        np.testing.assert_allclose(y, np.tanh(np.linspace(-4, 4, 100)), rtol=0.02)

    def test_every_operator_in_place_and_through_pipes(self):
        self.save("x.npy", np.array([-np.inf, -2, -0.0, 0, 2, np.inf, np.nan], np.float16))
        content = (self.folder / "x.npy").read_bytes()
        for op in ELEMENTWISE:
            self.good("run", op, "x.npy", "y.npy")
            expected = (self.folder / "y.npy").read_bytes()
            self.assertEqual(self.load("y.npy")[-1:].view(np.uint16), [0x7e00], op)
            self.write("z.npy", content)
            self.good("run", op, "z.npy", "z.npy")
            self.assertEqual((self.folder / "z.npy").read_bytes(), expected)
            self.assertEqual(self.kiln("run", op, "-", "-", input=content).stdout, expected)

    def test_empty_and_0_d(self):
        for shape in [(0,), (3, 0), ()]:
            self.save("x.npy", np.ones(shape, np.float16))
            self.good("run", "hardsigmoid", "x.npy", "y.npy")
            self.assertEqual((self.load("y.npy").dtype.str, self.load("y.npy").shape), ("<f2", shape))

    def test_sizes_are_those_of_the_file(self):
        for data, says in [(b"\0" * 5, "found 5 (truncated)"), (b"\0" * 7, "found 7 (trailing")]:
            self.write("x.npy", npy(descr="'<f2'", data=data))
            self.bad("run", "tanh", "x.npy", "y.npy", says=["6 bytes", says])


class Conversion(ToolTest):
    def expect(self, x, dtype, words, note):
        """--dtype makes these words of x: seen through hardsigmoid of a file that has them."""
        self.save("x.npy", x)
        done = self.kiln("run", "hardsigmoid", "x.npy", "y.npy", "--dtype", dtype)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, note))
        descr = {"float16": "<f2", "bfloat16": "<V2"}[dtype]
        self.write("converted.npy", npy(descr=f"'{descr}'", shape=f"({len(words)},)", data=words.tobytes()))
        self.good("run", "hardsigmoid", "converted.npy", "z.npy")
        self.assertEqual((self.folder / "y.npy").read_bytes(), (self.folder / "z.npy").read_bytes())

    def test_one_rounding(self):
        """1 + 2^-11 lies halfway between two numbers of float16, and what is a little more is none to float32."""
        x = np.array([1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-30, 1 + 3 * 2.0**-11 - 2.0**-30])
        note = "kiln: x.npy: float64 to float16: of 3 values 3 rounded\n"
        self.expect(x, "float16", np.array([0x3c00, 0x3c01, 0x3c01], np.uint16), note)
        x = np.array([1 + 2.0**-8, 1 + 2.0**-8 + 2.0**-40, -1 - 3 * 2.0**-8 + 2.0**-40])
        note = note.replace("float16", "bfloat16")
        self.expect(x, "bfloat16", np.array([0x3f80, 0x3f81, 0xbf81], np.uint16), note)

    def test_edges(self):
        x = np.array([65519.9, 65520, -1e300, 2.0**-24, 2.0**-25, -2.0**-26, 0.0, np.inf, 6e-8])
        with np.errstate(over="ignore"):
            words = x.astype(np.float16).view(np.uint16)
        self.expect(x, "float16", words,
                    "kiln: x.npy: float64 to float16: of 9 values 2 rounded, 2 made infinite, 2 made zero\n")
        x = np.array([3.4e38, 3.3961775292304957e38, 1e300, 2.0**-133, 2.0**-134, 1e-300, -0.0])
        self.expect(x, "bfloat16", bfloat16_of(x),
                    "kiln: x.npy: float64 to bfloat16: of 7 values 3 made infinite, 2 made zero\n")

    def test_many_values(self):
        x = np.random.default_rng(5).standard_normal(10000) * 10.0 ** np.random.default_rng(6).integers(-9, 6, 10000)
        with np.errstate(over="ignore", under="ignore"):
            words = x.astype(np.float16)
        counts = [(np.isfinite(words) & (words != 0)).sum(), np.isinf(words).sum(), (words == 0).sum()]
        self.expect(x, "float16", words.view(np.uint16), "kiln: x.npy: float64 to float16: of 10000 values {} rounded, "
                    "{} made infinite, {} made zero\n".format(*counts))
        self.expect(x, "bfloat16", bfloat16_of(x), "kiln: x.npy: float64 to bfloat16: of 10000 values 10000 rounded\n")

    def test_integers_and_float32(self):
        self.expect(np.array([1, -2, 2049, 70000]), "float16", np.array([0x3c00, 0xc000, 0x6800, 0x7c00], np.uint16),
                    "kiln: x.npy: int64 to float16: of 4 values 1 rounded, 1 made infinite\n")
        x = np.array([0.5, -3, 1e-3], np.float32)
        self.expect(x, "bfloat16", bfloat16_of(x), "kiln: x.npy: float32 to bfloat16: of 3 values 1 rounded\n")

    def test_between_them(self):
        x = np.arange(2**16, dtype=np.uint16).view(np.float16)
        x = x[np.isfinite(x)]
        self.save("x.npy", x)
        done = self.kiln("run", "hardsigmoid", "x.npy", "y.npy", "--dtype", "bfloat16")
        self.assertEqual(done.returncode, 0)
        self.assertIn("float16 to bfloat16", done.stderr.decode())
        np.testing.assert_array_equal(self.load("y.npy").view(np.uint16),
                                      bfloat16_of(hardsigmoid(values_of(bfloat16_of(x)))))
