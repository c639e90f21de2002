"""Programs that time one kernel each, beside one another: their cases stay open, and their rounds alternate."""
import math

from bench.errors import BenchError
from bench.workers import RestartingWorker, WorkerFailed

from .errors import CandidateFailed

LARGE = 64 << 20  # bytes of two tensors that do not stay in memory


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
        found = []
        for i in range(len(self.cases)):
            found.append(self.ask("bits", i)["bits"])
            self.leave(i)
        return found

    def leave(self, i):
        """Gives back the memory of a large case."""
        if i in self.open and 8 * math.prod(self.cases[i]["case"]["shape"]) > LARGE:
            self.worker.ask({"do": "close", "of": str(i)})
            self.open.discard(i)

    def stop(self):
        self.worker.stop()
        self.open = set()


def rounds(timers, count):
    """For each timer but the last, round by round, its time over the last one's in each case: [[[ratio a case] a round] a timer].
    Timers follow one another at once, in the other order every second round, so that a machine that gets slower favours
    none; case after case, so that few of them have to be in memory."""
    *others, reference = timers
    found = [[[] for _ in range(count)] for _ in others]
    for i in range(len(reference.cases)):
        for turn in range(count):
            took = {timer: timer.seconds(i) for timer in (reversed(timers) if turn % 2 else timers)}
            for of_timer, timer in zip(found, others):
                of_timer[turn].append(took[timer] / took[reference])
        for timer in timers:
            timer.leave(i)
    return found
