"""worker.py URL LOG SEED: a process that searches the toy space, slowly enough to be killed."""
import pathlib
import subprocess
import sys
import time

from tune.study import Storage, Study
from tune.tests import toy
from tune.tuner import Search


def start(url, log, seed):
    return subprocess.Popen([sys.executable, "-B", "-m", "tune.tests.worker", url, str(log), str(seed)],
                            cwd=pathlib.Path(__file__).resolve().parents[2])


if __name__ == "__main__":
    builder = toy.Builder(toy.Clock(), log=sys.argv[2], pause=lambda: time.sleep(0.05))
    study = Study(Storage(sys.argv[1]), "toy", toy.space(), toy.point(1, 1), {"cpu": "toy"}, seed=int(sys.argv[3]))
    Search(study, builder, 2).run()
