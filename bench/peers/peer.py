"""What a peer is."""
import importlib.metadata
import importlib.util

from ..cases import DENSE


class Peer:
    """bind(case, x) gives a call without arguments and a function that returns its result, or None where the peer has no
    such operator or layout. It is made with the number of threads."""
    name, package, modules = "", "", []
    layouts = DENSE  # that it takes

    @classmethod
    def version(cls):
        """None: it is not installed."""
        if all(importlib.util.find_spec(m) for m in cls.modules):
            return importlib.metadata.version(cls.package)
        return None
