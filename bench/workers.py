"""The processes that measure. A worker answers one line with one line; it may die or hang without harm to the others' work."""
import json
import os
import selectors
import shlex
import signal
import subprocess
import tempfile
import time

from .errors import BenchError


# glibc gives freed memory back to the system and gets it anew, page by page, at each call of a peer that allocates its
# result; these keep it (PyTorch's layer_norm of 12 MB: 4 and 60 GB/s).
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40)}


class WorkerFailed(BenchError):
    """It died, hung or did not speak JSON. It is not running any more."""


class Worker:
    def __init__(self, command, limit):
        self.command, self.limit, self.pending = command, limit, b""
        self.log = tempfile.TemporaryFile()
        try:
            # A session of its own: Ctrl-C is for the one who asks.
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                            start_new_session=True, env={**os.environ, **KEEP_MEMORY})
        except OSError as e:
            raise WorkerFailed(f"cannot start '{shlex.join(command)}': {e.strerror}") from e
        os.set_blocking(self.process.stdout.fileno(), False)

    def stop(self):
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                pipe.close()
            except BrokenPipeError:
                pass

    def resident(self):
        """Bytes of memory that it has now."""
        try:
            with open(f"/proc/{self.process.pid}/statm", encoding="ascii") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            return 0

    def fail(self, what):
        self.stop()
        self.log.seek(0)
        last = self.log.read().decode(errors="replace").strip().splitlines()[-3:]
        said = f"; it said: {' / '.join(last)}" if last else ""
        raise WorkerFailed(f"'{shlex.join(self.command)}' {what}{said}")

    def died(self):
        self.process.wait()
        status = self.process.returncode
        how = f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
        self.fail(f"{how} before it answered")

    def read_line(self):
        deadline = time.monotonic() + self.limit
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.pending:
                left = deadline - time.monotonic()
                if left <= 0:
                    self.fail(f"gave no answer in {self.limit:g} s and was stopped")
                if selector.select(left):
                    piece = os.read(self.process.stdout.fileno(), 1 << 16)
                    if not piece:
                        self.died()
                    self.pending += piece
        line, self.pending = self.pending.split(b"\n", 1)
        return line

    def ask(self, request):
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.died()
        line = self.read_line()
        try:
            answer = json.loads(line)
        except ValueError:
            self.fail(f"answered with what is not JSON: {line[:80].decode(errors='replace')!r}")
        if not isinstance(answer, dict):
            self.fail(f"answered with what is not an object: {line[:80].decode(errors='replace')!r}")
        if "error" in answer:
            raise BenchError(answer["error"])
        return answer


class RestartingWorker:
    """A worker, started anew after one that failed, and after an answer that left it with more than `memory` bytes: what
    frameworks keep of each case, and what KEEP_MEMORY does, filled 23 GB in a hundred cases."""

    def __init__(self, command, limit, memory=None):
        self.command, self.limit, self.memory, self.worker = command, limit, memory, None

    def ask(self, request):
        if self.worker is None:
            self.worker = Worker(self.command, self.limit)
        try:
            answer = self.worker.ask(request)
        except WorkerFailed:
            self.worker = None
            raise
        if self.memory is not None and self.worker.resident() > self.memory:
            self.stop()
        return answer

    def stop(self):
        if self.worker:
            self.worker.stop()
            self.worker = None
