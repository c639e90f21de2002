"""Tensors of the cases: functions from a case's random generator to a float32 array."""
import math

import numpy as np

INF, NAN, MAX = math.inf, math.nan, float(np.finfo(np.float32).max)
SUB = 2.0**-149  # the smallest subnormal


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
