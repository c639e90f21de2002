#!/usr/bin/env python3
"""Write tests/data/torch/<operator>.json: what torch.nn.functional gives, for the tests.

    python3 -m venv /tmp/torch-venv
    /tmp/torch-venv/bin/pip install torch numpy
    /tmp/torch-venv/bin/python scripts/make_torch_reference.py [--out DIR] [OPERATOR...]

The data in the repository were made by torch 2.15.0 (the wheel from PyPI, on an x86-64 CPU with
AVX-512) and numpy 2.4.6.
Every input is seeded by the names of its operator and case, so a second run writes the same bytes,
and a new case changes no other.

One file: {"operator", "torch", "cases": [...]}, one case a line:
  name       short-kebab-case
  arguments  what was passed, by PyTorch's names; what is missing was left to PyTorch's default.
             Infinities and NaN are the strings "inf", "-inf", "nan"; None is null
  inputs     tensors by PyTorch's names; an optional tensor that is missing was None
  outputs    output:         computed by PyTorch in float64 from the float32 inputs, then rounded
             output_float32: computed by PyTorch in float32 (for where NaN and infinity go; its
                             last digits may depend on the CPU)
             running_mean, running_var: after the call, only where updated; as output
  error      in the place of outputs, where PyTorch raises: the first line of the message
A tensor is {"shape": [...], "data": hex}, 8 lower-case digits for each float32 bit pattern, in C
order. Every NaN of an output is written as 7fc00000; inputs keep their bits.
"""
import argparse
import json
import math
import pathlib
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F

INF, NAN, MAX = math.inf, math.nan, float(np.finfo(np.float32).max)
SUB = 2.0**-149  # the smallest subnormal


# Tensors of the tables: functions from the case's random generator to a float32 array.
def rand(*shape, std=1.0, mean=0.0):
    return lambda rng: (mean + std * rng.standard_normal(shape)).astype(np.float32)


def positive(*shape):
    return lambda rng: rng.uniform(0.5, 2.0, shape).astype(np.float32)


def full(value, *shape):
    return lambda rng: np.full(shape, value, np.float32)


def rows(*values):
    return lambda rng: np.array(values, np.float32)


def bits(*patterns):
    return lambda rng: np.array(patterns, np.uint32).view(np.float32)


def poke(tensor, values):
    """The tensor with values {flat index: value} put in."""
    def make(rng):
        array = tensor(rng)
        for index, value in values.items():
            array.flat[index] = value
        return array
    return make


def reshape(tensor, *shape):
    return lambda rng: tensor(rng).reshape(shape)


def near(center, ulps=2):
    """The float32 values around a threshold."""
    pattern = int(np.float32(center).view(np.uint32))
    return [float(np.uint32(pattern + d).view(np.float32)) for d in range(-ulps, ulps + 1)]


def case(name, input, weight=None, bias=None, running_mean=None, running_var=None, **arguments):
    tensors = dict(input=input, weight=weight, bias=bias, running_mean=running_mean,
                   running_var=running_var)
    present = {k: v for k, v in tensors.items() if v is not None}
    return name.replace("--", "-minus-"), arguments, present


def affine(*shape):
    return dict(weight=rand(*shape), bias=rand(*shape))


def running(c):
    return dict(running_mean=rand(c), running_var=positive(c))


def activation_cases(worked):
    both = [s * v for v in (1e-42, 1e-30, 1e-10, 1e-6, 1e-4, 3e-3, 0.1, 0.3466, 0.5, 0.6931, 1, 1.5,
                            2.5, 4, 6, 8, 9, 9.02, 12, 16.6, 17.4, 20, 50, 1e3, 1e10, 1e30)
            for s in (1, -1)]
    edges = [v for c in (3, -3, 9, -9, 88.7, 88.72284, -87.33655, -88.72284, -103.97208)
             for v in near(c)]
    return [
        case("worked-example", rows(*worked)),
        case("specials", bits(0, 0x80000000, 0x7fc00000, 0xffc00000, 0x7f800001, 0xffffffff,
                              0x7f800000, 0xff800000, 1, 0x80000001, 0x7fffff, 0x807fffff,
                              0x800000, 0x80800000, 0x7f7fffff, 0xff7fffff)),
        case("small-and-large", rows(*both)),
        case("thresholds", rows(*edges)),
        case("deep-negative", rows(*np.arange(-110, -79))),
        *[case(f"random-scale-{s:g}", rand(40, std=s)) for s in (1e-3, 0.3, 1, 4, 30, 100)],
        case("random-bits", lambda rng: rng.integers(0, 2**32, 40, np.uint32).view(np.float32)),
        case("zero-dim", full(0.75)),
        case("five-dim", rand(2, 1, 3, 1, 2)),
        case("empty", full(0, 0)),
        case("empty-three-dim", full(0, 2, 0, 3)),
    ]


