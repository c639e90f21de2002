"""Programs that time one kernel each, beside one another: their cases stay open, and their rounds alternate."""
from bench.errors import BenchError
from bench.workers import RestartingWorker, WorkerFailed

from .errors import CandidateFailed


class Timer:
    """A process that times a kernel on cases, which are requests of bench/native/session.h."""

    def __init__(self, command, cases, limit):
        self.worker, self.cases, self.open = RestartingWorker(command, limit), cases, set()

    def ask(self, what, i):
        """The answer to {"do": what} about a case."""
        try:
            if i not in self.open:
                self.worker.ask({"do": "open", "as": str(i), **self.cases[i]})
                self.open.add(i)
            return self.worker.ask({"do": what, "of": str(i)})
        except WorkerFailed as e:
            self.open = set()
            raise CandidateFailed("hang" if "gave no answer" in str(e) else "crash", str(e)) from e
        except BenchError as e:
            raise CandidateFailed("crash", str(e)) from e

    def seconds(self, i):
        return self.ask("round", i)["implementations"][0]["samples"][0]

    def bits(self):
        return [self.ask("bits", i)["bits"] for i in range(len(self.cases))]

    def stop(self):
        self.worker.stop()
        self.open = set()


def rounds(timers, count):
    """Round by round, the time of each timer but the last over the last one's, in each case: [[ratio a case] a timer]. Timers
    of a case follow one another at once, in the other order every second round, so that a machine that gets slower favours
    none."""
    *others, reference = timers
    for turn in range(count):
        ratios = [[] for _ in others]
        for i in range(len(reference.cases)):
            took = {timer: timer.seconds(i) for timer in (reversed(timers) if turn % 2 else timers)}
            for found, timer in zip(ratios, others):
                found.append(took[timer] / took[reference])
        yield ratios
