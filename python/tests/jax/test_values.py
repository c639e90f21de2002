"""Results beside the definitions in float64, and beside the bits of the functions on NumPy's arrays."""
import inspect

from shared import *


def output_of(result):
    return result[0] if isinstance(result, tuple) else result


class Values(JaxTest):
    @of_each_call()
    def test_near_the_definition(self, name, arguments, x):
        want = expected(name, in_float64(x), arguments)
        got = output_of(getattr(kj, name)(x, **arguments))
        self.assert_near(np.asarray(got), want, x.dtype, name)

    @of_each_call()
    def test_the_bits_of_numpy(self, name, arguments, x):
        want = getattr(kiln, name)(x, **arguments)
        self.assert_bits(getattr(kj, name)(x, **arguments), want)
        wanted = arrays_of(arguments)
        compiled = jax.jit(function(name, arguments, wanted))
        self.assert_bits(compiled(x, *wanted.values()), want)

    def test_all_kinds_of_arrays(self):
        x = values(SHAPE)
        for given in (x, jax.numpy.asarray(x), np.asfortranarray(x), x.astype(np.float64)):
            self.assert_bits(kj.silu(given), kiln.silu(x))
        self.assert_bits(kj.tanh(jax.numpy.asarray(x).T), kiln.tanh(np.ascontiguousarray(x.T)))
        self.assert_bits(kj.tanh(0.5), kiln.tanh(np.float32(0.5)[...]))

    def test_parameters_of_float32_beside_16_bits(self):
        for dtype in list(DTYPES)[1:]:
            x, weight, bias = values(SHAPE, dtype), values(8), values(8, dtype, seed=1)
            self.assert_bits(kj.group_norm(x, 2, weight, bias), kiln.group_norm(x, 2, weight, bias))

    def test_empty(self):
        for name, arguments in every_call():
            for shape in EMPTY[TABLE[name].family]:
                x = np.zeros(shape, np.float32)
                with self.subTest(name, shape=shape):
                    self.assert_bits(getattr(kj, name)(x, **arguments), getattr(kiln, name)(x, **arguments))

    def test_beside_other_operations(self):
        """Of XLA's, in one program, with a loop around it."""
        x, weight = values((4, 24)), values(24, seed=1)

        @jax.jit
        def deep(x):
            def layer(x, _):
                return kj.rms_norm(2 * x + 1, (24,), weight), None
            return jax.lax.scan(layer, x, length=5)[0]

        want = x
        for _ in range(5):
            want = kiln.rms_norm(2 * want + 1, (24,), weight)
        self.assert_bits(deep(x), want)


class Statistics(JaxTest):
    def test_updated_ones_are_returned(self):
        for name in ("batch_norm", "instance_norm"):
            for dtype in DTYPES:
                x, mean, var = values(SHAPE, dtype), values(8, dtype, 1), np.abs(values(8, dtype, 2))
                switch = {"training": True} if name == "batch_norm" else {"use_input_stats": True}
                written = mean.copy(), var.copy()
                want = getattr(kiln, name)(x, *written, **switch, momentum=0.25)
                given = jax.numpy.asarray(mean), jax.numpy.asarray(var)
                for call in (getattr(kj, name), jax.jit(getattr(kj, name), static_argnames=(*switch, "momentum"))):
                    output, *updated = call(x, *given, **switch, momentum=0.25)
                    self.assert_bits(output, want, name)
                    for got, new, old, before in zip(updated, written, given, (mean, var)):
                        self.assert_bits(got, new, name)
                        self.assert_bits(old, before, name)  # JAX's arrays stay as they are
                    self.assertEqual(len(updated), 2)

    def test_those_of_a_definition(self):
        x, mean, var = values(SHAPE), values(8, seed=1), np.abs(values(8, seed=2))
        _, *updated = kj.batch_norm(x, mean, var, training=True)
        for got, want in zip(updated, reference.updated_statistics("batch_norm", in_float64(x), in_float64(mean), in_float64(var))):
            self.assert_near(np.asarray(got), want, np.float32)

    def test_read_only_where_they_are_not_updated(self):
        x, mean, var = values(SHAPE), values(8, seed=1), np.abs(values(8, seed=2))
        self.assertIsInstance(kj.batch_norm(x, mean, var), jax.Array)
        self.assertIsInstance(kj.instance_norm(x, mean, var, use_input_stats=False), jax.Array)
        self.assertIsInstance(kj.batch_norm(x, None, None, training=True), jax.Array)

    def test_twice_in_a_program(self):
        """Statistics that are read again after they have been updated keep their values."""
        x, mean, var = values(SHAPE), values(8, seed=1), np.abs(values(8, seed=2))

        @jax.jit
        def twice(mean, var):
            _, first, second = kj.batch_norm(x, mean, var, training=True)
            _, third, fourth = kj.batch_norm(2 * x, first, second, training=True)
            return mean, var, first, second, third, fourth

        found = twice(mean, var)
        first = mean.copy(), var.copy()
        kiln.batch_norm(x, *first, training=True)
        second = first[0].copy(), first[1].copy()
        kiln.batch_norm(2 * x, *second, training=True)
        for got, want in zip(found, (mean, var, *first, *second)):
            self.assert_bits(got, want)


class Signatures(JaxTest):
    def test_those_of_the_functions_on_numpys_arrays(self):
        self.assertEqual(set(kj.__all__), {"options", *FORWARD})
        for name in FORWARD:
            want = [p for p in inspect.signature(getattr(kiln, name)).parameters.values() if p.name != "out"]
            got = inspect.signature(getattr(kj, name)).parameters.values()
            self.assertEqual([(p.name, p.default) for p in got], [(p.name, p.default) for p in want], name)

    def test_annotations(self):
        for name in FORWARD:
            signature, statistics = inspect.signature(getattr(kj, name)), TABLE[name].statistics
            self.assertEqual(signature.return_annotation, jax.Array | tuple[jax.Array, ...] if statistics else jax.Array, name)
            for parameter in signature.parameters.values():
                self.assertIsNot(parameter.annotation, parameter.empty, (name, parameter))
            self.assertEqual(signature.parameters["input"].annotation, jax.typing.ArrayLike, name)

    def test_the_numbers_of_softplus(self):
        self.assert_bits(kj.softplus(values(SHAPE), 1.0, threshold=20), kiln.softplus(values(SHAPE)))

    def test_docstrings(self):
        for name in FORWARD:
            op, doc = TABLE[name], " ".join(getattr(kj, name).__doc__.split())
            for words in (op.formula, op.torch, op.source, *op.dtypes, "Returns", "ValueError"):
                self.assertIn(" ".join(words.split()), doc, name)
            for parameter in inspect.signature(getattr(kj, name)).parameters:
                self.assertIn(f" {parameter} : ", doc, name)
            self.assertNotIn("in place where", doc)
            self.assertEqual("(output, running_mean, running_var)" in doc, bool(op.statistics), name)


if __name__ == "__main__":
    unittest.main()
