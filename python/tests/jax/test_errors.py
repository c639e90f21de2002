"""What is refused, as what, and when."""
from shared import *


def traced(call, *arrays):
    """With the arrays' shapes alone."""
    return jax.eval_shape(call, *(jax.ShapeDtypeStruct(a.shape, a.dtype) for a in arrays))


class Errors(JaxTest):
    CASES = (  # an exception, words of its text, a call
        (ValueError, "kiln_layer_norm: normalized_shape: expected the trailing extents of input, (3, 8, 5, 4), got (5,)",
         lambda x: kj.layer_norm(x, 5)),
        (ValueError, "kiln_layer_norm: weight: expected the shape of normalized_shape, (4,), got (8,)",
         lambda x: kj.layer_norm(x, 4, np.ones(8, np.float32))),
        (ValueError, "kiln_group_norm: num_groups: expected a divisor of the number of channels, 8, got 3", lambda x: kj.group_norm(x, 3)),
        (ValueError, "kiln_group_norm: num_groups: expected 1 or more, got -2", lambda x: kj.group_norm(x, -2)),
        (ValueError, "kiln_batch_norm: running_mean: expected running statistics", lambda x: kj.batch_norm(x, None, None)),
        (ValueError, "kiln_batch_norm: running_var: expected running_mean and running_var or neither",
         lambda x: kj.batch_norm(x, np.ones(8, np.float32), None, training=True)),
        (ValueError, "kiln_batch_norm: eps: expected 0 or more, got -1", lambda x: kj.batch_norm(x, None, None, training=True, eps=-1)),
        (ValueError, "kiln_batch_norm: eps: expected more than 0 where training",
         lambda x: kj.batch_norm(x, None, None, training=True, eps=0)),
        (ValueError, "kiln_batch_norm: input: expected rank 2 or more, got shape (5,)", lambda x: kj.batch_norm(x[0, 0, :, 0], None, None)),
        (ValueError, "kiln_local_response_norm: size: expected 1 or more, got 0", lambda x: kj.local_response_norm(x, 0)),
        (ValueError, "kiln_normalize: dim: expected -4 to 3, got 4", lambda x: kj.normalize(x, dim=4)),
        (ValueError, "kiln_normalize: dim: expected different dimensions, got 1 twice", lambda x: kj.normalize(x, dim=(1, -3))),
        (ValueError, "kiln_normalize: p: expected a number, got nan", lambda x: kj.normalize(x, p=float("nan"))),
        (ValueError, "kiln_softplus: beta: expected 1, got 2", lambda x: kj.softplus(x, 2)),
        (ValueError, "kiln_softplus: threshold: expected 20, got 10.5", lambda x: kj.softplus(x, 1, 10.5)),
        (ValueError, "kiln.jax.silu: inplace: expected False", lambda x: kj.silu(x, inplace=True)),
        (TypeError, "kiln_silu: input: expected element type float32, float16 or bfloat16, got int32",
         lambda x: kj.silu(x.astype(np.int32))),
        (TypeError, "kiln_layer_norm: weight: expected element type float32, got float16",
         lambda x: kj.layer_norm(x, 4, np.ones(4, np.float16))),
        (TypeError, "got bool8", lambda x: kj.tanh(x > 0)),
        (TypeError, "kiln_silu: input: expected an array, got list", lambda x: kj.silu([x])),
        (TypeError, "kiln_silu: input: expected an array, got NoneType", lambda x: kj.silu(None)),
        (TypeError, "kiln_tanh: input: expected an array, got str", lambda x: kj.tanh("a")),
        (TypeError, "kiln_layer_norm: bias: expected an array, got str", lambda x: kj.layer_norm(x, 4, None, "b")),
        (TypeError, "kiln_layer_norm: normalized_shape: expected an integer, or a tuple of integers, got float",
         lambda x: kj.layer_norm(x, 3.0)),
        (TypeError, "kiln_layer_norm: normalized_shape: expected an integer, or a tuple of integers, got float",
         lambda x: kj.layer_norm(x, (4.0,))),
        (TypeError, "kiln_layer_norm: normalized_shape: expected an integer, or a tuple of integers, got NoneType",
         lambda x: kj.layer_norm(x, None)),
        (TypeError, "kiln_layer_norm: eps: expected a number, got NoneType", lambda x: kj.layer_norm(x, 4, eps=None)),
        (TypeError, "kiln_layer_norm: eps: expected a number, got str", lambda x: kj.layer_norm(x, 4, eps="1")),
        (TypeError, "kiln_rms_norm: eps: expected a number, got str", lambda x: kj.rms_norm(x, 4, eps="1")),
        (TypeError, "kiln_group_norm: num_groups: expected an integer, got float", lambda x: kj.group_norm(x, 3.0)),
        (ValueError, "kiln_group_norm: num_groups: expected an integer of 64 bits, got 18446744073709551616",
         lambda x: kj.group_norm(x, 2**64)),
        (TypeError, "kiln_normalize: p: expected a number, got str", lambda x: kj.normalize(x, p="fro")),
        (TypeError, "kiln_normalize: dim: expected an integer, or a tuple of integers, got str", lambda x: kj.normalize(x, dim="1")),
    )

    def test_when_it_is_called_and_when_it_is_traced(self):
        x = values(SHAPE)
        for error, says, call in self.CASES:
            with self.subTest(says):
                self.refuse(error, says, call, x)
                self.refuse(error, says, traced, call, x)
                self.refuse(error, says, jax.jit(call), x)
                self.refuse(error, says, jax.vmap(call), x[None])

    def test_with_a_gradient(self):
        x = values(SHAPE)
        for error, says, call in self.CASES:
            with self.subTest(says):
                with self.assertRaises(error):
                    jax.grad(lambda x: jax.numpy.sum(call(x)))(x)

    def test_float64(self):
        with jax.enable_x64(True):
            self.refuse(TypeError, "got float64", kj.silu, np.ones(3))
            self.assert_bits(kj.silu(values(SHAPE)), kiln.silu(values(SHAPE)))
            weight = values(4)
            got = jax.grad(lambda w: kj.layer_norm(values(SHAPE), 4, w).sum())(weight)
            self.assertEqual(got.dtype, np.float32)

    def test_values_that_are_traced(self):
        """Shapes and numbers are no arrays: what jax.jit has made of them is JAX's error."""
        with self.assertRaises(TypeError):
            jax.jit(lambda x, eps: kj.layer_norm(x, 4, eps=eps))(values(SHAPE), 1e-3)
        x = values(SHAPE)
        self.assert_bits(jax.jit(kj.layer_norm, static_argnames="normalized_shape")(x, normalized_shape=(4,)), kiln.layer_norm(x, 4))

    def test_nothing_is_computed_to_find_out(self):
        """Arrays of 1 TiB, which nobody has."""
        huge = jax.ShapeDtypeStruct((1 << 14, 1 << 24), np.float32)
        self.assertEqual(traced(kj.silu, huge).shape, huge.shape)
        self.assertEqual(traced(lambda x: kj.layer_norm(x, (1 << 24,)), huge).shape, huge.shape)
        self.refuse(ValueError, "got (3,)", traced, lambda x: kj.layer_norm(x, 3), huge)


if __name__ == "__main__":
    unittest.main()
