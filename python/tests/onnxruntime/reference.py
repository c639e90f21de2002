"""What ONNX's operators are, in float64 and by the words of ONNX's specification."""
import numpy as np


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def softplus(x):
    return np.logaddexp(x, 0)


ELEMENTWISE = {
    "Tanh": np.tanh,
    "Sigmoid": sigmoid,
    "HardSigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "Swish": lambda x: x * sigmoid(x),
    "Mish": lambda x: x * np.tanh(softplus(x)),
    "Softplus": softplus,
}


def of_channels(parameter, x):
    return parameter.reshape([-1] + [1] * (x.ndim - 2))


def batch_normalization(x, scale, bias, mean, var, epsilon=1e-5):
    mean, var, scale, bias = (of_channels(p, x) for p in (mean, var, scale, bias))
    return (x - mean) / np.sqrt(var + epsilon) * scale + bias


def batch_normalization_training(x, scale, bias, mean, var, epsilon=1e-5, momentum=0.9):
    """y, and the running statistics."""
    others = tuple(i for i in range(x.ndim) if i != 1)
    now, now_var = x.mean(axis=others), x.var(axis=others)
    y = batch_normalization(x, scale, bias, now, now_var, epsilon)
    return y, mean * momentum + now * (1 - momentum), var * momentum + now_var * (1 - momentum)


def group_normalization(x, scale, bias, num_groups, epsilon=1e-5):
    grouped = x.reshape(x.shape[0], num_groups, -1)
    mean, var = grouped.mean(axis=2, keepdims=True), grouped.var(axis=2, keepdims=True)
    normalized = ((grouped - mean) / np.sqrt(var + epsilon)).reshape(x.shape)
    return normalized * of_channels(scale, x) + of_channels(bias, x)


def instance_normalization(x, scale, bias, epsilon=1e-5):
    return group_normalization(x, scale, bias, x.shape[1], epsilon)


def layer_normalization(x, scale, bias=0.0, axis=-1, epsilon=1e-5):
    """y, mean and the reciprocal of the standard deviation."""
    axes = tuple(range(axis % x.ndim, x.ndim))
    mean = x.mean(axis=axes, keepdims=True)
    rstd = 1 / np.sqrt(((x - mean) ** 2).mean(axis=axes, keepdims=True) + epsilon)
    return (x - mean) * rstd * scale + bias, mean, rstd


def rms_normalization(x, scale, axis=-1, epsilon=1e-5):
    axes = tuple(range(axis % x.ndim, x.ndim))
    return x / np.sqrt((x * x).mean(axis=axes, keepdims=True) + epsilon) * scale


def lrn(x, size, alpha=1e-4, beta=0.75, bias=1.0):
    sums = np.zeros_like(x)
    for c in range(x.shape[1]):
        first, last = max(0, c - (size - 1) // 2), min(x.shape[1] - 1, c + -(-(size - 1) // 2))
        sums[:, c] = (x[:, first:last + 1] ** 2).sum(axis=1)
    return x / (bias + alpha / size * sums) ** beta


def lp_normalization(x, axis=-1, p=2):
    norm = (np.abs(x) ** p).sum(axis=axis, keepdims=True) ** (1 / p)
    return np.where(norm == 0, 0, x / np.where(norm == 0, 1, norm))
