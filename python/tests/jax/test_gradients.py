"""Gradients beside jax.grad of the definitions in float64, and beside the bits of kiln.backward."""
from jax.test_util import check_grads

import formulas
from shared import *

NEAR = 25  # times what a result may be off by: a gradient has more steps


def inputs(dtype):
    """The operator's input, away from the kinks of hardsigmoid, and the gradient of its output."""
    x = values(SHAPE, dtype)
    x[np.abs(np.abs(in_float64(x)) - 3) < 0.01] = 2.5
    return x, values(SHAPE, dtype, 9, 1.0)


def pulled(of_arrays, g, *arrays):
    """The gradients of all arrays."""
    output, back = jax.vjp(of_arrays, *arrays)
    return back(g if not isinstance(output, tuple) else (g, *map(jax.numpy.zeros_like, output[1:])))


class Gradients(JaxTest):
    @of_each_call()
    def test_near_those_of_the_definition(self, name, arguments, x):
        (x, g), wanted = inputs(x.dtype), tracked(arguments)
        got = pulled(function(name, arguments, wanted), g, x, *wanted.values())
        with jax.enable_x64(True):
            in64 = {key: in_float64(value) for key, value in arguments.items()}

            def definition(x, *given):
                return (getattr(formulas, name)(x, **{**in64, **dict(zip(wanted, given))}) * in_float64(g)).sum()

            places = tuple(range(1 + len(wanted)))
            want = jax.grad(definition, places)(in_float64(x), *(in64[key] for key in wanted))
            self.assertEqual(want[0].dtype, np.float64)
        for one, other, array in zip(got, want, (x, *wanted.values())):
            self.assert_near(np.asarray(one), np.asarray(other), array.dtype, name, NEAR)

    @of_each_call()
    def test_the_bits_of_numpy(self, name, arguments, x):
        (x, g), wanted = inputs(x.dtype), tracked(arguments)
        taken = [item.name for item in TABLE[f"{name}_backward"].takes]
        want = getattr(kiln.backward, name)(g, x, **{key: value for key, value in arguments.items() if key in taken})
        want = want[:1 + len(wanted)] if isinstance(want, tuple) else (want,)
        of_arrays = function(name, arguments, wanted)
        for call in (of_arrays, jax.jit(of_arrays)):
            for one, other in zip(pulled(call, g, x, *wanted.values()), want, strict=True):
                self.assert_bits(one, other, name)

    @of_each_call(np.float32)
    def test_check_grads(self, name, arguments, x):
        """JAX's own test, by finite differences of float32."""
        if name == "hardsigmoid":  # whose kinks differences see
            return
        wanted = tracked(arguments)
        check_grads(function(name, arguments, wanted), (x / 2, *wanted.values()), order=1, modes=["rev"], atol=0.05, rtol=0.05, eps=1e-3)

    def test_types_of_parameters(self):
        """Each gradient has its own array's type, whatever the others'."""
        for dtype in list(DTYPES)[1:]:
            x = values((4, 6), dtype)
            for weight, bias in ((values(6), values(6, dtype)), (values(6, dtype), values(6))):
                got = pulled(lambda *a: kj.layer_norm(a[0], 6, *a[1:]), x, x, weight, bias)
                self.assertEqual([each.dtype for each in got], [dtype, weight.dtype, bias.dtype])
                want = kiln.backward.layer_norm(x, x, (6,), weight.astype(np.float32))
                self.assert_bits(got[2], want[2].astype(bias.dtype))

    def test_only_what_is_asked_for_is_computed(self):
        x, weight, bias = values((4, 6)), values(6), values(6)

        def loss(x, weight, bias):
            return kj.layer_norm(x, 6, weight, bias).sum()

        for place in range(3):
            text = str(jax.make_jaxpr(jax.grad(loss, place))(x, weight, bias))
            self.assertEqual([f"'grad_{name}': *" in text for name in ("input", "weight", "bias")], [i == place for i in range(3)])
        self.assertNotIn("backward", str(jax.make_jaxpr(jax.grad(lambda x: jax.lax.stop_gradient(kj.silu(x)).sum() + x.sum()))(x)))

    def test_statistics_of_the_forward_pass_are_kept(self):
        """The gradient takes them, in place of finding them again."""
        x = values((4, 6))
        text = str(jax.make_jaxpr(jax.grad(lambda x: kj.layer_norm(x, 6).sum()))(x))
        self.assertIn("target_name=kiln_layer_norm_with_statistics", text)
        self.assertIn("'tensors', np.int64(155)", text)  # grad_output, input, mean, rstd and grad_input

    def test_empty(self):
        x, weight = np.zeros((0, 6), np.float32), np.ones(6, np.float32)
        got = jax.grad(lambda x, weight: kj.layer_norm(x, 6, weight).sum(), (0, 1))(x, weight)
        self.assert_bits(got[0], x)
        self.assert_bits(got[1], np.zeros(6, np.float32))
        self.assert_bits(jax.grad(lambda x: kj.mish(x).sum())(x), x)

    def test_running_statistics_are_constants(self):
        x, mean, var = values(SHAPE), values(8, seed=1), np.abs(values(8, seed=2))
        found = jax.grad(lambda mean, var: kj.batch_norm(x, mean, var).sum(), (0, 1))(mean, var)
        for each in found:
            self.assert_bits(each, np.zeros(8, np.float32))

        def loss(x, mean, var):
            y, *updated = kj.batch_norm(x, mean, var, training=True)
            return (y * values(SHAPE, seed=3)).sum(), updated

        gradient, updated = jax.jit(jax.grad(loss, has_aux=True))(x, mean, var)
        self.assert_bits(gradient, kiln.backward.batch_norm(values(SHAPE, seed=3), x, None, None, training=True)[0])
        kiln.batch_norm(x, mean, var, training=True)
        for got, want in zip(updated, (mean, var)):
            self.assert_bits(got, want)

    def test_a_gradient_has_none(self):
        x = values(5)
        for attempt in (jax.hessian(lambda x: kj.tanh(x).sum()), jax.grad(lambda x: jax.grad(lambda x: kj.tanh(x).sum())(x).sum()),
                        jax.jacrev(jax.jacrev(kj.tanh))):
            self.refuse(NotImplementedError, "kiln.jax.tanh: Kiln has no second derivatives", attempt, x)
        with self.assertRaises(TypeError):
            jax.jvp(kj.tanh, (x,), (x,))

    def test_under_checkpoint_and_in_a_loop(self):
        x, weight = values((4, 6)), values(6)

        def loss(weight, wrap):
            def layer(x, _):
                return kj.rms_norm(x, 6, weight), None
            return (jax.lax.scan(wrap(layer), x, length=3)[0] ** 3).sum()

        plain = jax.grad(loss)(weight, lambda layer: layer)
        self.assert_bits(jax.jit(jax.grad(loss), static_argnums=1)(weight, jax.checkpoint), plain)


if __name__ == "__main__":
    unittest.main()