# Rows of 8 that are hard for a reduction: name -> (number of rows, tensor).
HARD = {
    "constant-rows": (4, rows(*[[v] * 8 for v in (0, 3.3, -1e6, 1e-40)])),
    "two-valued-rows": (4, rows([1, 2] * 4, [7] * 7 + [8], [1e6, 1e6 + 1] * 4, [-3, 3] * 4)),
    "shaped-rows": (3, rows(range(8), [0] * 7 + [1e4], [1, -1.5, 2, -2.5, 3, -3.5, 4, -4.5])),
    "large-mean-rows": (4, lambda rng: np.concatenate(
        [rand(1, 8, mean=m)(rng) for m in (1e2, 1e4, 1e6, -1e6)])),
    "huge-rows": (4, lambda rng: np.concatenate(
        [rand(1, 8, std=s)(rng) for s in (1e19, 1e30, 1e37)] + [rows([MAX, -MAX] * 4)(rng)])),
    "tiny-rows": (5, lambda rng: np.concatenate(
        [rand(1, 8, std=s)(rng) for s in (1e-3, 1e-19, 1e-30, 1e-41)]
        + [rows([SUB, 0] * 4)(rng)])),
    "special-rows": (6, poke(rand(6, 8), {3: NAN, 9: INF, 18: -INF, 24: INF, 25: -INF, 33: INF,
                                          34: NAN})),
}
# Not for batch_norm, instance_norm and affine group_norm: there PyTorch computes x * scale + shift,
# whose rounding errors in float64 exceed the exact result of 0 by far.
CONSTANT_HUGE = rows([1e30] * 8, [MAX] * 8)


def hard_cases(shape, again, eps, **fixed):
    """Each hard tensor, its n rows of 8 brought to shape(n); those named in again also with eps."""
    for name, (n, tensor) in HARD.items():
        arguments = {k: v(n) if callable(v) else v for k, v in fixed.items()}
        x = reshape(tensor, *shape(n))
        yield case(name, x, **arguments)
        if name.split("-")[0] in again:
            yield case(f"{name}-eps-{eps:g}", x, **arguments, eps=eps)


