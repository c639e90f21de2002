"""Results beside the definitions in float64: every operator, argument and element type."""
import unittest

from support import *
import numpy as np


class Values(KilnTest):
    def test_every_operator(self):
        self.assertEqual(set(calls()), set(FORWARD))
        for dtype in DTYPES:
            x = values(SHAPE, dtype)
            for name, arguments in every_call(dtype):
                with self.subTest(name, dtype=dtype, arguments=list(arguments)):
                    self.assert_near(getattr(kiln, name)(x, **arguments), expected(name, x, arguments), dtype)

    def test_every_argument_is_given_somewhere(self):
        """So that one that the binding confuses with another shows."""
        for name, all_arguments in calls().items():
            given = {key for arguments in all_arguments for key, value in arguments.items() if value is not None}
            known = {item.name for item in TABLE[name].takes} - {"input", "output", "momentum"}
            self.assertEqual(given, known, name)

    def test_by_position(self):
        """In PyTorch's order."""
        x, w, b, m = (values(shape, seed=i) for i, shape in enumerate([SHAPE, 8, 8, 8]))
        v = np.abs(m) + 1
        rows = values((5, 4), seed=7)
        for name, args in [("batch_norm", (m, v, w, b, True, 0.1, 0.5)), ("group_norm", (4, w, b, 0.5)),
                           ("instance_norm", (m, v, w, b, False, 0.1, 0.5)), ("layer_norm", ((5, 4), rows, rows, 0.5)),
                           ("rms_norm", ((5, 4), rows, 0.5)), ("local_response_norm", (3, 0.5, 0.25, 2.0)),
                           ("normalize", (3.0, 2, 0.5))]:
            with self.subTest(name):
                want = getattr(reference, name)(in_float64(x), *map(in_float64, args))
                # Of batch_norm, copies, as it updates them.
                args = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
                self.assert_near(getattr(kiln, name)(x, *args), want, np.float32)

    def test_parameters_of_float32_beside_16_bits(self):
        for dtype in list(DTYPES)[1:]:
            x, w = values(SHAPE, dtype), values(4)
            self.assert_near(kiln.layer_norm(x, (4,), w, w), expected("layer_norm", x, {"normalized_shape": (4,), "weight": w, "bias": w}), dtype)

    def test_a_shape_may_be_an_integer(self):
        x = values(SHAPE)
        self.assert_same_bits(kiln.layer_norm(x, 4), kiln.layer_norm(x, (4,)))
        self.assert_same_bits(kiln.layer_norm(x, np.int32(4)), kiln.layer_norm(x, [4]))
        self.assert_same_bits(kiln.normalize(x, dim=(1,)), kiln.normalize(x))
        self.assert_same_bits(kiln.normalize(x, dim=()), kiln.normalize(x, dim=None))

    def test_rms_norms_default_eps(self):
        """float32's machine epsilon: no other shows in so small values."""
        x = values((4, 8), scale=1e-4)
        self.assert_near(kiln.rms_norm(x, (8,)), expected("rms_norm", x, {"normalized_shape": (8,)}), np.float32)
        self.assert_same_bits(kiln.rms_norm(x, (8,), None, None), kiln.rms_norm(x, (8,), eps=2.0**-23))


class Statistics(KilnTest):
    def test_running_statistics_are_updated_in_place(self):
        x = values(SHAPE)
        for name, flag in (("batch_norm", "training"), ("instance_norm", "use_input_stats")):
            for momentum in (0.1, 0.5):
                mean, var = values(8, seed=1), np.abs(values(8, seed=2)) + 1
                want = reference.updated_statistics(name, in_float64(x), in_float64(mean), in_float64(var), momentum)
                getattr(kiln, name)(x, mean, var, momentum=momentum, **{flag: True})
                self.assert_near(mean, want[0], np.float32, name)
                self.assert_near(var, want[1], np.float32, name)

    def test_given_statistics_are_only_read(self):
        x, mean, var = values(SHAPE), values(8), np.ones(8, np.float32)
        mean.flags.writeable = var.flags.writeable = False
        kiln.batch_norm(x, mean, var)
        kiln.instance_norm(x, mean, var, use_input_stats=False)
        for call in (lambda: kiln.batch_norm(x, mean, var, training=True), lambda: kiln.instance_norm(x, mean, var)):
            self.refuse(ValueError, ["running_mean", "read-only"], call)

    def test_with_statistics(self):
        self.assertEqual(WITH_STATISTICS, ["batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm"])
        for dtype in DTYPES:
            x = values(SHAPE, dtype)
            for name in WITH_STATISTICS:
                for arguments in calls(dtype)[name]:
                    if name == "batch_norm" and not arguments.get("training") or arguments.get("use_input_stats") is False:
                        continue
                    with self.subTest(name, dtype=dtype, arguments=list(arguments)):
                        output, *found = getattr(kiln, f"{name}_with_statistics")(x, **arguments)
                        self.assert_same_bits(output, getattr(kiln, name)(x, **arguments))
                        want = reference.moments(name, in_float64(x), arguments)
                        self.assertEqual(len(found), len(want))
                        for got, each in zip(found, want):
                            self.assert_near(got, each, np.float32)

    def test_statistics_that_are_not_measured(self):
        x, mean, var = values(SHAPE), values(8), np.ones(8, np.float32)
        output, *found = kiln.batch_norm_with_statistics(x, mean, var)
        self.assert_same_bits(output, kiln.batch_norm(x, mean, var))
        self.assertEqual(found, [None, None])
        own = np.empty(3 * 8 * 5, np.float32).reshape(3, 8, 5)
        output, mean, rstd = kiln.layer_norm_with_statistics(x, (4,), mean=own, rstd=False)
        self.assertIs(mean, own)
        self.assertIsNone(rstd)
        self.assert_near(own, in_float64(x).mean(3), np.float32)


if __name__ == "__main__":
    unittest.main()
