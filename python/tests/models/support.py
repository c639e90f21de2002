"""Where the example is, and what its parts need."""
import importlib.util
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "models"
sys.path.insert(0, str(EXAMPLE))


def missing(*names):
    """Those of these packages, or modules within one, that are not installed."""
    def there(name):
        try:
            found = importlib.util.find_spec(name)
        except ImportError:
            return False
        return found is not None and found.loader is not None  # a folder of the name is no package

    return [name for name in names if not there(name)]


def needs(*names):
    """Has a test, or a class of them, skipped by name where one is missing."""
    lacking = missing(*names)
    return unittest.skipIf(lacking, f"{', '.join(lacking)} not installed")


def flipped(array):
    """The array with the lowest bit of its last value changed."""
    result = array.copy()
    result.reshape(-1).view("u4")[-1] ^= 1
    return result