def layer_norm_cases():
    x, s = rand(3, 6), [6]
    return [
        case("worked-example", rand(2, 5, 10), normalized_shape=[5, 10]),
        case("worked-example-affine", rand(2, 5, 10), **affine(5, 10), normalized_shape=[5, 10]),
        case("weight-only", x, weight=rand(6), normalized_shape=s),
        case("bias-only", x, bias=rand(6), normalized_shape=s),
        *[case(f"eps-{e:g}", x, **affine(6), normalized_shape=s, eps=e)
          for e in (0.0, 1e-12, 0.5, 1e10, INF, -1e-5, -100.0, NAN)],
        case("one-dim", rand(7), normalized_shape=[7]),
        case("two-dim-whole", rand(3, 4), **affine(3, 4), normalized_shape=[3, 4]),
        case("three-dim-last", rand(2, 3, 4), **affine(4), normalized_shape=[4]),
        case("four-dim-last-two", rand(2, 2, 3, 3), **affine(3, 3), normalized_shape=[3, 3]),
        case("five-dim-last-three", rand(2, 1, 3, 2, 2), normalized_shape=[3, 2, 2]),
        case("long-row", rand(1, 577, mean=5), normalized_shape=[577]),
        case("two-values", rand(5, 2), normalized_shape=[2]),
        case("one-value", rand(3, 1), normalized_shape=[1]),
        case("one-value-affine", rand(3, 1), **affine(1), normalized_shape=[1]),
        case("one-value-eps-0", rand(3, 1), normalized_shape=[1], eps=0.0),
        case("one-value-special", rows([NAN], [INF], [MAX]), normalized_shape=[1]),
        case("one-element", full(2.5, 1), normalized_shape=[1]),
        *hard_cases(lambda n: (n, 8), "constant huge tiny", 0.0, normalized_shape=[8]),
        case("constant-huge-rows", CONSTANT_HUGE, normalized_shape=[8]),
        case("constant-rows-affine", HARD["constant-rows"][1], **affine(8), normalized_shape=[8]),
        case("special-weight", x, weight=poke(rand(6), {0: NAN, 1: INF, 2: 0}),
             bias=poke(rand(6), {3: -INF, 4: NAN}), normalized_shape=s),
        case("empty-no-rows", full(0, 0, 5), **affine(5), normalized_shape=[5]),
        case("empty-rows", full(0, 3, 0), normalized_shape=[0]),
        case("empty-rows-affine", full(0, 3, 0), **affine(0), normalized_shape=[0]),
        case("error-empty-normalized-shape", x, normalized_shape=[]),
        case("error-zero-dim", full(1), normalized_shape=[]),
        case("error-zero-dim-shape-1", full(1), normalized_shape=[1]),
        case("error-not-the-tail", x, normalized_shape=[3]),
        case("error-negative-shape", x, normalized_shape=[-1]),
        case("error-middle-dimension", rand(2, 3, 4), normalized_shape=[3]),
        case("error-shape-longer-than-input", x, normalized_shape=[1, 3, 6]),
        case("error-weight-length", x, weight=rand(5), normalized_shape=s),
        case("error-weight-length-1", x, weight=rand(1), normalized_shape=s),
        case("error-weight-dims", x, weight=rand(1, 6), normalized_shape=s),
        case("error-weight-flat", rand(2, 2, 3), weight=rand(6), normalized_shape=[2, 3]),
        case("error-bias-length", x, bias=rand(7), normalized_shape=s),
    ]


