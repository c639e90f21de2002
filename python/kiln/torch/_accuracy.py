"""How near the activations' results are to the true ones."""
import contextlib
import ctypes

from . import _library


def _functions():
    native = _library.native
    native.kiln_torch_set_accuracy.argtypes = [ctypes.c_char_p]
    native.kiln_torch_accuracy.restype = ctypes.c_char_p
    return native


@contextlib.contextmanager
def accuracy(name):
    """A context in which calls have this accuracy, "exact", as by default, or "fast", of tanh, sigmoid, silu, mish and their
    gradients. It holds for all threads of the process, so that a backward pass that runs in another one has it too."""
    native = _functions()
    before = native.kiln_torch_accuracy()
    if not native.kiln_torch_set_accuracy(str(name).encode()):
        raise ValueError(f'kiln.torch.accuracy: expected "exact" or "fast", got {name!r}')
    try:
        yield
    finally:
        native.kiln_torch_set_accuracy(before)
