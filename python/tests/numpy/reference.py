"""The operators in float64, by their textbook definitions in NumPy. Nothing of Kiln is in it.

Each takes what kiln.<operator> takes, with PyTorch's defaults, and returns the result; statistics are not updated.
"""
import numpy as np


def tanh(x):
    return np.tanh(x)


def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))


def hardsigmoid(x):
    return np.clip(x + 3, 0, 6) / 6


def silu(x):
    return x * sigmoid(x)


def softplus(x):
    return np.where(x > 20, x, np.log1p(np.exp(np.minimum(x, 20))))


def mish(x):
    return x * np.tanh(np.logaddexp(0, x))


def _by_channel(values, x):
    """(C,) beside (N, C, *); None stays None."""
    return None if values is None else np.reshape(values, (1, -1) + (1,) * (x.ndim - 2))


def _affine(x, weight, bias):
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    axes = (0, *range(2, x.ndim))
    mean = x.mean(axes, keepdims=True) if training else _by_channel(running_mean, x)
    var = x.var(axes, keepdims=True) if training else _by_channel(running_var, x)
    return _affine((x - mean) / np.sqrt(var + eps), _by_channel(weight, x), _by_channel(bias, x))


def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    groups = x.reshape(x.shape[0], num_groups, -1)
    normed = (groups - groups.mean(2, keepdims=True)) / np.sqrt(groups.var(2, keepdims=True) + eps)
    return _affine(normed.reshape(x.shape), _by_channel(weight, x), _by_channel(bias, x))


def instance_norm(x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5):
    axes = tuple(range(2, x.ndim))
    mean = x.mean(axes, keepdims=True) if use_input_stats else _by_channel(running_mean, x)
    var = x.var(axes, keepdims=True) if use_input_stats else _by_channel(running_var, x)
    return _affine((x - mean) / np.sqrt(var + eps), _by_channel(weight, x), _by_channel(bias, x))


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    axes = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    return _affine((x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps), weight, bias)


def rms_norm(x, normalized_shape, weight=None, eps=None):
    axes = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    eps = 2.0**-23 if eps is None else eps
    return _affine(x / np.sqrt((x**2).mean(axes, keepdims=True) + eps), weight, None)


def local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1.0):
    squares = np.zeros_like(x)
    for c in range(x.shape[1]):
        window = slice(max(c - size // 2, 0), c + (size - 1) // 2 + 1)
        squares[:, c] = (x[:, window] ** 2).sum(1) / size
    return x / (k + alpha * squares) ** beta


def normalize(x, p=2.0, dim=1, eps=1e-12):
    axes = tuple(range(x.ndim)) if dim in (None, ()) else dim if isinstance(dim, tuple) else (dim,)
    if np.isinf(p):
        norm = (np.abs(x).max if p > 0 else np.abs(x).min)(axes, keepdims=True)
    elif p == 0:
        norm = (x != 0).sum(axes, keepdims=True).astype(float)
    else:
        norm = (np.abs(x) ** p).sum(axes, keepdims=True) ** (1 / p)
    return x / np.maximum(norm, eps)


# ---- Statistics ----

def moments(name, x, arguments):
    """What kiln.<name>_with_statistics returns beside its output, in order."""
    if name == "rms_norm":
        axes = tuple(range(x.ndim - len(arguments["normalized_shape"]), x.ndim))
        return (1 / np.sqrt((x**2).mean(axes) + arguments.get("eps", 2.0**-23)),)
    if name == "layer_norm":
        values, axes = x, tuple(range(x.ndim - len(arguments["normalized_shape"]), x.ndim))
    elif name == "group_norm":
        values, axes = x.reshape(x.shape[0], arguments["num_groups"], -1), (2,)
    else:
        values, axes = x, (0, *range(2, x.ndim)) if name == "batch_norm" else tuple(range(2, x.ndim))
    return values.mean(axes), 1 / np.sqrt(values.var(axes) + arguments.get("eps", 1e-5))


def updated_statistics(name, x, running_mean, running_var, momentum=0.1):
    """(mean, variance) as a call with these has left them behind."""
    axes = (0, *range(2, x.ndim)) if name == "batch_norm" else tuple(range(2, x.ndim))
    mean, var = x.mean(axes), x.var(axes, ddof=1)
    if name == "instance_norm":
        mean, var = mean.mean(0), var.mean(0)
    return (1 - momentum) * running_mean + momentum * mean, (1 - momentum) * running_var + momentum * var


# ---- Gradients ----

def gradient(function, grad_output, x, step=1e-5):
    """That of (grad_output * function(x)).sum() in float64, by central differences: nobody's formula."""
    result = np.empty_like(x)
    for i in np.ndindex(x.shape):
        sides = []
        for sign in (1, -1):
            moved = x.copy()
            moved[i] += sign * step
            sides.append((grad_output * function(moved)).sum())
        result[i] = (sides[0] - sides[1]) / (2 * step)
    return result