def batch_norm_cases():
    x, y = rand(4, 3), rand(2, 3, 2, 2)
    train = dict(training=True)
    wrong = [("weight", 2), ("weight", 4), ("bias", 2), ("running_mean", 2), ("running_mean", 4),
             ("running_var", 2), ("running_var", 1)]
    return [
        case("defaults", y, **running(3)),
        case("eval-affine", y, **running(3), **affine(3), training=False),
        case("train-no-statistics", y, **train),
        case("train-affine-no-statistics", y, **affine(3), **train),
        case("train-statistics", y, **running(3), **train),
        case("train-all", y, **running(3), **affine(3), **train, momentum=0.1, eps=1e-5),
        case("train-weight-only", y, weight=rand(3), **running(3), **train),
        case("train-bias-only", y, bias=rand(3), **running(3), **train),
        case("eval-weight-only", y, weight=rand(3), **running(3)),
        case("eval-bias-only", y, bias=rand(3), **running(3)),
        *[case(f"{'train' if t else 'eval'}-{n}", rand(*shape), **running(shape[1]),
               **affine(shape[1]), training=t) for t in (True, False)
          for n, shape in {"two-dim": (4, 3), "three-dim": (2, 3, 5), "five-dim": (2, 2, 2, 1, 3),
                           "one-in-batch": (1, 3, 2, 3), "one-channel": (3, 1, 2, 2),
                           "one-in-space": (5, 3, 1, 1), "two-values": (2, 3, 1),
                           "one-value": (1, 3, 1), "one-value-two-dim": (1, 3)}.items()],
        case("train-long-channel", rand(1, 1, 131, mean=5), **running(1), **train),
        *[case(f"momentum-{m:g}", x, **running(3), **train, momentum=m)
          for m in (0.0, 0.5, 1.0, 1.5, -0.5, NAN)],
        case("momentum-1-special-statistics", x, running_mean=rows(NAN, INF, 0),
             running_var=rows(INF, NAN, -1), **train, momentum=1.0),
        case("momentum-0-special-statistics", x, running_mean=rows(NAN, INF, 0),
             running_var=rows(INF, NAN, -1), **train, momentum=0.0),
        case("error-train-one-dim-no-statistics", rand(3), **train),
        *[case(f"{'train' if t else 'eval'}-eps-{e:g}", x, **running(3), training=t, eps=e)
          for t in (True, False) for e in (0.0, 1e-12, 0.5, INF, -1e-5, NAN)],
        case("eval-negative-variance", x, running_mean=rand(3), running_var=rows(-1, -1e-6, -0.0)),
        case("eval-zero-variance-eps-0", x, running_mean=rand(3), running_var=full(0, 3), eps=0.0),
        case("eval-special-statistics", rand(2, 6), running_mean=rows(NAN, INF, 0, 0, 0, MAX),
             running_var=rows(1, 1, INF, NAN, -INF, MAX)),
        case("eval-special-input", poke(rand(3, 4), {0: NAN, 5: INF, 10: -INF}), **running(4)),
        case("eval-huge-and-tiny", rows([1e30, MAX, 1e-30, SUB], [-1e30, -MAX, 1e-40, -SUB]),
             running_mean=rows(2e30, -MAX / 2, 1e-31, 0), running_var=rows(1, MAX, 1e-36, SUB),
             eps=0.0),
        case("train-special-weight", x, weight=rows(NAN, INF, 0), bias=rows(0, 1, -INF), **train),
        *hard_cases(lambda n: (1, n, 8), "huge tiny large", 1e-60, **train,
                    running_mean=rand, running_var=lambda n: positive(n)),
        case("train-constant-affine", full(0.1, 4, 3), **running(3), **affine(3), **train),
        case("train-empty-batch", full(0, 0, 3, 2), **running(3), **affine(3), **train),
        case("train-empty-batch-no-statistics", full(0, 0, 3), **train),
        case("train-empty-space", full(0, 2, 3, 0), **running(3), **train),
        case("train-no-channels", full(0, 2, 0, 3), **train),
        case("eval-empty-batch", full(0, 0, 3, 2), **running(3)),
        case("eval-empty-space", full(0, 2, 3, 0), **running(3)),
        case("eval-no-channels", full(0, 2, 0, 3), **running(0)),
        case("error-eval-no-statistics", x),
        case("error-eval-mean-only", x, running_mean=rand(3)),
        case("error-eval-var-only", x, running_var=positive(3)),
        case("error-train-mean-only", x, running_mean=rand(3), **train),
        case("error-train-var-only", x, running_var=positive(3), **train),
        *[case(f"error-{'train' if t else 'eval'}-{k.replace('_', '-')}-length-{n}", x,
               **{**running(3), k: rand(n)}, training=t) for t in (True, False) for k, n in wrong],
        case("weight-two-dim", x, weight=rand(1, 3), **running(3)),
        case("error-running-mean-dims", x, running_mean=rand(3, 1), running_var=positive(3)),
        *[case(f"error-{'train' if t else 'eval'}-{n}", full(1, *shape), **running(3), training=t)
          for t in (True, False) for n, shape in {"zero-dim": (), "one-dim": (3,)}.items()],
    ]


