"""Loads the native part, and says why where it cannot."""
import platform
import sys
import sysconfig

if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
    raise ImportError(f"kiln: expected CPython 3.11 or later with its global lock, got {platform.python_implementation()} "
                      f"{platform.python_version()}")

from . import _native  # noqa: F401
