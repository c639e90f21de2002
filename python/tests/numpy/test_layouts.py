"""Where arrays lie: strides, read-only memory, results in the input's order, out=, and what a call leaves alone."""
import gc
import sys
import unittest
import weakref

from support import *
import numpy as np


def layouts(x):
    """{what: an array of the values of x} that lie otherwise."""
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    turned = np.ascontiguousarray(x[..., ::-1])
    read_only = x.copy()
    read_only.flags.writeable = False
    return {"every second": wide[..., ::2], "backwards": turned[..., ::-1], "fortran": np.asfortranarray(x), "read-only": read_only,
            "channels last": np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)}


class Layouts(KilnTest):
    def test_any_strides(self):
        for dtype in DTYPES:
            x = values(SHAPE, dtype)
            for name, arguments in every_call(dtype):
                want = getattr(kiln, name)(x, **arguments)
                for what, array in layouts(x).items():
                    with self.subTest(name, dtype=dtype, layout=what):
                        before = array.copy()
                        self.assert_same_bits(getattr(kiln, name)(array, **arguments), want)
                        self.assert_same_bits(array, before)

    def test_strides_of_parameters(self):
        x, w = values((4, 6)), values(12)
        self.assert_same_bits(kiln.layer_norm(x, (6,), w[::2], w[::-2]), kiln.layer_norm(x, (6,), w[::2].copy(), w[::-2].copy()))

    def test_broadcast_inputs(self):
        x = np.broadcast_to(values((8, 1, 1)), (3, 8, 5, 4))
        self.assertIn(0, x.strides)
        result = kiln.silu(x)
        self.assert_same_bits(result, kiln.silu(x.copy()))
        self.assertTrue(result.flags.writeable and result.flags.owndata)

    def test_results_lie_as_the_input_does(self):
        """So that channels-last images stay so."""
        x = layouts(values(SHAPE))["channels last"]
        for name, arguments in every_call():
            self.assertEqual(getattr(kiln, name)(x, **arguments).strides, x.strides, name)
        self.assertTrue(kiln.tanh(values((4, 5))).flags.c_contiguous)
        self.assertTrue(kiln.tanh(values((4, 5)).T).flags.f_contiguous)
        self.assertTrue(kiln.tanh(values((40, 50))[::2, ::2]).flags.c_contiguous)

    def test_any_rank_and_extent(self):
        most = 64 if int(np.__version__.split(".")[0]) >= 2 else 32  # as NumPy has it
        for shape in ((), (1,), (0,), (3, 0, 2), (2,) * 8, (1,) * most):
            x = values(shape)
            self.assert_near(kiln.tanh(x), np.tanh(in_float64(x)), np.float32, shape)
        self.assertEqual(kiln.layer_norm(np.empty((0, 4), np.float32), (4,)).shape, (0, 4))

    def test_subclasses(self):
        class Other(np.ndarray):
            pass

        result = kiln.tanh(values((2, 3)).view(Other))
        self.assertIs(type(result), np.ndarray)
        scalar = kiln.tanh(np.float32(0.5))
        self.assertEqual((type(scalar), scalar.shape), (np.ndarray, ()))

    def test_strides_of_parts_of_elements(self):
        packed = np.zeros(6, np.dtype([("a", "u1"), ("x", "<f4"), ("b", "u1")]))
        self.refuse(ValueError, ["kiln_tanh: input: ", "6 bytes"], kiln.tanh, packed["x"])
        self.assert_near(kiln.tanh(packed["x"][:1].copy()), np.zeros(1), np.float32)


class Out(KilnTest):
    def test_every_operator(self):
        for dtype in DTYPES:
            x = values(SHAPE, dtype)
            for name, arguments in every_call(dtype):
                want = getattr(kiln, name)(x, **arguments)
                for what, out in layouts(np.zeros_like(x)).items():
                    if what == "read-only":
                        self.refuse(ValueError, [f"kiln_{name}: out: ", "read-only"], getattr(kiln, name), x, **arguments, out=out)
                        continue
                    with self.subTest(name, layout=what):
                        self.assertIs(getattr(kiln, name)(x, **arguments, out=out), out)
                        self.assert_same_bits(out, want)

    def test_in_place(self):
        for name, arguments in every_call():
            x = values(SHAPE)
            want = getattr(kiln, name)(x, **arguments)
            self.assertIs(getattr(kiln, name)(x, **arguments, out=x), x)
            self.assert_same_bits(x, want, name)

    def test_inplace(self):
        for name in ("hardsigmoid", "silu", "mish"):
            x = values(SHAPE)
            want = getattr(kiln, name)(x, False)
            self.assertIs(getattr(kiln, name)(x, inplace=True, out=x), x)
            self.assert_same_bits(x, want, name)
            self.assertIs(getattr(kiln, name)(x, True), x)
            self.refuse(TypeError, "inplace: expected False beside another out", getattr(kiln, name), x, True, out=want)
            x.flags.writeable = False
            self.refuse(ValueError, ["out: ", "read-only"], getattr(kiln, name), x, True)

    def test_overlap(self):
        memory = values(10)
        before = memory.copy()
        self.refuse(ValueError, "kiln_tanh: output: ", kiln.tanh, memory[:-1], out=memory[1:])
        self.assert_same_bits(memory, before)

    def test_out_of_another_kind(self):
        x = values((2, 3))
        self.refuse(TypeError, "float64", kiln.tanh, x, out=np.zeros((2, 3)))
        self.refuse(ValueError, ["(2, 3)", "(3, 2)"], kiln.tanh, x, out=np.zeros((3, 2), np.float32))
        self.refuse(TypeError, ["out: expected None or an array", "bool"], kiln.tanh, x, out=True)


class Memory(KilnTest):
    def test_nothing_is_held(self):
        class Other(np.ndarray):  # which may be referred to weakly
            pass

        x, out = values((2, 3)).view(Other), values((2, 3)).view(Other)
        self.assertIs(kiln.tanh(x, out=out), out)
        self.assertRaises(TypeError, kiln.tanh, x, out=[1])
        seen = [weakref.ref(x), weakref.ref(out)]
        del x, out
        gc.collect()
        self.assertEqual([ref() for ref in seen], [None, None])

    def test_references_are_counted(self):
        x, w = values((2, 3)), values(3)
        shape, arguments = (3,), {"weight": w}
        watched = (x, w, shape, x.dtype, None, kiln.layer_norm)
        before = [sys.getrefcount(each) for each in watched]
        for _ in range(200):
            kiln.layer_norm(x, shape, **arguments)
            kiln.layer_norm(x, shape, w, None, 1e-5, out=x)
            kiln.backward.layer_norm(x, x, shape, w, grad_bias=None)
            for bad in ([], 4, "x"):
                self.assertRaises((TypeError, ValueError), kiln.layer_norm, x, bad, w)
        after = [sys.getrefcount(each) for each in watched]
        self.assertLess(max(b - a for a, b in zip(before, after)), 100)


if __name__ == "__main__":
    unittest.main()