def group_norm_cases():
    x = rand(2, 4, 3)
    return [
        *[case(f"groups-{g}", x, num_groups=g) for g in (1, 2, 4)],
        *[case(f"groups-{g}-affine", x, **affine(4), num_groups=g) for g in (1, 2, 4)],
        case("weight-only", x, weight=rand(4), num_groups=2),
        case("bias-only", x, bias=rand(4), num_groups=2),
        *[case(f"eps-{e:g}", x, **affine(4), num_groups=2, eps=e)
          for e in (0.0, 1e-12, 0.5, INF, -1e-5, -100.0, NAN)],
        case("two-dim", rand(3, 6), **affine(6), num_groups=2),
        case("four-dim", rand(2, 6, 2, 3), **affine(6), num_groups=3),
        case("five-dim", rand(1, 4, 2, 1, 3), **affine(4), num_groups=2),
        case("one-channel", rand(2, 1, 5), **affine(1), num_groups=1),
        case("one-in-space", rand(1, 6, 1, 1), **affine(6), num_groups=2),
        case("long-group", rand(1, 3, 67, mean=5), num_groups=1),
        *hard_cases(lambda n: (1, n, 8), "constant huge tiny", 0.0, num_groups=lambda n: n),
        case("constant-huge-rows", reshape(CONSTANT_HUGE, 1, 2, 8), num_groups=2),
        case("constant-groups-affine", reshape(HARD["constant-rows"][1], 1, 8, 4), **affine(8),
             num_groups=4),
        case("special-weight", x, weight=rows(NAN, INF, 0, 1), bias=rows(0, 0, -INF, NAN),
             num_groups=2),
        case("special-in-one-group", poke(rand(2, 4, 2), {1: NAN, 12: INF}), **affine(4),
             num_groups=2),
        case("one-value-per-group-batch-1", rand(1, 2, 1), num_groups=2),
        case("one-value-per-group-batch-1-two-dim", rand(1, 2), num_groups=2),
        case("one-value-per-group-batch-2", rand(2, 2, 1), num_groups=2),
        case("one-value-per-group-batch-2-two-dim", rand(2, 2), **affine(2), num_groups=2),
        case("one-value-per-group-batch-2-eps-0", rand(2, 2, 1), num_groups=2, eps=0.0),
        case("one-value-one-group", rand(1, 1, 1), num_groups=1),
        case("empty-batch", full(0, 0, 4, 3), **affine(4), num_groups=2),
        case("empty-batch-groups-3-of-4", full(0, 0, 4, 3), num_groups=3),
        case("empty-space", full(0, 2, 4, 0), **affine(4), num_groups=2),
        case("no-channels", full(0, 2, 0, 3), num_groups=1),
        case("error-not-divisible", x, num_groups=3),
        case("error-not-divisible-batch-1-one-value", rand(1, 3, 1), num_groups=2),
        case("error-more-groups-than-channels", x, num_groups=8),
        case("error-groups-0", x, num_groups=0),
        case("error-groups-negative", x, num_groups=-2),
        *[case(f"error-{k}-length-{n}", x, num_groups=2, **{k: rand(n)})
          for k in ("weight", "bias") for n in (1, 2, 5)],
        case("error-weight-dims", x, weight=rand(4, 1), num_groups=2),
        case("error-one-dim", rand(4), num_groups=2),
        case("error-zero-dim", full(1), num_groups=1),
    ]


def instance_norm_cases():
    x = rand(2, 2, 3)
    fixed = dict(use_input_stats=False)
    wrong = [("weight", 1), ("weight", 4), ("bias", 3), ("running_mean", 1), ("running_mean", 4),
             ("running_var", 3), ("running_var", 1)]
    return [
        case("defaults", x),
        case("affine", x, **affine(2)),
        case("weight-only", x, weight=rand(2)),
        case("bias-only", x, bias=rand(2)),
        case("running-statistics", x, **running(2)),
        case("all", x, **running(2), **affine(2), use_input_stats=True, momentum=0.1, eps=1e-5),
        case("fixed", x, **running(2), **fixed),
        case("fixed-affine", x, **running(2), **affine(2), **fixed),
        *[case(f"{'fixed' if f else 'input'}-{n}", rand(*shape), **running(shape[1]),
               **affine(shape[1]), use_input_stats=not f) for f in (False, True)
          for n, shape in {"four-dim": (2, 3, 2, 2), "five-dim": (2, 2, 2, 1, 3),
                           "one-in-batch": (1, 3, 5), "one-channel": (3, 1, 4),
                           "two-in-space": (2, 3, 2), "one-in-space": (2, 3, 1, 1),
                           "two-dim": (2, 3)}.items()],
        case("one-in-space-no-statistics", rand(2, 3, 1)),
        case("long-plane", rand(1, 1, 131, mean=5), **running(1)),
        *[case(f"momentum-{m:g}", x, **running(2), momentum=m) for m in (0.0, 0.5, 1.0, NAN)],
        *[case(f"{'fixed' if f else 'input'}-eps-{e:g}", x, **running(2), use_input_stats=not f,
               eps=e) for f in (False, True) for e in (0.0, 1e-12, 0.5, INF, -1e-5, NAN)],
        case("fixed-negative-variance", x, running_mean=rand(2), running_var=rows(-1, 0),
             **fixed),
        *hard_cases(lambda n: (1, n, 8), "constant huge tiny", 0.0, running_mean=rand,
                    running_var=lambda n: positive(n)),
        case("special-in-one-plane", poke(x, {0: NAN, 10: INF}), **running(2), **affine(2)),
        case("special-weight", x, weight=rows(NAN, INF), bias=rows(0, -INF)),
        case("empty-batch", full(0, 0, 3, 2)),
        case("empty-batch-statistics", full(0, 0, 3, 2), **running(3)),
        case("fixed-empty-batch", full(0, 0, 3, 2), **running(3), **fixed),
        case("empty-space", full(0, 2, 3, 0)),
        case("empty-space-statistics", full(0, 2, 3, 0), **running(3)),
        case("fixed-empty-space", full(0, 2, 3, 0), **running(3), **fixed),
        case("no-channels", full(0, 2, 0, 3)),
        case("error-fixed-no-statistics", x, **fixed),
        case("error-fixed-mean-only", x, running_mean=rand(2), **fixed),
        case("error-fixed-var-only", x, running_var=positive(2), **fixed),
        case("error-mean-only", x, running_mean=rand(2)),
        case("error-var-only", x, running_var=positive(2)),
        *[case(f"error-{'fixed' if f else 'input'}-{k.replace('_', '-')}-length-{n}", x,
               **{**running(2), k: rand(n)}, use_input_stats=not f)
          for f in (False, True) for k, n in wrong],
        *[case(f"error-{'fixed' if f else 'input'}-{n}", full(1, *shape), **running(3),
               use_input_stats=not f) for f in (False, True)
          for n, shape in {"zero-dim": (), "one-dim": (3,)}.items()],
    ]


