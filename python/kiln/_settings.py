"""kiln.options: how calls are carried out."""
import contextlib
import contextvars
import functools
import operator
from typing import Literal

# (the Context of all settings that are in force, these settings, what was in force before), or None outside of any options.
_current = contextvars.ContextVar("kiln.options", default=None)
current = _current.get

_DEFAULTS = {"threads": 0, "accuracy": "exact", "isa": ""}


@functools.lru_cache(maxsize=32)
def _context(threads, accuracy, isa):
    """Kept between blocks, as it has working memory."""
    from ._native import Context

    return Context(threads, accuracy, isa)


def check(where, threads, accuracy, isa):
    """Of kinds and ranges; which instruction sets there are, Kiln says."""
    try:
        count = operator.index(threads)
    except TypeError:
        raise TypeError(f"{where}: threads: expected an integer, got {type(threads).__name__}") from None
    if not 0 <= count < 2**31:
        raise ValueError(f"{where}: threads: expected 0 to 2147483647, got {count}")
    for name, value in (("accuracy", accuracy), ("isa", isa)):
        if not isinstance(value, str):
            raise TypeError(f"{where}: {name}: expected a string, got {type(value).__name__}")
    if accuracy not in ("exact", "fast"):
        raise ValueError(f"{where}: accuracy: expected exact or fast, got {accuracy}")


class Decorator(contextlib.ContextDecorator):
    """A block that decorates what has done its work when it returns, and nothing else."""

    def __call__(self, function):
        import inspect

        for what, is_one in (("coroutine", inspect.iscoroutinefunction), ("generator", inspect.isgeneratorfunction),
                             ("asynchronous generator", inspect.isasyncgenfunction)):
            if is_one(function):
                raise TypeError(f"{self!r}: expected a function that has done its work when it returns, got the {what} "
                                f"{getattr(function, '__qualname__', function)}: use `with` inside of it")
        return super().__call__(function)


class options(Decorator):
    """How calls in a block, or in a function that it decorates, are carried out.

    >>> with kiln.options(threads=1, accuracy="fast"):
    ...     y = kiln.silu(x)

    Blocks may be nested: what an inner one leaves out is as outside of it. A block concerns its own thread and, as it is a
    context variable, its own asyncio task. One object may serve many blocks, also at once. A coroutine or a generator is not
    decorated, but has the block inside of it.

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

    def __init__(self, *, threads: int | None = None, accuracy: Literal["exact", "fast"] | None = None,
                 isa: str | None = None) -> None:
        given = {"threads": threads, "accuracy": accuracy, "isa": isa}
        self._given = {name: value for name, value in given.items() if value is not None}
        settings = {**_DEFAULTS, **self._given}
        check("kiln.options", **settings)
        try:
            _context(**settings)
        except ValueError as error:
            raise ValueError(f"kiln.options: {error}") from None

    def __enter__(self) -> "options":
        outer = _current.get()
        settings = {**(outer[1] if outer else _DEFAULTS), **self._given}
        _current.set((_context(**settings), settings, outer))
        return self

    def __exit__(self, *_: object) -> None:
        _current.set(_current.get()[2])

    def __repr__(self) -> str:
        return f"kiln.options({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"
