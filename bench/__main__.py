"""`python3 -m bench` in any shell: where this interpreter lacks a package, the one of .venv takes over."""
import importlib.util
import os
import pathlib
import sys

NEEDED = ("jsonschema", "numpy", "rich")
ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOK_OVER = "KILN_BENCH_TOOK_OVER"  # in the environment of the one that did


def lacking():
    return [name for name in NEEDED if not importlib.util.find_spec(name)]


def take_over():
    """Starts the same command in .venv, or says what to do."""
    python = ROOT / ".venv/bin/python"
    if TOOK_OVER in os.environ or not python.exists():
        sys.exit(f"bench: error: {python if python.exists() else sys.executable} has no {', '.join(lacking())}; "
                 f"{ROOT}/scripts/setup.sh installs it in {ROOT}/.venv, where python3 -m bench finds it")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    os.execve(python, [str(python), "-m", "bench", *sys.argv[1:]], {**os.environ, "PYTHONPATH": path, TOOK_OVER: "1"})


if lacking():
    take_over()

from .cli import main  # noqa: E402

sys.exit(main())
