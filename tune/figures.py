"""What the studies of a storage say, for the report: one Figures a kernel or shape class."""
import collections
import dataclasses
import re
import warnings

import optuna
from optuna.trial import TrialState

from . import record
from .errors import TuneError
from .study import ENDED

LEAST = 8  # finished candidates, below which importances mean nothing


@dataclasses.dataclass
class Figures:
    target: str
    name: str
    trials: list  # Optuna's, that had an end
    record: dict  # record.py
    importance: dict  # {parameter: share}; empty where there are too few candidates

    @property
    def finished(self):
        return [t for t in self.trials if t.state == TrialState.COMPLETE]

    @property
    def pruned(self):
        return [t for t in self.trials if t.state == TrialState.PRUNED]

    @property
    def failures(self):
        """{(kind, first line of the message): number}"""
        failed = [t.user_attrs for t in self.trials if "failure" in t.user_attrs]
        return collections.Counter((a["failure"], a.get("message", "").split("\n")[0]) for a in failed)

    @property
    def best(self):
        """(point, value): that of the final comparison, else the best trial."""
        trial = min(self.finished, key=lambda t: (t.params != self.record["best"] if self.record["best"] else False, t.value))
        return trial.params, trial.value

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


def figures_of(study, target, name):
    ended = [t for t in study.get_trials(deepcopy=False) if t.state in ENDED or "failure" in t.user_attrs]
    finished = [t for t in ended if t.state == TrialState.COMPLETE]
    return Figures(target, name, ended, record.read(study), importance_of(study, finished))


def read(storage, wanted, target=None, patterns=()):
    """Those of the studies called `wanted`, of kernels in whose names one of the regular expressions is found; of a kernel whose space was changed, the study that has the latest trial."""
    latest = {}
    for full in optuna.get_all_study_names(storage.optuna):
        name, of_target, kernel, _ = full.rsplit("/", 3) if full.count("/") >= 3 else (None,) * 4
        picked = not patterns or any(re.search(p, kernel or "") for p in patterns)
        if name != wanted or target not in (None, of_target) or not picked:
            continue
        study = optuna.load_study(study_name=full, storage=storage.optuna)
        found = figures_of(study, of_target, kernel)
        if not found.finished:
            continue
        when = max(t.datetime_complete for t in found.trials)
        if (of_target, kernel) not in latest or latest[of_target, kernel][0] < when:
            latest[of_target, kernel] = (when, found)
    if not latest:
        raise TuneError(f"--report: the storage has no finished candidates of a study called {wanted}"
                        + f" for {target}" * (target is not None)
                        + f" with --op {' '.join(patterns)}" * bool(patterns))
    return [found for _, (_, found) in sorted(latest.items())]
