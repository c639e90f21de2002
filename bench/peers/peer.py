"""What a peer is."""
import importlib.metadata
import importlib.util

from ..cases import DENSE


class Peer:
    """bind(case, x), x the case's first tensor, gives a call without arguments and a function that returns its result, of the case's
    element type, {name: array} of a gradient's, or None where the peer has no such operator or layout. It is made with the number of
    threads."""
    name, package, modules = "", "", []
    layouts = DENSE  # that it takes
    dtypes = ("float32",)  # of tensors
    directions = ("forward",)

    @classmethod
    def lacks(cls):
        """Why it cannot run here; "" where it can."""
        return "" if all(importlib.util.find_spec(m) for m in cls.modules) else "not installed"

    @classmethod
    def version(cls):
        return importlib.metadata.version(cls.package)
