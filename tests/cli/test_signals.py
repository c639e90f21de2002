"""What is left of a run that a signal ends: the old files, and no temporary one."""
import json
import os
import resource
import signal
import subprocess
import time

import numpy as np

from support import KILN, RUNNER, UNLIMITED, ToolTest

# Those whose default does not end a process, which cannot be caught, or which are for the C library.
OTHERS = {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGCONT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU,
          signal.SIGURG, signal.SIGWINCH, signal.SIGXFSZ}
# Sanitizers and emulators have handlers of their own for these.
FAULTS = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT, signal.SIGTRAP, signal.SIGSYS}


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Ended(ToolTest):
    """OUTPUT is complete in its temporary file while the run waits for a reader of the pipe that is written first."""

    def setUp(self):
        super().setUp()
        channels = 40_000  # whose statistics are more than a pipe holds
        self.save("x.npy", np.arange(3 * channels, dtype=np.float32).reshape(3, channels))
        for name in ["m.npy", "v.npy"]:
            self.save(name, np.ones(channels, np.float32))
        self.write("y.npy", b"old")
        os.mkfifo(self.folder / "pipe")

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def start(self, *options, **settings):
        run = subprocess.Popen([*KILN, "run", "batch_norm", "x.npy", "y.npy", "--training", "--running-mean", "m.npy",
                                "--running-var", "v.npy", "--running-mean-out", "pipe", *options], cwd=self.folder, **settings)
        self.addCleanup(run.kill)
        while run.poll() is None and not any(name.startswith(".kiln-") for name in self.files()):
            time.sleep(0.001)
        return run

    def check_nothing_is_left(self):
        self.assertEqual(self.files(), ["m.npy", "pipe", "v.npy", "x.npy", "y.npy"])
        self.assertEqual((self.folder / "y.npy").read_bytes(), b"old")

    def test_every_signal(self):
        left_out = OTHERS | (FAULTS if UNLIMITED else set())
        numbers = [signal.SIGTERM, signal.SIGINT] if RUNNER else sorted(signal.valid_signals() - left_out)
        for number in numbers:
            run = self.start(preexec_fn=no_core)
            run.send_signal(number)
            self.assertEqual(run.wait(60), -number, number)
            self.check_nothing_is_left()

    def test_on_devices(self):
        """A driver may bring handlers of its own."""
        present = {device["device"] for device in json.loads(self.good("info", "--json"))["devices"]}
        if not present:
            self.skipTest("no device here")
        for api in present:
            for number in [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGXCPU]:
                run = self.start("--device", api, preexec_fn=no_core)
                run.send_signal(number)
                self.assertEqual(run.wait(60), -number, number)
                self.check_nothing_is_left()

    def test_reader_that_goes_away(self):
        """SIGPIPE of a write."""
        run = self.start()
        os.close(os.open(self.folder / "pipe", os.O_RDONLY))
        self.assertEqual(run.wait(60), -signal.SIGPIPE)
        self.check_nothing_is_left()

    def test_ignored_signals_stay_ignored(self):
        for number in [signal.SIGHUP, signal.SIGINT, signal.SIGUSR1]:
            run = self.start(preexec_fn=lambda: signal.signal(number, signal.SIG_IGN))
            run.send_signal(number)
            data = (self.folder / "pipe").read_bytes()
            self.assertEqual(run.wait(60), 0)
            self.assertTrue(data.startswith(b"\x93NUMPY"))
            self.assertEqual(self.load("y.npy").shape, (3, 40_000))

    def test_ignored_sigpipe_is_an_error_of_the_write(self):
        ignore = lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # noqa: E731
        run = self.start(preexec_fn=ignore, restore_signals=False, stderr=subprocess.PIPE)
        os.close(os.open(self.folder / "pipe", os.O_RDONLY))
        self.assertEqual(run.communicate(timeout=60)[1], b"kiln: error: pipe: cannot write: Broken pipe\n")
        self.assertEqual(run.returncode, 2)
        self.check_nothing_is_left()
