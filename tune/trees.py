"""What a run builds lies in a folder of its own, which goes when it ends; those of runs that were killed go with the next."""
import contextlib
import os
import shutil
import socket

from .locks import started


def known_dead(name):
    """That it was a process of this machine and is none any more."""
    host, pid, start = name.rsplit("+", 2)
    return host == socket.gethostname() and started(pid) != start


@contextlib.contextmanager
def own(folder):
    """The folder of this process, within one that all share."""
    for other in folder.glob("*+*+*"):
        if known_dead(other.name):
            shutil.rmtree(other)
    mine = folder / f"{socket.gethostname()}+{os.getpid()}+{started(os.getpid())}"
    try:
        mine.mkdir(parents=True)
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
