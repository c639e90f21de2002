"""Calls on four devices, which test_sharding.py runs: XLA has them from the start of a process on."""
import os

os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=4"

from shared import *
from jax.sharding import AxisType, NamedSharding, PartitionSpec as P

ALONG = {"mesh": jax.make_mesh((4,), ("rows",), axis_types=(AxisType.Auto,)), "out_specs": P("rows")}


class Sharded(JaxTest):
    def test_elementwise_operators_stay_in_shards(self):
        x = values((4, 8, 6))
        for kind in (AxisType.Auto, AxisType.Explicit):
            mesh = jax.make_mesh((2, 2), ("a", "b"), axis_types=(kind,) * 2)
            for spec in (P("a"), P("a", "b"), P(None, None, "b"), P(("a", "b"))):
                given = jax.device_put(x, NamedSharding(mesh, spec))
                for name in (name for name in FORWARD if TABLE[name].elementwise):
                    for call in (getattr(kj, name), jax.grad(lambda x: getattr(kj, name)(x).sum()), jax.vmap(getattr(kj, name))):
                        got = jax.jit(call)(given)
                        self.assertEqual(got.sharding.spec, spec, name)
                        self.assert_bits(got, call(x), name)
                self.assertNotIn("all-gather", jax.jit(kj.mish).lower(given).compile().as_text())

    def test_gathered_arrays(self):
        """What the other operators do."""
        x = values((8, 6))
        given = jax.device_put(x, NamedSharding(ALONG["mesh"], P("rows")))
        self.assert_bits(jax.jit(lambda x: kj.layer_norm(x, 6))(given), kiln.layer_norm(x, 6))

    def test_shard_map(self):
        x, weight, bias = values((8, 6)), values(6, seed=1), values(6, seed=2)
        norm = jax.jit(jax.shard_map(lambda x, *rest: kj.layer_norm(x, 6, *rest), in_specs=(P("rows"), P(), P()), **ALONG))
        self.assert_bits(norm(x, weight, bias), kiln.layer_norm(x, 6, weight, bias))
        self.assertNotIn("all-gather", norm.lower(x, weight, bias).compile().as_text())
        got = jax.grad(lambda *arrays: (norm(*arrays) ** 2).sum(), (0, 1, 2))(x, weight, bias)
        want = jax.grad(lambda x, *rest: (kj.layer_norm(x, 6, *rest) ** 2).sum(), (0, 1, 2))(x, weight, bias)
        self.assert_bits(got[0], want[0])
        for each, other in zip(got[1:], want[1:]):
            np.testing.assert_allclose(each, other, rtol=1e-5, atol=1e-5)  # sums of each shard's sums

    def test_gradients_within_shard_map(self):
        x, weight = values((8, 6)), values(6, seed=1)
        for name, arguments in (("silu", ()), ("layer_norm", (6, weight)), ("normalize", ())):
            def gradient(x):
                return jax.grad(lambda x: (getattr(kj, name)(x, *arguments) ** 2).sum())(x)

            self.assert_bits(jax.shard_map(gradient, in_specs=P("rows"), **ALONG)(x), gradient(x), name)

    def test_statistics_of_shards_are_no_ones_else(self):
        """Within jax.shard_map they differ between devices, and JAX knows."""
        x, one = values((8, 6)), np.ones(6, np.float32)

        def updated(x):
            return kj.batch_norm(x, one, one, training=True)[1]

        self.assertEqual(jax.shard_map(updated, in_specs=P("rows"), **ALONG)(x).shape, (24,))
        with self.assertRaises(ValueError):
            jax.shard_map(updated, in_specs=P("rows"), **{**ALONG, "out_specs": P()})(x)


if __name__ == "__main__":
    unittest.main()
