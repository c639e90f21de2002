"""Kernels in the archive's place: the programs that check and time are linked with other objects ahead of it."""
import os
import subprocess

from .errors import CandidateFailed

LIMIT = 120  # seconds that a step may take


def run(command, limit, kind, what, **variables):
    """Carries out a step, with variables of the environment; CandidateFailed of this kind where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=limit, check=False,
                              env={**os.environ, **variables})
    except subprocess.TimeoutExpired as e:
        raise CandidateFailed("hang", f"{what} had no end in {limit} s") from e
    if done.returncode < 0:
        raise CandidateFailed("crash", f"{what} was killed by signal {-done.returncode}")
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no message"]
        raise CandidateFailed(kind, f"{what}: {last[0]}")


def link(manifest, program, objects, place):
    """place/program. A kernel that is linked ahead of the archive keeps the archive's from being taken."""
    parts = manifest.programs[program]
    run([manifest.compiler, "-o", str(place / program), *parts["objects"], *map(str, objects), *manifest.archive_options,
         "-Wl,--start-group", manifest.archive, *(lib for lib in parts["libraries"] if not lib.startswith("-")), "-Wl,--end-group",
         *(lib for lib in parts["libraries"] if lib.startswith("-"))], LIMIT, "build", f"linking {program}")
    return place / program
