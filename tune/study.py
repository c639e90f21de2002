"""One study a kernel and shape class: Optuna searches (TPE), locks.py sees that no candidate is lost or measured twice. A
candidate's rounds (rounds.py) are ratios to one reference, the schedule that was present when the study began."""
import dataclasses
import datetime
import json
import random
import time
import uuid

import optuna
import sqlalchemy as sql
from optuna.trial import TrialState

from . import race, values
from .locks import STALE, Locks, key, make_table
from .errors import TuneError
from .rounds import Rounds

optuna.logging.set_verbosity(optuna.logging.ERROR)
VOID = "void"  # a suggestion that was taken already or broke a constraint: no candidate
TOKEN = "token"  # finds the trial that add_trial has just made
REFERENCE = "reference"  # the point that all ratios are to


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
    """`present`: the schedule that serves now. `wanted`: points that are tried first and raced to the end."""

    def __init__(self, storage, name, space, present, facts, seed=None, wanted=()):
        self.space, self.name, self.random = space, name, random.Random(seed)
        self.distributions = {n: optuna.distributions.CategoricalDistribution(v) for n, v in space.parameters.items()}
        self.optuna = optuna.create_study(study_name=name, storage=storage.optuna, load_if_exists=True, direction="minimize",
                                          sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=8))
        self.locks, self.rounds = Locks(storage.engine, name), Rounds(storage.engine, name)
        self.claims = Locks(storage.engine, f"{name}/race")  # of candidates that a worker times again
        for fact, value in {**facts, REFERENCE: present}.items():
            if fact not in self.optuna.user_attrs:
                self.optuna.set_user_attr(fact, value)
        self.refuse_other_machine(facts)
        self.drop_orphans()
        self.points = {key(p): p for p in space.points()}
        self.wanted = [p for p in wanted if key(p) in self.points]
        self.reference = self.optuna.user_attrs[REFERENCE]
        if self.locks.take(self.reference, None):
            self.add(self.reference, TrialState.COMPLETE, 1.0)
            self.locks.finish(self.reference)

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
            if lost and (lost.state == TrialState.COMPLETE or "failure" in lost.user_attrs):
                self.locks.finish(point)  # it died after the end, but before it said so
                continue
            if lost:
                self.optuna.tell(number, state=TrialState.FAIL, skip_if_finished=True)
            return self.begun(point)
        return None

    def nearest_free(self, point):
        free = [p for k, p in self.points.items() if k not in self.locks.points()]
        self.random.shuffle(free)

        def distance(other):
            return sum(abs(all_of.index(point[n]) - all_of.index(other[n])) for n, all_of in self.space.parameters.items())
        return sorted(free, key=distance)

    def next(self):
        """The next candidate, this worker's alone; None where every point has been taken."""
        again = self.run_again()
        if again or len(self.locks.points()) >= len(self.points):
            return again
        for point in self.wanted:
            if self.locks.take(point, None):
                return self.begun(point)
        trial = self.optuna.ask(self.distributions)
        if key(trial.params) in self.points and self.locks.take(trial.params, trial.number):
            return Candidate(trial.params, trial)
        trial.set_user_attr(VOID, True)
        self.optuna.tell(trial, state=TrialState.FAIL)
        for point in self.nearest_free(trial.params):
            if self.locks.take(point, None):
                return self.begun(point)
        return None

    def begun(self, point):
        """A candidate whose lock this worker has."""
        made = self.add(point, TrialState.RUNNING)
        self.locks.set(point, trial=made.number)
        return Candidate(point, made)

    def finish(self, candidate, rounds):
        """With its first rounds; returns their value."""
        value = values.of(rounds)
        self.rounds.add(candidate.point, rounds)
        self.optuna.tell(candidate.trial, value)
        self.locks.finish(candidate.point)
        return value

    def fail(self, candidate, kind, message):
        candidate.trial.set_user_attr("failure", kind)
        candidate.trial.set_user_attr("message", message)
        self.optuna.tell(candidate.trial, state=TrialState.FAIL)
        self.locks.finish(candidate.point)

    def give_back(self, candidate):
        """Unfinished: it is anybody's again."""
        self.optuna.tell(candidate.trial, state=TrialState.FAIL, skip_if_finished=True)
        self.locks.release(candidate.point)

    def race(self):
        """[(point, rounds that it lacks)]: race.py."""
        lacking = race.due(self.rounds.all(), [key(p) for p in self.wanted])
        return [(json.loads(point), count) for point, count in lacking]

    def race_left(self):
        """Rounds that the race still takes."""
        return race.left(self.rounds.all(), [key(p) for p in self.wanted])

    def lacking(self, point):
        """Rounds that the race wants of a candidate now."""
        return next((count for other, count in self.race() if other == point), 0)

    def claim(self, point):
        """Whether this worker alone is to time it again."""
        while dead := self.claims.take_over():
            self.claims.release(dead[0])
        return self.claims.take(point, None)

    def add_rounds(self, point, rounds):
        """Of the race; None where it failed there."""
        self.rounds.add(point, rounds)

    def ranking(self):
        """[(point, value)] of all that were measured and the reference, best first."""
        found = {**{k: values.of(r) for k, r in self.rounds.all().items()}, key(self.reference): 1.0}
        return [(json.loads(k), value) for k, value in sorted(found.items(), key=lambda item: item[1])]

    def best(self):
        """(point, value)"""
        return self.ranking()[0]

    def leaders(self, count):
        """The points of the best, best first."""
        return [point for point, _ in self.ranking()[:count]]

    def finished(self):
        """Trials that had an end, and are about a candidate."""
        return [t for t in self.optuna.get_trials(deepcopy=False)
                if t.state == TrialState.COMPLETE or "failure" in t.user_attrs]
