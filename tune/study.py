"""One study a kernel and shape class: Optuna searches (TPE, medians prune), locks.py sees that no candidate is lost or
measured twice. A trial's value is the candidate's time over that of the present schedule."""
import dataclasses
import datetime
import random
import time
import uuid

import optuna
import sqlalchemy as sql
from optuna.trial import TrialState

from .locks import STALE, Locks, key, make_table
from .errors import TuneError

optuna.logging.set_verbosity(optuna.logging.ERROR)
ENDED = (TrialState.COMPLETE, TrialState.PRUNED)
VOID = "void"  # a suggestion that was taken already or broke a constraint: no candidate
TOKEN = "token"  # finds the trial that add_trial has just made


def once_tables_are_made(make, attempts=10, pause=0.3):
    """make(), again where another worker has made the same tables between its look for them and their making."""
    for attempt in range(attempts):
        try:
            return make()
        except (sql.exc.IntegrityError, sql.exc.ProgrammingError, sql.exc.OperationalError) as e:
            if attempt == attempts - 1 or not ("already exists" in str(e) or isinstance(e, sql.exc.IntegrityError)):
                raise
            time.sleep(pause)


class Storage:
    """A database by its SQLAlchemy URL."""

    def __init__(self, url):
        waiting = {"connect_args": {"timeout": 120}} if url.startswith("sqlite") else {}
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        try:
            self.engine = sql.create_engine(url, **waiting)
            self.optuna = once_tables_are_made(lambda: optuna.storages.RDBStorage(url, engine_kwargs=waiting))
            once_tables_are_made(lambda: make_table(self.engine))
        except (sql.exc.SQLAlchemyError, ImportError) as e:
            raise TuneError(f"--storage {url}: {str(e).splitlines()[0]}") from e


@dataclasses.dataclass
class Candidate:
    point: dict
    trial: optuna.trial.Trial


class Study:
    def __init__(self, storage, name, space, present, facts, seed=None):
        self.space, self.name, self.random = space, name, random.Random(seed)
        self.distributions = {n: optuna.distributions.CategoricalDistribution(v) for n, v in space.parameters.items()}
        self.optuna = optuna.create_study(
            study_name=name, storage=storage.optuna, load_if_exists=True, direction="minimize",
            sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=8),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1))
        self.locks = Locks(storage.engine, name)
        for fact, value in facts.items():
            if fact not in self.optuna.user_attrs:
                self.optuna.set_user_attr(fact, value)
        self.refuse_other_machine(facts)
        self.drop_orphans()
        self.points = {key(p): p for p in space.points()}
        self.present = present
        if present is not None and self.locks.take(present, None):
            self.add(present, TrialState.COMPLETE, 1.0)
            self.locks.finish(present)

    def refuse_other_machine(self, facts):
        theirs = self.optuna.user_attrs.get("cpu")
        if "cpu" in facts and theirs != facts["cpu"]:
            raise TuneError(f"--storage: {self.name} was begun on another CPU: expected {facts['cpu']}, the study has {theirs}; "
                            "give --study another name")

    def add(self, point, state, value=None):
        """A trial of this point, number and all."""
        token = uuid.uuid4().hex
        self.optuna.add_trial(optuna.trial.create_trial(state=state, value=value, params=point, user_attrs={TOKEN: token},
                                                        distributions=self.distributions))
        frozen = next(t for t in reversed(self.optuna.get_trials(deepcopy=False)) if t.user_attrs.get(TOKEN) == token)
        return optuna.trial.Trial(self.optuna, frozen._trial_id)

    def drop_orphans(self):
        """Suggestions whose worker died before it locked them."""
        locked = {row.trial for row in self.locks.open()}
        before = datetime.datetime.now() - datetime.timedelta(seconds=STALE)
        for t in self.optuna.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
            if t.number not in locked and t.datetime_start < before:
                self.optuna.tell(t.number, state=TrialState.FAIL, skip_if_finished=True)

    def run_again(self):
        """A candidate whose worker died; None where there is none."""
        while over := self.locks.take_over():
            point, number = over
            lost = None if number is None else self.optuna.get_trials(deepcopy=False)[number]
            if lost and (lost.state in ENDED or "failure" in lost.user_attrs):
                self.locks.finish(point)  # it died after the end, but before it said so
                continue
            if lost:
                self.optuna.tell(number, state=TrialState.FAIL, skip_if_finished=True)
            made = self.add(point, TrialState.RUNNING)
            self.locks.set(point, trial=made.number)
            return Candidate(point, made)
        return None

    def nearest_free(self, point):
        free = [p for k, p in self.points.items() if k not in self.locks.points()]
        self.random.shuffle(free)

        def distance(other):
            return sum(abs(values.index(point[n]) - values.index(other[n])) for n, values in self.space.parameters.items())
        return sorted(free, key=distance)

    def next(self):
        """The next candidate, this worker's alone; None where every point has been taken."""
        again = self.run_again()
        if again or len(self.locks.points()) >= len(self.points):
            return again
        trial = self.optuna.ask(self.distributions)
        if key(trial.params) in self.points and self.locks.take(trial.params, trial.number):
            return Candidate(trial.params, trial)
        trial.set_user_attr(VOID, True)
        self.optuna.tell(trial, state=TrialState.FAIL)
        for point in self.nearest_free(trial.params):
            if self.locks.take(point, None):
                made = self.add(point, TrialState.RUNNING)
                self.locks.set(point, trial=made.number)
                return Candidate(point, made)
        return None

    def report(self, candidate, value, step):
        """Whether to go on with it."""
        candidate.trial.report(value, step)
        return not candidate.trial.should_prune()

    def finish(self, candidate, value=None):
        """With a value, or pruned without."""
        self.optuna.tell(candidate.trial, value, TrialState.PRUNED if value is None else TrialState.COMPLETE)
        self.locks.finish(candidate.point)

    def fail(self, candidate, kind, message):
        candidate.trial.set_user_attr("failure", kind)
        candidate.trial.set_user_attr("message", message)
        self.optuna.tell(candidate.trial, state=TrialState.FAIL)
        self.locks.finish(candidate.point)

    def give_back(self, candidate):
        """Unfinished: it is anybody's again."""
        self.optuna.tell(candidate.trial, state=TrialState.FAIL)
        self.locks.release(candidate.point)

    def best(self):
        """(point, value)"""
        best = self.optuna.best_trial
        return best.params, best.value

    def leaders(self, count):
        """The points of the best trials, best first."""
        found = sorted(self.optuna.get_trials(deepcopy=False, states=[TrialState.COMPLETE]), key=lambda t: t.value)
        return [t.params for t in found[:count]]

    def finished(self):
        """Trials that had an end, and are about a candidate."""
        return [t for t in self.optuna.get_trials(deepcopy=False)
                if t.state in ENDED or "failure" in t.user_attrs]
