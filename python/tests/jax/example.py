"""The code of docs/using/jax.md; test_page.py runs it."""
import jax
import jax.numpy as jnp
import kiln.jax

x = jnp.linspace(-2, 2, 3 * 768).reshape(3, 768)
weight, bias = jnp.full(768, 2.0), jnp.zeros(768)


@jax.jit
def loss(weight, bias):
    return kiln.jax.silu(kiln.jax.layer_norm(x, (768,), weight, bias)).mean()


print(round(float(loss(weight, bias)), 3))
print([gradient.shape for gradient in jax.grad(loss, (0, 1))(weight, bias)])

images = jnp.arange(24.0).reshape(2, 3, 4)
y, mean, var = kiln.jax.batch_norm(images, jnp.zeros(3), jnp.ones(3), training=True)
print(mean, var)
print(kiln.jax.batch_norm(images, mean, var).shape)


def energy(weight, row):
    return (kiln.jax.rms_norm(row, (768,), weight) ** 2).sum()


each = jax.vmap(jax.grad(energy), (None, 0))(weight, x)
print(each.shape)

mesh = jax.make_mesh((jax.device_count(),), ("rows",))
rows = jax.sharding.PartitionSpec("rows")
images = jax.device_put(jnp.ones((mesh.size, 3, 8, 8)), jax.sharding.NamedSharding(mesh, rows))
norm = jax.shard_map(lambda images: kiln.jax.group_norm(images, 3), mesh=mesh, in_specs=rows, out_specs=rows)
print(jax.jit(norm)(images).sharding.spec)

known = [jax.export.DisabledSafetyCheck.custom_call("kiln_tanh")]
exported = jax.export.export(jax.jit(kiln.jax.tanh), disabled_checks=known)(x)
print(jax.export.deserialize(exported.serialize()).call(x).shape)

with kiln.jax.options(threads=1, accuracy="fast"):
    y = kiln.jax.tanh(x)

try:
    jax.jit(lambda x: kiln.jax.layer_norm(x, 512))(x)
except ValueError as error:
    print(error)
