"""The search: candidates are built and checked on all cores, then timed one at a time, with nothing else running, beside the
reference; then the leading ones are timed again (race.py)."""
import concurrent.futures as futures
import contextlib
import threading
import time

from . import race
from .locks import HEARTBEAT
from .errors import CandidateFailed

WAIT = 0.5  # seconds between looks at the candidates that other workers time


@contextlib.contextmanager
def heartbeats(*locks):
    """Renews the heartbeat of a worker's locks while it is alive."""
    stop = threading.Event()

    def heartbeat():
        while not stop.wait(HEARTBEAT):
            for each in locks:
                each.heartbeat()
    thread = threading.Thread(target=heartbeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Search:
    """`builder` makes and measures candidates: prepare(point), which raises CandidateFailed; rounds(point, reference, count):
    its time over the reference's in each case, a list a round; retain(points): all else that it built may go; stop().
    `on_result`: told of each candidate. `on_race`: told how many rounds the race still takes."""

    def __init__(self, study, builder, workers, trials=None, deadline=None, on_result=lambda *_: None, on_race=lambda _: None,
                 clock=time.monotonic):
        self.study, self.builder, self.workers, self.clock = study, builder, workers, clock
        self.on_result, self.on_race, self.trials, self.deadline = on_result, on_race, trials, deadline
        self.started, self.measured = 0, len(study.rounds.all())
        self.seconds = 0.0  # of a round, of the last candidate
        self.under_way = {}  # {future: candidate}

    def may_start(self):
        """The race has to end by the deadline too."""
        if self.trials is not None and self.started >= self.trials:
            return False
        return self.deadline is None or self.clock() + self.seconds * race.cost(self.measured) < self.deadline

    def start(self, pool):
        """As many as there are workers."""
        while len(self.under_way) < self.workers and self.may_start():
            candidate = self.study.next()
            if candidate is None:
                return
            self.started += 1
            self.under_way[pool.submit(self.builder.prepare, candidate.point)] = candidate

    def run(self):
        with futures.ThreadPoolExecutor(self.workers) as pool, heartbeats(self.study.locks, self.study.claims):
            try:
                self.start(pool)
                while self.under_way:
                    futures.wait(self.under_way)
                    for future in list(self.under_way):
                        self.measure(future)
                    self.builder.retain([self.study.reference, *self.study.leaders(race.survivors(self.expected()))])
                    self.start(pool)
                self.race()
            finally:
                self.builder.stop()
                for future, candidate in self.under_way.items():
                    future.cancel()
                    self.study.give_back(candidate)

    def expected(self):
        """Candidates of the study when this search has ended, at most."""
        left = len(self.study.points) if self.trials is None else self.trials - self.started
        return min(len(self.study.points), len(self.study.locks.points()) + left)

    def measure(self, future):
        candidate = self.under_way[future]
        try:
            future.result()
            outcome = self.study.finish(candidate, self.time(candidate.point, race.FIRST))
            self.measured += 1
        except CandidateFailed as e:
            self.study.fail(candidate, e.kind, str(e))
            outcome = e
        del self.under_way[future]
        self.on_result(candidate.point, outcome)

    def time(self, point, count):
        begun = self.clock()
        rounds = self.builder.rounds(point, self.study.reference, count)
        self.seconds = (self.clock() - begun) / count
        return rounds

    def race(self):
        while todo := self.study.race():
            self.builder.retain([self.study.reference, *(point for point, _ in todo)])
            mine = [point for point, _ in todo if self.time_again(point)]
            if not mine:
                time.sleep(WAIT)

    def time_again(self, point):
        """Whether it was this worker's to do."""
        if not self.study.claim(point):
            return False
        try:
            count = self.study.lacking(point)
            if count:
                self.study.add_rounds(point, self.time(point, count))
                self.on_race(self.study.race_left())
        except CandidateFailed as e:
            self.study.add_rounds(point, None)
            self.on_result(point, e)
        finally:
            self.study.claims.release(point)
        return True
