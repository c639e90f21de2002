"""kiln.jax.options: how calls are carried out."""
import threading

import jax

from .._settings import Decorator, check
from ._library import native, raise_refusal

_DEFAULTS = {"threads": 0, "accuracy": "exact", "isa": ""}
_entered = threading.local()  # .blocks: those that this thread is in
_context = jax.make_user_context(None)  # jax.jit traces a function anew for each value of it


def current():
    """(threads, accuracy, isa), by which XLA's attributes are made."""
    return _context.value or tuple(_DEFAULTS.values())


class options(Decorator):
    """How calls in a block, or in a function that it decorates, are carried out, and their gradients.

    >>> with kiln.jax.options(threads=1, accuracy="fast"):
    ...     y = kiln.jax.silu(x)

    Blocks may be nested: what an inner one leaves out is as outside of it. A block concerns its own thread; one object may serve
    many blocks, also at once. A function of jax.jit that is called in blocks of different settings is compiled for each; a
    block around jax.jit, grad or vmap holds as one within. A coroutine or a generator is not decorated, but has the block
    inside of it, around what awaits or yields nothing.

    Parameters
    ----------
    threads : int, optional
        The largest number of threads that a call uses, the calling one included; 0 leaves it to the process.
    accuracy : str, optional
        "exact", or "fast", which is nearer to memory's speed in tanh, sigmoid, silu and mish, and the one setting that
        changes results.
    isa : str, optional
        The instruction set: "baseline", "avx2" or "avx512" on x86-64, "neon" on AArch64; "" is the best of this CPU.

    Raises
    ------
    ValueError
        A value that Kiln, or this CPU, does not have.
    TypeError
        What is decorated is a coroutine or a generator.
    """

    def __init__(self, *, threads=None, accuracy=None, isa=None):
        given = {"threads": threads, "accuracy": accuracy, "isa": isa}
        self._given = {name: value for name, value in given.items() if value is not None}
        _check(**{**_DEFAULTS, **self._given})

    def __enter__(self):
        settings = {**dict(zip(_DEFAULTS, current())), **self._given}
        block = _context(tuple(settings.values()))
        block.__enter__()
        _entered.__dict__.setdefault("blocks", []).append(block)
        return self

    def __exit__(self, *error):
        _entered.blocks.pop().__exit__(*error)

    def __repr__(self):
        return f"kiln.jax.options({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"


def _check(threads, accuracy, isa):
    check("kiln.jax.options", threads, accuracy, isa)
    raise_refusal(native.kiln_jax_check_settings(threads, accuracy == "fast", isa.encode()))