def local_response_norm_cases():
    x = rand(1, 6, 2, std=3)
    special = poke(rand(1, 9, 3), {0: NAN, 13: INF, 14: -INF})
    return [
        case("defaults", x, size=5),
        *[case(f"size-{s}", x, size=s, alpha=0.5) for s in (1, 2, 3, 4, 5, 6, 7, 11, 12, 20)],
        *[case(f"beta-{b:g}", x, size=3, alpha=0.5, beta=b)
          for b in (0.0, 0.25, 0.5, 0.6, 0.75, 1.0, 1.5, 2.0, 4.0, 10.0, -0.75, -1.0, INF, NAN)],
        *[case(f"k-{k:g}", x, size=3, alpha=0.5, k=k) for k in (0.0, 1e-3, 2.0, -1.0, INF, NAN)],
        case("k-negative-beta-1", x, size=3, alpha=0.5, beta=1.0, k=-1.0),
        *[case(f"alpha-{a:g}", x, size=3, alpha=a) for a in (0.0, 1.0, 1e4, -0.1, INF, NAN)],
        case("alpha-negative-beta-2", x, size=3, alpha=-1.0, beta=2.0),
        case("k-0-zero-channels", poke(rand(1, 5, 1), {0: 0, 1: 0, 2: -0.0}), size=3, k=0.0),
        case("k-0-zero-channels-beta-0", full(0, 1, 5, 1), size=3, k=0.0, beta=0.0),
        case("four-dim", rand(2, 5, 2, 2), size=5, alpha=1.0, beta=0.75, k=2.0),
        case("five-dim", rand(1, 4, 2, 1, 3), size=3, alpha=1.0),
        case("six-dim", rand(1, 4, 2, 1, 2, 1), size=3, alpha=1.0),
        case("one-channel", rand(2, 1, 4), size=5, alpha=1.0),
        case("one-in-space", rand(2, 5, 1, 1), size=3, alpha=1.0),
        case("special-channels", special, size=3),
        case("special-channels-size-4", special, size=4, alpha=1.0),
        case("special-channels-four-dim", reshape(special, 1, 9, 1, 3), size=2, beta=0.5),
        case("special-channels-beta-0", special, size=3, beta=0.0),
        *[case(f"huge-beta-{b:g}", rand(1, 5, 4, std=1e30), size=3, beta=b) for b in (.5, .75, 1)],
        case("max", full(MAX, 1, 4, 1), size=3, alpha=1.0),
        *[case(f"tiny-k-0-beta-{b:g}", rand(1, 5, 4, std=1e-30), size=3, k=0.0, beta=b)
          for b in (0.5, 0.75, 1.0)],
        case("subnormal", rand(1, 5, 3, std=1e-40), size=3),
        case("subnormal-k-0", rand(1, 5, 3, std=1e-40), size=3, alpha=1.0, beta=0.5, k=0.0),
        *[case(f"empty-{n}", full(0, *shape), size=3) for n, shape in
          {"batch": (0, 4, 3), "channels": (2, 0, 3), "space": (2, 4, 0, 3)}.items()],
        case("empty-size-0", full(0, 0, 4, 3), size=0),
        *[case(f"error-size-{s}", x, size=s) for s in (0, -1, -2, -5)],
        *[case(f"error-size-{s}-four-dim", rand(1, 4, 2, 2), size=s) for s in (0, -1)],
        *[case(f"error-{n}", full(1, *shape), size=3) for n, shape in
          {"two-dim": (2, 4), "one-dim": (4,), "zero-dim": (), "empty-two-dim": (0, 4)}.items()],
    ]


