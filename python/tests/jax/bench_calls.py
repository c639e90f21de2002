"""Times calls of kiln.jax beside the same by JAX's own functions, compiled by jax.jit, in one process and by turns.

    bench_calls.py [--package FOLDER] [--threads N] [--rounds N]

A call of 16 elements, and forward, and forward and backward, at the sizes of layers. Each figure is the least and the median of
the rounds, in microseconds, with the wait for the result."""
import argparse
import pathlib
import statistics
import sys
import time

parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
parser.add_argument("--package")
parser.add_argument("--threads", type=int, default=0, help="of Kiln's calls; XLA has its own, of which taskset says how many")
parser.add_argument("--rounds", type=int, default=30)
arguments = parser.parse_args()
sys.path[:0] = [str(pathlib.Path(arguments.package).resolve())] if arguments.package else []

import jax  # noqa: E402
import numpy as np  # noqa: E402

import formulas  # noqa: E402
import kiln.jax as kj  # noqa: E402


def parameter(count):
    return jax.numpy.linspace(0.5, 1.5, count)


# (operator, shape, arguments): the layers of bench/.
LAYERS = (
    ("silu", (512, 11008), {}),
    ("tanh", (64, 1024), {}),
    ("sigmoid", (64, 3072), {}),
    ("mish", (1, 64, 208, 208), {}),
    ("hardsigmoid", (32, 672, 1, 1), {}),
    ("softplus", (512, 4096), {}),
    ("batch_norm", (32, 64, 56, 56), {"running_mean": None, "running_var": None, "weight": parameter(64), "bias": parameter(64),
                                      "training": True}),
    ("group_norm", (2, 320, 64, 64), {"num_groups": 32, "weight": parameter(320), "bias": parameter(320)}),
    ("instance_norm", (4, 64, 128, 128), {}),
    ("layer_norm", (4096, 1024), {"normalized_shape": (1024,), "weight": parameter(1024), "bias": parameter(1024)}),
    ("rms_norm", (512, 4096), {"normalized_shape": (4096,), "weight": parameter(4096)}),
    ("local_response_norm", (16, 96, 55, 55), {"size": 5}),
    ("normalize", (32, 512, 14, 14), {}),
)


def timed(calls, rounds):
    """[(least, median)] of each, in microseconds; they take turns."""
    times = [[] for _ in calls]
    for call in calls:
        jax.block_until_ready(call())
        jax.block_until_ready(call())
    for _ in range(rounds):
        for call, found in zip(calls, times):
            begin = time.perf_counter()
            jax.block_until_ready(call())
            found.append(1e6 * (time.perf_counter() - begin))
    return [(min(found), statistics.median(found)) for found in times]


def line(name, calls, rounds):
    kiln, own = timed(calls, rounds)
    print(f"{name:44} kiln {kiln[0]:9.1f} {kiln[1]:9.1f}   jax {own[0]:9.1f} {own[1]:9.1f}   {own[0] / kiln[0]:5.2f}", flush=True)


def layer(name, shape, given):
    x = jax.numpy.asarray(np.random.default_rng(0).standard_normal(shape, np.float32))
    weight = given.get("weight")

    def forward(module):
        return jax.jit(lambda x: getattr(module, name)(x, **given))

    def backward(module):
        def loss(x, weight):
            more = {} if weight is None else {"weight": weight}
            return (getattr(module, name)(x, **{**given, **more}) * x).sum()
        return jax.jit(jax.grad(loss, 0 if weight is None else (0, 1)))

    label = f"{name} {'x'.join(map(str, shape))}"
    line(label, [lambda f=forward(module): f(x) for module in (kj, formulas)], arguments.rounds)
    line(f"{label} gradient", [lambda f=backward(module): f(x, weight) for module in (kj, formulas)], arguments.rounds)


def main():
    print(f"jax {jax.__version__}, {arguments.threads or 'all'} threads; least and median of {arguments.rounds} rounds, us; last: jax/kiln")
    small, weight = jax.numpy.ones(16), jax.numpy.ones(16)
    with kj.options(threads=arguments.threads):
        for name, given in (("silu", ()), ("tanh", ()), ("layer_norm", ((16,), weight, weight))):
            own = jax.jit(lambda x, name=name, given=given: getattr(formulas, name)(x, *given))
            line(f"{name} 16", [lambda: getattr(kj, name)(small, *given), lambda: own(small)], 100 * arguments.rounds)
            compiled = jax.jit(lambda x, name=name, given=given: getattr(kj, name)(x, *given))
            line(f"{name} 16, within jax.jit", [lambda: compiled(small), lambda: own(small)], 100 * arguments.rounds)
        for each in LAYERS:
            layer(*each)


if __name__ == "__main__":
    main()
