"""Arrays that lie on several devices: by jax.jit in shards, and within jax.shard_map."""
import jax
from jax.experimental.custom_partitioning import custom_partitioning


def by_shards(function, arrays):
    """An elementwise function of arrays of one shape, on each shard where it lies."""

    def partition(mesh, arguments, _):
        of_shard = arguments[0].sharding
        return mesh, function, of_shard, (of_shard,) * len(arguments)

    dimensions = " ".join(f"d{i}" for i in range(arrays[0].ndim))
    partitioned = custom_partitioning(function)
    partitioned.def_partition(partition=partition, sharding_rule=f"{', '.join([dimensions] * len(arrays))} -> {dimensions}")
    return partitioned(*arrays)


def _axes(array):
    """Of the mesh of jax.shard_map, those along which an array differs from device to device."""
    kind = getattr(jax.typeof(array), "manual_axis_type", None) if hasattr(array, "dtype") else None
    return frozenset() if kind is None else kind.varying


def varying_alike(arrays, like=()):
    """The arrays, all of them taken for different between devices where one is, or one of `like`. JAX sums up the gradients of
    those that are not."""
    axes = frozenset().union(*map(_axes, (*arrays, *like)))
    return [jax.lax.pcast(array, tuple(axes - _axes(array)), to="varying") if axes - _axes(array) else array for array in arrays]
