"""What the studies of a storage say, for the report: one Figures a kernel or shape class."""
import collections
import dataclasses
import re
import warnings

import optuna
from optuna.trial import TrialState

from . import race, record, values
from .errors import TuneError
from .locks import key
from .rounds import Rounds

LEAST = 8  # finished candidates, below which importances mean nothing


# What a report is about: studies of this name; of a target, or None for all; of kernels in whose names one of the patterns
# (regular expressions) is found, or of all where there are none.
Wanted = collections.namedtuple("Wanted", "study target direction dtype patterns", defaults=(None, "forward", "float32", ()))


@dataclasses.dataclass
class Figures:
    target: str
    name: str
    trials: list  # Optuna's, that had an end
    record: dict  # record.py
    importance: dict  # {parameter: share}; empty where there are too few candidates
    rounds: dict  # {key of a point: its rounds}

    def value(self, trial):
        """From all its rounds; the reference has none."""
        rounds = self.rounds.get(key(trial.params))
        return values.of(rounds) if rounds else trial.value

    @property
    def finished(self):
        return [t for t in self.trials if t.state == TrialState.COMPLETE]

    @property
    def timed_again(self):
        """Candidates that came to the second rung of the race."""
        return [t for t in self.finished if len(self.rounds.get(key(t.params), [])) > race.FIRST]

    @property
    def failures(self):
        """{(kind, first line of the message): number}"""
        failed = [t.user_attrs for t in self.trials if "failure" in t.user_attrs]
        return collections.Counter((a["failure"], a.get("message", "").split("\n")[0]) for a in failed)

    @property
    def best(self):
        """(point, value): that of the final comparison, else the best of the search."""
        trial = min(self.finished, key=lambda t: (t.params != self.record["best"] if self.record["best"] else False, self.value(t)))
        return trial.params, self.value(trial)

    @property
    def speedup(self):
        """How many times as fast as the present schedule the best is: the least of the final comparison's repeats; without one,
        by the search alone."""
        return min(self.record["gains"] or [1.0]) if self.compared else 1 / self.best[1]

    @property
    def compared(self):
        """Whether a run came to the final comparison."""
        return self.record["gains"] is not None

    @property
    def baselines(self):
        return self.record["baselines"] or {}


def importance_of(study, finished):
    values = {n: {t.params[n] for t in finished} for n in finished[0].params} if finished else {}
    free = [n for n, v in values.items() if len(v) > 1]
    if len(finished) < LEAST or not free:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    return optuna.importance.get_param_importances(study, evaluator=evaluator, params=free)


def figures_of(storage, study, target, name):
    ended = [t for t in study.get_trials(deepcopy=False) if t.state == TrialState.COMPLETE or "failure" in t.user_attrs]
    finished = [t for t in ended if t.state == TrialState.COMPLETE]
    return Figures(target, name, ended, record.read(study), importance_of(study, finished),
                   Rounds(storage.engine, study.study_name).all())


def wanted_kernel(full, wanted):
    """(target, name of the kernel) of a study (cli.py names them) that is wanted, else None."""
    if full.count("/") < 5:
        return None
    study, target, direction, dtype, kernel, _ = full.rsplit("/", 5)
    same = (study, direction, dtype) == (wanted.study, wanted.direction, wanted.dtype) and wanted.target in (None, target)
    picked = not wanted.patterns or any(re.search(p, kernel) for p in wanted.patterns)
    return (target, kernel) if same and picked else None


def read(storage, wanted):
    """The figures of the studies that are wanted; of a kernel whose space was changed, the study that has the latest trial."""
    latest = {}
    for full in optuna.get_all_study_names(storage.optuna):
        at = wanted_kernel(full, wanted)
        if at is None:
            continue
        study = optuna.load_study(study_name=full, storage=storage.optuna)
        found = figures_of(storage, study, *at)
        if not found.finished:
            continue
        when = max(t.datetime_complete for t in found.trials)
        if at not in latest or latest[at][0] < when:
            latest[at] = (when, found)
    if not latest:
        raise TuneError(f"--report: the storage has no finished candidates of a study called {wanted.study}"
                        f" of {wanted.direction} {wanted.dtype}"
                        + f" for {wanted.target}" * (wanted.target is not None)
                        + f" with --op {' '.join(wanted.patterns)}" * bool(wanted.patterns))
    return [found for _, (_, found) in sorted(latest.items())]