def normalize_cases():
    x, y = rand(2, 3, 4), rand(2, 2, 3)
    powers = (2.0, 1.0, 3.0, 0.5, 0.0, INF, -INF, -1.0, -2.5, -0.5, 1.5, 4.0, 0.1, 16.0, -16.0,
              30.0)
    mixed = poke(rand(7, 5), {6: 0, 8: -0.0, **dict.fromkeys(range(10, 15), 0), 17: NAN, 22: INF,
                              28: -INF, 29: NAN, 31: 0, 32: INF})
    reductions = (2.0, 1.0, 0.0, INF, -INF, -1.0, 3.0)
    return [
        case("defaults", x),
        case("explicit-defaults", x, p=2.0, dim=1, eps=1e-12),
        *[case(f"p-{p:g}", rand(2, 5), p=p) for p in powers],
        *[case(f"p-{p:g}-mixed-rows", mixed, p=p) for p in powers],
        *[case(f"p-{p:g}-huge", rand(2, 6, std=1e30), p=p) for p in (2.0, 1.0, 3.0, .5, INF, -1.0)],
        *[case(f"p-{p:g}-max", full(MAX, 1, 3), p=p) for p in (2.0, 1.0, INF)],
        *[case(f"p-{p:g}-tiny-eps-0", rand(2, 6, std=1e-30), p=p, eps=0.0)
          for p in (2.0, 1.0, 3.0, .5, INF, -1.0)],
        *[case(f"p-{p:g}-subnormal-eps-0", rand(2, 6, std=1e-40), p=p, eps=0.0)
          for p in (2.0, 1.0, 3.0, .5, INF, -1.0)],
        case("p-nan", x, p=NAN),
        case("subnormal", rand(2, 6, std=1e-40)),
        *[case(f"eps-{e:g}", poke(rand(3, 3), {3: 0, 4: 0, 5: 0}), eps=e)
          for e in (0.0, 1e-40, 1.0, 100.0, INF, -1.0, NAN)],
        case("zero-in-row-p-negative-eps-0", rows([0, 1, -2], [3, 1, 2]), p=-1.0, eps=0.0),
        *[case(f"dim-{d}", x, dim=d) for d in (0, 1, 2, -1, -2, -3)],
        *[case("dims-" + "-".join(map(str, d)), x, dim=d)
          for d in ((0,), (0, 1), (2, 0), (1, -1), (0, 1, 2))],
        *[case(f"dim-none-p-{p:g}", y, p=p, dim=None) for p in reductions],
        *[case(f"dims-empty-p-{p:g}", y, p=p, dim=()) for p in reductions],
        *[case(f"dims-0-2-p-{p:g}", y, p=p, dim=(0, 2)) for p in reductions],
        case("one-dim-dim-0", rand(5), dim=0),
        case("four-dim", rand(2, 3, 2, 2)),
        case("five-dim-dims-2-4", rand(2, 1, 2, 2, 3), p=3.0, dim=(2, 4)),
        case("one-channel", rand(2, 1, 3)),
        case("long-row", rand(1, 131)),
        *[case(f"zero-dim-dim-{n}", full(-2.5), dim=d) for n, d in
          {"0": 0, "-1": -1, "none": None, "empty": (), "tuple": (0,)}.items()],
        *[case(f"zero-dim-zero-p-{p:g}", full(0), dim=0, p=p) for p in (2.0, 0.0, -1.0)],
        *[case(f"empty-no-rows-p-{p:g}", full(0, 0, 3), p=p) for p in reductions],
        *[case(f"empty-rows-p-{p:g}", full(0, 3, 0), p=p) for p in reductions],
        *[case(f"empty-dim-none-p-{p:g}", full(0, 0, 3), p=p, dim=None) for p in reductions],
        case("error-one-dim-default-dim", rand(5)),
        case("error-zero-dim-default-dim", full(1)),
        *[case(f"error-dim-{d}", x, dim=d) for d in (3, -4)],
        *[case(f"error-dims-{'twice' if len(set(d)) < 2 else '-'.join(map(str, d))}", x, dim=d)
          for d in ((1, 1), (0, -3), (0, 3))],
    ]


