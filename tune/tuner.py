"""The search: candidates are built and checked on all cores while one at a time is timed, beside the best so far."""
import concurrent.futures as futures
import contextlib
import statistics
import threading
import time

from .locks import BEAT
from .errors import CandidateFailed

ROUNDS = 6  # of a candidate beside the best so far


@contextlib.contextmanager
def heartbeats(locks):
    """Moves the beat of a worker's locks while it is alive."""
    stop = threading.Event()

    def beat():
        while not stop.wait(BEAT):
            locks.beat()
    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


class Search:
    """`builder` makes and measures candidates: prepare(point), which raises CandidateFailed, and rounds(point, best), which
    yields the candidate's time over the best's, once a round, over all cases."""

    def __init__(self, study, builder, workers, trials=None, deadline=None, told=lambda *_: None, clock=time.monotonic):
        self.study, self.builder, self.workers, self.told, self.clock = study, builder, workers, told, clock
        self.trials, self.deadline = trials, deadline
        self.started = 0
        self.under_way = {}  # {future: candidate}

    def may_start(self):
        return ((self.trials is None or self.started < self.trials)
                and (self.deadline is None or self.clock() < self.deadline))

    def start(self, pool):
        while len(self.under_way) < self.workers and self.may_start():
            candidate = self.study.next()
            if candidate is None:
                return
            self.started += 1
            self.under_way[pool.submit(self.builder.prepare, candidate.point)] = candidate

    def run(self):
        with futures.ThreadPoolExecutor(self.workers) as pool, heartbeats(self.study.locks):
            try:
                self.start(pool)
                while self.under_way:
                    done, _ = futures.wait(self.under_way, return_when=futures.FIRST_COMPLETED)
                    self.start(pool)
                    for future in done:
                        self.measure(future)
                    self.start(pool)
            finally:
                self.builder.stop()
                for future, candidate in self.under_way.items():
                    future.cancel()
                    self.study.give_back(candidate)

    def measure(self, future):
        candidate = self.under_way[future]
        try:
            future.result()
            value = self.time(candidate)
            self.study.finish(candidate, value)
            outcome = "pruned" if value is None else value
        except CandidateFailed as e:
            self.study.fail(candidate, e.kind, str(e))
            outcome = e
        del self.under_way[future]
        self.told(candidate.point, outcome)

    def time(self, candidate):
        """Its value, or None where it was pruned. The value is against the present schedule, by way of the best so far."""
        best, of_best = self.study.best()
        ratios = []
        for step, ratio in enumerate(self.builder.rounds(candidate.point, best, ROUNDS)):
            ratios.append(ratio)
            if not self.study.report(candidate, of_best * statistics.median(ratios), step):
                return None
        return of_best * statistics.median(ratios)
