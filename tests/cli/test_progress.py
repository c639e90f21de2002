"""What long runs say on standard error, and how they end when they are asked to."""
import json
import os
import pty
import re
import signal
import subprocess
import time

import numpy as np

from support import BASELINE, KILN, ToolTest, npy

LINE = r" *\d+ %  \d+:\d\d left  "
BAR = rb"\r\x1b\[K\[#*\.*\] +\d+ %  \d+:\d\d left  "
FOREVER = ["time", "hardsigmoid", "tanh", "--shape", "1000", "--rounds", "100000000", "--threads", "1"]


class Progress(ToolTest):
    def start(self, *words, **settings):
        run = subprocess.Popen([*KILN, *words], cwd=self.folder, **settings)
        self.addCleanup(run.kill)
        return run

    def test_time_writes_lines(self):
        run = self.start(*FOREVER, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.assertRegex(run.stderr.readline(), rf"\A{LINE}(memcpy|hardsigmoid|tanh)\n\Z")
        run.kill()
        run.communicate()

    def test_run_writes_lines(self):
        """While standard input is slow; the header promises more than ever comes."""
        run = self.start("run", "tanh", "-", "y.npy", stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        run.stdin.write(npy(shape="(1000000000,)", data=b""))
        os.set_blocking(run.stderr.fileno(), False)
        said = None
        for _ in range(100):
            run.stdin.write(b"\0" * 2**22)
            run.stdin.flush()
            time.sleep(0.1)
            said = said or run.stderr.read()
            if said:
                break
        run.kill()
        run.communicate()
        self.assertRegex((said or b"").decode(), rf"\A{LINE}reading standard input\n\Z")

    def on_terminal(self, *words, enough):
        """Standard error, a terminal, until `enough` matches; then the rest after SIGINT. And the exit code."""
        terminal, other_end = pty.openpty()
        run = self.start(*words, stdout=subprocess.DEVNULL, stderr=other_end)
        os.close(other_end)
        text = b""
        try:
            while True:
                text += os.read(terminal, 4096)
                if enough and re.search(enough, text):
                    run.send_signal(signal.SIGINT)
                    enough = None
        except OSError:  # the terminal's end
            pass
        os.close(terminal)
        return text, run.wait(60)

    def test_terminal_shows_a_bar_and_clears_it(self):
        text, code = self.on_terminal(*FOREVER, enough=BAR + rb"\w+")
        self.assertEqual(code, -signal.SIGINT)
        self.assertRegex(text, rb"\A(%s\w+)+\r\x1b\[Kkiln: interrupted: \d+ of 100000000 rounds were done\r\n\Z" % BAR)

    def test_terminal_of_a_short_run(self):
        self.save("x.npy", np.zeros(3, np.float32))
        text, code = self.on_terminal("run", "tanh", "x.npy", "y.npy", enough=None)
        self.assertEqual(code, 0)
        self.assertNotIn(b"writing", text)


class Interruption(ToolTest):
    def test_time_prints_the_rounds_that_are_done(self):
        for number in [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]:
            with subprocess.Popen([*KILN, *FOREVER, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
                first = run.stderr.readline()
                run.send_signal(number)
                out, rest = run.communicate(timeout=60)
            self.assertEqual(run.returncode, -number, first + rest)
            result = json.loads(out)
            self.assertGreater(result["rounds"], 0)
            self.assertEqual(len(result["results"]), 3)
            said = re.search(rb"^kiln: interrupted: (\d+) of 100000000 rounds were done\n\Z", rest, re.MULTILINE)
            self.assertEqual(int(said[1]), result["rounds"])

    def test_verify_goes_on_from_where_it_was(self):
        words = ["verify", "hardsigmoid", "--isa", BASELINE, "--threads", "1", "--from", "0x40000000", "--to", "0x43ffffff"]
        for _ in range(10):  # a run may end before the signal comes
            with subprocess.Popen([*KILN, *words, "--resume", "state.json"], cwd=self.folder, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as run:
                while run.poll() is None and not (self.folder / "state.json").exists():
                    time.sleep(0.001)
                run.send_signal(signal.SIGINT)
                out, err = run.communicate(timeout=100)
            if run.returncode != 0:
                break
        self.assertEqual((run.returncode, out), (-signal.SIGINT, b""), err)
        said = rb"^kiln: interrupted: (\d+) % are done and kept in state\.json; the same command goes on from there\n\Z"
        self.assertGreater(int(re.search(said, err, re.MULTILINE)[1]), 0)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["state.json"])
        pieces = [entry["pieces"] for entry in json.loads((self.folder / "state.json").read_text())["entries"].values()]
        self.assertTrue(0 < pieces[0] < 4, pieces)
        rows = [[row.split()[:-2] for row in self.good(*words, *more).splitlines()[1:]]  # without the seconds
                for more in [["--resume", "state.json"], []]]
        self.assertEqual(*rows)
        self.assertFalse((self.folder / "state.json").exists())

    def test_verify_without_a_state(self):
        with subprocess.Popen([*KILN, "verify", "tanh", "--threads", "1"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as run:
            run.stderr.readline()
            run.send_signal(signal.SIGTERM)
            _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, -signal.SIGTERM)
        self.assertRegex(err, rb"kiln: interrupted: \d+ % are done; --resume FILE\.json would keep them\n\Z")
