"""The operators in JAX's own functions, by their textbook definitions, for gradients by jax.grad in float64. Nothing of Kiln is
in it. Each takes what kiln.jax.<operator> takes, with PyTorch's defaults, and returns the result alone."""
import jax
import jax.numpy as jnp

tanh, sigmoid, silu = jnp.tanh, jax.nn.sigmoid, jax.nn.silu


def hardsigmoid(x):
    return jnp.clip(x + 3, 0, 6) / 6


def softplus(x):
    return jnp.where(x > 20, x, jnp.log1p(jnp.exp(jnp.minimum(x, 20))))


def mish(x):
    return x * jnp.tanh(jnp.logaddexp(0, x))


def _affine(x, weight, bias):
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def _by_channel(values, x):
    return None if values is None else values.reshape(1, -1, *(1,) * (x.ndim - 2))


def _normed(x, axes, eps, mean=None, var=None):
    mean = x.mean(axes, keepdims=True) if mean is None else mean
    var = ((x - mean) ** 2).mean(axes, keepdims=True) if var is None else var
    return (x - mean) / jnp.sqrt(var + eps)


def batch_norm(x, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    given = () if training else (_by_channel(running_mean, x), _by_channel(running_var, x))
    return _affine(_normed(x, (0, *range(2, x.ndim)), eps, *given), _by_channel(weight, x), _by_channel(bias, x))


def instance_norm(x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5):
    given = () if use_input_stats else (_by_channel(running_mean, x), _by_channel(running_var, x))
    return _affine(_normed(x, tuple(range(2, x.ndim)), eps, *given), _by_channel(weight, x), _by_channel(bias, x))


def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    normed = _normed(x.reshape(x.shape[0], num_groups, -1), (2,), eps).reshape(x.shape)
    return _affine(normed, _by_channel(weight, x), _by_channel(bias, x))


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    return _affine(_normed(x, tuple(range(x.ndim - len(normalized_shape), x.ndim)), eps), weight, bias)


def rms_norm(x, normalized_shape, weight=None, eps=None):
    axes = tuple(range(x.ndim - len(normalized_shape), x.ndim))
    eps = 2.0**-23 if eps is None else eps
    return _affine(x / jnp.sqrt((x**2).mean(axes, keepdims=True) + eps), weight, None)


def local_response_norm(x, size, alpha=1e-4, beta=0.75, k=1.0):
    padding = [(0, 0), (size // 2, (size - 1) // 2), *[(0, 0)] * (x.ndim - 2)]
    squares = jnp.pad(x**2, padding)
    mean = sum(squares[:, i:i + x.shape[1]] for i in range(size)) / size
    return x / (k + alpha * mean) ** beta


def normalize(x, p=2.0, dim=1, eps=1e-12):
    axes = tuple(range(x.ndim)) if dim in (None, ()) else dim if isinstance(dim, tuple) else (dim,)
    if p == float("inf"):
        norm = jnp.abs(x).max(axes, keepdims=True)
    else:
        norm = (jnp.abs(x) ** p).sum(axes, keepdims=True) ** (1 / p)
    return x / jnp.maximum(norm, eps)
