"""jax.vmap beside a call for each example."""
from shared import *

SIZE = 3


def examples(array, seed):
    """Several arrays like this one, none of them the same."""
    shifted = [array.astype(np.float32) + 0.25 * i for i in range(SIZE)]
    return np.stack(shifted).astype(array.dtype)


def stacked(call, *arrays):
    """What vmap is to return, by a call for each example."""
    made = [call(*each) for each in zip(*arrays)]
    return jax.tree.map(lambda *each: np.stack([np.asarray(one) for one in each]), *made)


class Vmap(JaxTest):
    @of_each_call()
    def test_of_the_input(self, name, arguments, x):
        call = function(name, arguments, ())
        x = examples(x, 0)
        want = stacked(call, x)
        self.assert_all(jax.vmap(call)(x), want)
        self.assert_all(jax.jit(jax.vmap(call, 2))(np.moveaxis(x, 0, 2)), want)

    @of_each_call(np.float32)
    def test_of_all_arrays(self, name, arguments, x):
        wanted = arrays_of(arguments)
        call = function(name, arguments, wanted)
        arrays = [examples(array, i) for i, array in enumerate((x, *wanted.values()))]
        self.assert_all(jax.vmap(call)(*arrays), stacked(call, *arrays))

    @of_each_call(np.float32)
    def test_of_each_array_alone(self, name, arguments, x):
        wanted = arrays_of(arguments)
        call = function(name, arguments, wanted)
        arrays = (x, *wanted.values())
        for place, array in enumerate(arrays):
            axes = [0 if i == place else None for i in range(len(arrays))]
            given = [examples(each, i) if i == place else each for i, each in enumerate(arrays)]
            want = stacked(call, *[each if i == place else [each] * SIZE for i, each in enumerate(given)])
            self.assert_all(jax.vmap(call, axes)(*given), want, f"{name} {place}")

    @of_each_call(np.float32)
    def test_twice(self, name, arguments, x):
        call = function(name, arguments, ())
        x = np.stack([examples(x, 0), examples(x + 1, 0)])
        self.assert_all(jax.vmap(jax.vmap(call))(x), stacked(lambda one: stacked(call, one), x))
        self.assert_all(jax.vmap(jax.vmap(call), 1)(x), stacked(lambda one: stacked(call, one), np.moveaxis(x, 1, 0)))

    @of_each_call(np.float32)
    def test_gradients_of_examples(self, name, arguments, x):
        wanted = tracked(arguments)

        def loss(*arrays):
            result = function(name, arguments, wanted)(*arrays)
            return ((result[0] if isinstance(result, tuple) else result) ** 2).sum()

        gradient = jax.jit(jax.grad(loss, tuple(range(1 + len(wanted)))))
        arrays = (examples(x, 0), *wanted.values())
        axes = (0, *[None] * len(wanted))
        want = stacked(gradient, *[each if i == 0 else [each] * SIZE for i, each in enumerate(arrays)])
        self.assert_all(jax.vmap(gradient, axes)(*arrays), want, name)
        alone = jax.vmap(jax.grad(loss), axes)(*arrays)
        self.assert_all(alone, want[0], name)

    def test_a_gradient_of_all_examples(self):
        """Parameters that examples share get the sum of their gradients."""
        x, weight = examples(values((4, 6)), 0), values(6)
        summed = jax.grad(lambda weight: jax.vmap(lambda x: kj.layer_norm(x, 6, weight))(x).sum())(weight)
        each = jax.vmap(jax.grad(lambda weight, x: kj.layer_norm(x, 6, weight).sum()), (None, 0))(weight, x)
        np.testing.assert_allclose(summed, each.sum(0), rtol=1e-5, atol=1e-5)

    def test_one_call_for_all_examples(self):
        """Unless the parameter of a row is an example's own."""
        x, weight = examples(values((4, 6)), 0), values((SIZE, 6))
        shared = str(jax.make_jaxpr(jax.vmap(lambda x: kj.layer_norm(x, 6, weight[0])))(x))
        own = str(jax.make_jaxpr(jax.vmap(lambda x, weight: kj.layer_norm(x, 6, weight)))(x, weight))
        self.assertEqual(("scan" in shared, "scan" in own), (False, True))
        for name in ("batch_norm", "instance_norm", "group_norm", "local_response_norm"):
            arguments = {"batch_norm": {"running_mean": None, "running_var": None, "training": True}, "group_norm": {"num_groups": 2},
                         "local_response_norm": {"size": 3}}.get(name, {})
            text = str(jax.make_jaxpr(jax.vmap(function(name, arguments, ())))(examples(values(SHAPE), 0)))
            self.assertEqual((text.count("target_name"), "scan" in text), (1, False), name)

    def test_shapes_of_examples_are_checked(self):
        x = np.ones((2, 1, 8, 1), np.float32)
        self.refuse(ValueError, "expected more than 1 value per channel",
                    jax.vmap(lambda x: kj.batch_norm(x, None, None, training=True)), x)
        self.refuse(ValueError, "expected the trailing extents of input, (1, 8, 1), got (2, 1, 8, 1)",
                    jax.vmap(lambda x: kj.layer_norm(x, (2, 1, 8, 1))), x)
        self.refuse(ValueError, "dim: expected -1 to 0, got 1", jax.vmap(kj.normalize), np.ones((2, 3), np.float32))

    def test_empty(self):
        x = np.zeros((SIZE, 0, 8, 5, 4), np.float32)
        for name, arguments in every_call():
            with self.subTest(name):
                call = function(name, arguments, ())
                self.assert_all(jax.vmap(call)(x), stacked(call, x))


if __name__ == "__main__":
    unittest.main()
