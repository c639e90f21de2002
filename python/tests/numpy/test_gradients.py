"""Gradients beside central differences of the definitions in float64, which know no formula of a gradient."""
import unittest

from support import *
import numpy as np

BACKWARD = kiln.backward
# What an operator's gradient takes of its call, by name.
TAKEN = {name: [item.name for item in TABLE[f"{name}_backward"].takes] for name in FORWARD}
NEAR = 25  # times what a result may be off by: a gradient has more steps, and the differences errors of their own


def of(name, x, g, arguments, parameter=None):
    """The gradient of the input, or of a parameter."""
    in64 = {key: in_float64(value) for key, value in arguments.items()}
    function = getattr(reference, name)
    if parameter is None:
        return reference.gradient(lambda moved: function(moved, **in64), g, x)
    return reference.gradient(lambda moved: function(x, **{**in64, parameter: moved}), g, in64[parameter])


def inputs(dtype):
    """The operator's input, away from the kinks of hardsigmoid, and the gradient of its output."""
    x = values(SHAPE, dtype)
    x[np.abs(np.abs(in_float64(x)) - 3) < 0.01] = 2.5
    return x, values(SHAPE, dtype, 9, 1.0)


def gradient_arguments(name, arguments):
    return {key: value for key, value in arguments.items() if key in TAKEN[name]}


class Gradients(KilnTest):
    def test_every_operator(self):
        self.assertEqual(set(BACKWARD.__all__), set(FORWARD))
        for dtype in DTYPES:
            x, g = inputs(dtype)
            for name, arguments in every_call(dtype):
                with self.subTest(name, dtype=dtype, arguments=list(arguments)):
                    got = getattr(BACKWARD, name)(g, x, **gradient_arguments(name, arguments))
                    got = got[0] if isinstance(got, tuple) else got
                    self.assert_near(got, of(name, in_float64(x), in_float64(g), arguments), dtype, name, NEAR)

    def test_parameters(self):
        for dtype in DTYPES:
            x, g = inputs(dtype)
            for name, arguments in every_call(dtype):
                if arguments.get("weight") is None:
                    continue
                with self.subTest(name, dtype=dtype):
                    _, *found = getattr(BACKWARD, name)(g, x, **gradient_arguments(name, arguments))
                    for got, parameter in zip(found, ("weight", "bias")):
                        want = of(name, in_float64(x), in_float64(g), arguments, parameter)
                        self.assert_near(got, want, dtype, f"{name} {parameter}", NEAR)
                    self.assertEqual(len(found), 1 + ("bias" in arguments))

    def test_what_is_not_wanted(self):
        x, g, w = values((4, 6)), values((4, 6), seed=1), values(6, seed=2)
        whole = BACKWARD.layer_norm(g, x, (6,), w)
        own = np.empty_like(w)
        grad_input, grad_weight, grad_bias = BACKWARD.layer_norm(g, x, (6,), w, grad_input=False, grad_weight=own, grad_bias=None)
        self.assertEqual((grad_input, grad_bias), (None, None))
        self.assertIs(grad_weight, own)
        self.assert_same_bits(own, whole[1])
        into = np.empty_like(x)
        self.assertIs(BACKWARD.rms_norm(g, x, (6,), grad_input=into)[0], into)
        self.assertIs(BACKWARD.silu(g, x, out=g), g)

    def test_statistics_of_the_forward_pass_change_no_bit(self):
        x, g = values(SHAPE), values(SHAPE, seed=9)
        for name in WITH_STATISTICS:
            for arguments in calls()[name]:
                taken = gradient_arguments(name, arguments)
                moments = getattr(kiln, f"{name}_with_statistics")(x, **arguments)[1:]
                if moments[0] is None:
                    continue
                again = getattr(BACKWARD, name)(g, x, **taken, **dict(zip(("mean", "rstd")[-len(moments):], moments)))
                for got, want in zip(again, getattr(BACKWARD, name)(g, x, **taken)):
                    self.assert_same_bits(got, want, name)

    def test_types_of_parameters_gradients(self):
        """Those of the weight; of grad_output where there is none."""
        for dtype in list(DTYPES)[1:]:
            x, g = values((4, 6), dtype), values((4, 6), dtype, 1)
            for weight, want in ((values(6), np.float32), (values(6, dtype), dtype), (None, dtype)):
                grad_input, *others = BACKWARD.layer_norm(g, x, (6,), weight)
                self.assertEqual([grad_input.dtype, *(each.dtype for each in others)], [dtype, want, want])


if __name__ == "__main__":
    unittest.main()
