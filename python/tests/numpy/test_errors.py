"""What is refused: ValueError or TypeError, with Kiln's own text where Kiln refuses it, and nothing is written."""
import unittest

from support import *
import numpy as np


class Arrays(KilnTest):
    def test_element_types(self):
        for dtype in (np.float64, np.int32, np.uint8, np.complex64, bool):
            self.refuse(TypeError, ["kiln_tanh: input: expected element type float32, float16 or bfloat16, got "],
                        kiln.tanh, np.ones(3, dtype))
        self.refuse(TypeError, ["kiln_layer_norm: weight: ", "float64"], kiln.layer_norm, values((2, 3)), 3, np.ones(3))
        for strange in (np.ones(3, ">f4"), np.array([None]), np.array(["a"]), np.zeros(3, "V4"), np.zeros(3, "V2"), np.zeros(2, "datetime64[s]"),
                        np.zeros(3, np.dtype([("a", "u1"), ("b", "u1")]))):
            self.refuse(TypeError, ["kiln_tanh: input: expected ", f"got {strange.dtype}"], kiln.tanh, strange)

    def test_what_is_no_array(self):
        for other in ([1.0], 1.0, "x", None, object(), {}):
            self.refuse(TypeError, ["kiln_tanh: input: expected an array, got ", type(other).__name__], kiln.tanh, other)
        x = values((2, 3))
        self.refuse(TypeError, "kiln_layer_norm: weight: expected an array, got list", kiln.layer_norm, x, 3, [1, 2, 3])
        self.refuse(TypeError, "kiln_tanh: out: expected an array, got int", kiln.tanh, x, out=3)

    def test_masks(self):
        self.refuse(TypeError, "kiln_tanh: input: expected an array without a mask, got MaskedArray", kiln.tanh,
                    np.ma.array(values(3), mask=[0, 1, 0]))

    def test_shapes(self):
        x = values((2, 3))
        self.refuse(ValueError, "kiln_layer_norm: normalized_shape: expected the trailing extents of input, (2, 3), got (4,)",
                    kiln.layer_norm, x, 4)
        self.refuse(ValueError, "kiln_layer_norm: weight: ", kiln.layer_norm, x, 3, values(4))
        self.refuse(ValueError, "kiln_group_norm: num_groups: ", kiln.group_norm, x, 2)
        self.refuse(ValueError, "kiln_batch_norm: input: ", kiln.batch_norm, values(3), None, None, training=True)
        self.refuse(ValueError, "kiln_normalize: dim: ", kiln.normalize, x, dim=2)
        self.refuse(ValueError, "kiln_silu_backward: input: ", kiln.backward.silu, x, values((3, 2)))

    def test_shapes_of_results(self):
        """What cannot be made of wrong arguments is not what is complained of."""
        x = values((2, 3))
        for shape in (4, (2, 2, 3), ()):
            for call in (kiln.layer_norm_with_statistics, kiln.rms_norm_with_statistics):
                self.refuse(ValueError, "normalized_shape: ", call, x, shape)
            self.refuse(ValueError, "normalized_shape: ", kiln.backward.layer_norm, x, x, shape)
        for groups in (0, -1, 2, 2**62):
            self.refuse(ValueError, "num_groups: ", kiln.group_norm_with_statistics, x, groups)
        for call in (kiln.group_norm_with_statistics, kiln.backward.group_norm):
            self.refuse(ValueError, "expected ", call, *[values(3)] * (1 + (call is kiln.backward.group_norm)), 1)

    def test_batch_norm_without_what_it_needs(self):
        x = values((2, 3))
        self.refuse(ValueError, "kiln_batch_norm: running_mean: ", kiln.batch_norm, x, None, None)
        self.refuse(ValueError, "kiln_batch_norm: ", kiln.batch_norm, x, values(3), None, training=True)


