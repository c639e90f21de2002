"""The output appears whole or not at all."""
import os
import resource
import signal
import subprocess
import time

import numpy as np

from support import KILN, ToolTest


class Output(ToolTest):
    def setUp(self):
        super().setUp()
        self.save("x.npy", np.zeros(100_000, np.float32))

    def test_full_device(self):
        self.bad("run", "tanh", "x.npy", "/dev/full", says=["/dev/full", "No space left"])
        os.symlink("/dev/full", self.folder / "y.npy")
        self.bad("run", "tanh", "x.npy", "y.npy", says=["y.npy", "No space left"])
        self.assertTrue(os.path.islink(self.folder / "y.npy"))

    def test_write_that_fails_half_way(self):
        for old in [None, np.ones(3, np.float32)]:
            if old is not None:
                self.save("y.npy", old)
            self.bad("run", "tanh", "x.npy", "y.npy", says=["y.npy", "File too large"],
                     limits=[(resource.RLIMIT_FSIZE, 100_000)])

    def test_places_that_cannot_be_written(self):
        (self.folder / "d").mkdir()
        for path, says in [("d", "directory"), ("d/", "directory"), ("nowhere/y.npy", "No such file"), ("", "''"),
                           ("x.npy/y.npy", "Not a directory"), ("n" * 300, "too long")]:
            self.bad("run", "tanh", "x.npy", path, says=says)

    def test_no_permission(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        self.save("y.npy", np.ones(3, np.float32))
        os.chmod(self.folder / "y.npy", 0o444)
        self.bad("run", "tanh", "x.npy", "y.npy", says="Permission denied")
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)
        self.bad("run", "tanh", "x.npy", "z.npy", says="Permission denied")

    def test_long_name(self):
        self.good("run", "tanh", "x.npy", "n" * 255)

    def test_symbolic_link_stays_one(self):
        self.save("target.npy", np.ones(3, np.float32))
        os.symlink("target.npy", self.folder / "y.npy")
        self.good("run", "tanh", "x.npy", "y.npy")
        self.assertTrue(os.path.islink(self.folder / "y.npy"))
        self.assertEqual(self.load("target.npy").size, 100_000)

    def test_standard_output_that_cannot_be_written(self):
        for command in ["list", "info"]:
            with open("/dev/full", "wb") as full:
                done = subprocess.run([*KILN, command], stdout=full, stderr=subprocess.PIPE)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, rb"\Akiln: error: standard output: .*\n\Z")


class Signals(ToolTest):
    """A run that is killed while its temporary file exists."""

    COUNT = 2**26  # 256 MiB take long enough to be caught

    def setUp(self):
        super().setUp()
        header = np.lib.format.header_data_from_array_1_0(np.zeros(0, np.float32)) | {"shape": (self.COUNT,)}
        with open(self.folder / "x.npy", "wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            file.truncate(file.tell() + 4 * self.COUNT)
        self.write("y.npy", b"old")

    def files(self):
        return sorted(path.name for path in self.folder.iterdir())

    def signal_while_writing(self, number, **settings):
        """The exit code of a run that got the signal when its temporary file was there, or after it: a race."""
        with subprocess.Popen([*KILN, "run", "hardsigmoid", "x.npy", "y.npy"], cwd=self.folder, **settings) as run:
            while run.poll() is None and len(self.files()) == 2:
                time.sleep(0.001)
            run.send_signal(number)
        self.assertEqual(self.files(), ["x.npy", "y.npy"])
        return run.returncode

    def test_kill_leaves_nothing(self):
        for number in [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
            for _ in range(10):
                self.write("y.npy", b"old")
                if self.signal_while_writing(number) == -number:
                    break
            else:
                self.fail("every run ended before it was killed")
            self.assertEqual((self.folder / "y.npy").read_bytes(), b"old")

    def test_ignored_signal_stays_ignored(self):
        ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
        self.assertEqual(self.signal_while_writing(signal.SIGHUP, preexec_fn=ignore), 0)
        self.assertEqual(np.load(self.folder / "y.npy", mmap_mode="r").size, self.COUNT)