OPERATORS = {
    **{name: activation_cases((-2, 0, 2)) for name in ("tanh", "sigmoid", "silu", "mish")},
    "hardsigmoid": activation_cases((-4, -2, 0, 2, 4)),
    "softplus": [*activation_cases((-2, 0, 2)), case("threshold-20", rows(*near(20)))],
    "layer_norm": layer_norm_cases(), "batch_norm": batch_norm_cases(),
    "group_norm": group_norm_cases(), "instance_norm": instance_norm_cases(),
    "local_response_norm": local_response_norm_cases(), "normalize": normalize_cases(),
}
STATISTICS = ("running_mean", "running_var")


def tensor_json(array):
    return {"shape": list(array.shape),
            "data": "".join(f"{v:08x}" for v in array.view(np.uint32).flat)}


def result_json(tensor):
    array = np.array(tensor.float().contiguous().numpy())
    array[np.isnan(array)] = np.float32(NAN)
    return tensor_json(array)


def argument_json(value):
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def call(operator, arguments, arrays, dtype):
    """The result and the running statistics after the call, or the message of what was raised."""
    tensors = {k: torch.from_numpy(a.copy()).to(dtype) for k, a in arrays.items()}
    before = {k: tensors[k].clone() for k in STATISTICS if k in tensors}
    absent = dict.fromkeys(STATISTICS) if operator == "batch_norm" else {}
    try:
        output = getattr(F, operator)(**absent | tensors | arguments)
    except Exception as error:  # whatever PyTorch raises is the datum
        if any(not torch.equal(before[k], tensors[k]) for k in before):
            print(f"{operator}: running statistics changed by {error}", file=sys.stderr)
        return str(error).splitlines()[0]
    updated = arguments.get("training" if operator == "batch_norm" else "use_input_stats",
                            operator == "instance_norm")
    return {"output": output, **{k: tensors[k] for k in before if updated}}


def run(operator, name, arguments, inputs):
    rng = np.random.default_rng(zlib.crc32(f"{operator} {name}".encode()))
    arrays = {k: make(rng) for k, make in inputs.items()}
    double, single = (call(operator, arguments, arrays, t) for t in (torch.float64, torch.float32))
    line = {"name": name, "arguments": {k: argument_json(v) for k, v in arguments.items()},
            "inputs": {k: tensor_json(a) for k, a in arrays.items()}}
    if isinstance(double, str) or isinstance(single, str):
        if double != single:
            print(f"{operator} {name}: float64: {double}; float32: {single}", file=sys.stderr)
        return line | {"error": single if isinstance(single, str) else double}
    return line | {"outputs": {k: result_json(v) for k, v in double.items()}
                   | {"output_float32": result_json(single["output"])}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--out", type=pathlib.Path, default=root / "tests/data/torch")
    parser.add_argument("operators", nargs="*", metavar="OPERATOR", help="default: all")
    options = parser.parse_args()
    if unknown := set(options.operators) - set(OPERATORS):
        parser.error(f"unknown operator: {', '.join(sorted(unknown))}")
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for operator in options.operators or OPERATORS:
        cases = [run(operator, *c) for c in OPERATORS[operator]]
        names = [c["name"] for c in cases]
        assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
        text = ('{"operator": "%s", "torch": "%s", "cases": [\n' % (operator, torch.__version__)
                + ",\n".join(json.dumps(c) for c in cases) + "\n]}\n")
        (options.out / f"{operator}.json").write_text(text)
        print(f"{operator}: {len(cases)} cases, {sum('error' in c for c in cases)} of them errors, "
              f"{len(text)} bytes")


if __name__ == "__main__":
    main()