class Arguments(KilnTest):
    def test_booleans(self):
        x = values((2, 3))
        for bad in ("no", None, 0.5, np.zeros(2, bool)):
            self.refuse(TypeError, "kiln_batch_norm: training: expected True or False, got ", kiln.batch_norm, x, None, None, training=bad)
            self.refuse(TypeError, "kiln_silu: inplace: expected True or False, got ", kiln.silu, x, inplace=bad)
        for yes in (1, np.True_):
            np.testing.assert_array_equal(kiln.batch_norm(x, None, None, training=yes), kiln.batch_norm(x, None, None, training=True))

    def test_kinds(self):
        x = values((2, 3))
        self.refuse(TypeError, "kiln_layer_norm: eps: expected a number, got str", kiln.layer_norm, x, 3, eps="1")
        self.refuse(TypeError, "kiln_layer_norm: eps: expected a number, got NoneType", kiln.layer_norm, x, 3, eps=None)
        for bad in (3.0, "3", None, [1.5], (None,)):
            self.refuse(TypeError, "kiln_layer_norm: normalized_shape: expected an integer", kiln.layer_norm, x, bad)
        self.refuse(TypeError, "kiln_group_norm: num_groups: expected an integer, got float", kiln.group_norm, x, 3.0)
        self.refuse(ValueError, "kiln_group_norm: num_groups: expected an integer of 64 bits", kiln.group_norm, x, 2**64)
        self.refuse(ValueError, "kiln_normalize: dim: expected 64 integers at most", kiln.normalize, x, dim=range(65))

    def test_values(self):
        x = values((2, 3))
        self.refuse(ValueError, "kiln_layer_norm: eps: expected 0 or more, got -1", kiln.layer_norm, x, 3, eps=-1)
        self.refuse(ValueError, "kiln_normalize: p: ", kiln.normalize, x, float("nan"))
        self.refuse(ValueError, "kiln_local_response_norm: size: ", kiln.local_response_norm, values((1, 2, 3)), 0)

    def test_values_that_kiln_has_one_of(self):
        x = values((2, 3))
        self.assert_same_bits(kiln.softplus(x, 1.0, threshold=np.float32(20)), kiln.softplus(x))
        self.refuse(ValueError, "kiln_softplus: beta: expected 1, got 2.5", kiln.softplus, x, 2.5)
        self.refuse(ValueError, "kiln_softplus: threshold: expected 20, got 10", kiln.softplus, x, 1, 10)
        self.refuse(TypeError, "kiln_softplus: beta: expected a number, got str", kiln.softplus, x, beta="1")

    def test_names(self):
        x = values((2, 3))
        self.refuse(TypeError, "kiln_tanh: x: no such argument", kiln.tanh, x=x)
        self.refuse(TypeError, "kiln_tanh: input: expected, and not given", kiln.tanh)
        self.refuse(TypeError, "kiln_tanh: input: given by position and by name", kiln.tanh, x, input=x)
        self.refuse(TypeError, "kiln_tanh: expected at most 1 argument by position, got 2", kiln.tanh, x, x)
        self.refuse(TypeError, "kiln_batch_norm: running_mean: expected, and not given", kiln.batch_norm, x)
        self.refuse(TypeError, "kiln_tanh: größe: no such argument", kiln.tanh, x, größe=1)

    def test_nothing_is_written(self):
        x, mean, var, out = values((2, 3)), values(3), values(3), values((2, 3), seed=1)
        before = [each.copy() for each in (x, mean, var, out)]
        for arguments in ({"eps": -1.0}, {"weight": values(4)}, {"bias": np.ones(3)}):
            self.assertRaises((TypeError, ValueError), kiln.batch_norm, x, mean, var, training=True, out=out, **arguments)
        for now, then in zip((x, mean, var, out), before):
            self.assert_same_bits(now, then)

    def test_an_error_leaves_nothing_behind(self):
        x = values((2, 3))
        for _ in range(3):
            self.assertRaises(ValueError, kiln.layer_norm, x, 4)
            self.assert_near(kiln.layer_norm(x, 3), expected("layer_norm", x, {"normalized_shape": (3,)}), np.float32)

    def test_numbers_beyond_float64(self):
        self.refuse(ValueError, "kiln_layer_norm: eps: expected a number in the range of float64", kiln.layer_norm, values((2, 3)), 3,
                    eps=10**400)

    def test_objects_that_raise(self):
        class Bad:
            def __index__(self):
                raise KeyError("mine")

            __float__ = __index__

        x = values((2, 3))
        for call in (lambda: kiln.layer_norm(x, Bad()), lambda: kiln.layer_norm(x, 3, eps=Bad()), lambda: kiln.layer_norm(x, (Bad(),))):
            self.assertRaises(KeyError, call)


if __name__ == "__main__":
    unittest.main()
