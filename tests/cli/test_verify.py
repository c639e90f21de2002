"""`kiln verify` of a range of inputs, and its progress in a redirected output. CTest's verify.* hold all inputs."""
import os
import subprocess

from support import BASELINE, KILN, ToolTest


class Range(ToolTest):
    def verify(self, *options, op="tanh"):
        """The rows of the table as lists of words."""
        text = self.good("verify", op, "--isa", BASELINE, "--accuracy", "exact", *options)
        return [line.split() for line in text.splitlines()[1:]]

    def digest(self, *options):
        (row,) = self.verify(*options)
        self.assertEqual(row[-1], "ok")
        return row[-3]

    def test_bits_and_values_name_the_same_inputs(self):
        for values, bits in [(("1", "1.125"), ("0x3f800000", "0x3f900000")), (("-1.125", "-1"), ("0xbf800000", "0xbf900000"))]:
            self.assertEqual(*(self.digest("--from", first, "--to", last) for first, last in [values, bits]))
        self.assertNotEqual(self.digest("--from", "1", "--to", "1.125"), self.digest("--from", "1", "--to", "1.0625"))

    def test_values_are_rounded_into_the_range(self):
        """0.1 is no float32: the nearest ones on both sides are 0x3dcccccc and 0x3dcccccd."""
        self.assertEqual(self.digest("--from", "0.1", "--to", "0.11"), 
                         self.digest("--from", "0x3dcccccd", "--to", "0x3de147ae"))
        self.bad("verify", "tanh", "--from", "0.1", "--to", "0.1", says="a range with a float32 in it")

    def test_both_signs_are_one_range(self):
        """The sum over inputs does not depend on their order."""
        parts = [("0x00000000", "0x000116c2"), ("0x80000000", "0x800116c2")]
        total = sum(int(self.digest("--from", first, "--to", last), 16) for first, last in parts)
        self.assertEqual(int(self.digest("--from", "-1e-40", "--to", "1e-40"), 16), total % 2**64)

    def test_one_limit_reaches_to_the_end(self):
        self.assertEqual(self.digest("--from", "3e38"), self.digest("--from", "0x7f61b1e6", "--to", "0x7f800000"))
        self.assertEqual(self.digest("--from", "0xffffff00"), self.digest("--from", "0xffffff00", "--to", "0xffffffff"))

    def test_stride(self):
        every = self.digest("--from", "0x3f800000", "--to", "0x3f8003e8", "--stride", "1000")
        ends = [self.digest("--from", end, "--to", end) for end in ["0x3f800000", "0x3f8003e8"]]
        self.assertEqual(int(every, 16), sum(int(end, 16) for end in ends) % 2**64)

    def test_refused(self):
        def refuse(*options, says):
            self.bad("verify", "tanh", *options, says=says)

        refuse("--from", "2", "--to", "1", says=["--from", "--to", "got 2 and 1"])
        refuse("--from", "0x2", "--to", "0x1", says="got 0x2 and 0x1")
        refuse("--from", "0x1", "--to", "2", says="both as bits")
        for text in ["0x", "0x100000000", "0x1g"]:
            refuse("--from", text, says=["--from", text, "32 bits"])
        refuse("--to", "nan", says=["--to", "nan"])
        refuse("--to", "one", says=["--to", "a real number"])
        for option in ["--digests", "--write-digests"]:
            self.write("d.json", b'{"digests": {}}')
            refuse("--from", "1", option, "d.json", says=[option, "expected all inputs"])
        refuse("--stride", "0", says="--stride")
        self.bad("verify", "softplus", "--accuracy", "fast", says=["--accuracy", "softplus", "exact"])

    def test_files_that_are_one(self):
        self.write("d.json", b'{"digests": {}}')
        os.symlink("d.json", self.folder / "link")
        for words, says in [(("--digests", "d.json", "--resume", "./d.json"), "--digests"),
                            (("--write-digests", "link", "--resume", "d.json"), "--write-digests"),
                            (("--write-digests", "new", "--resume", "./new"), "--write-digests")]:
            self.bad("verify", "tanh", *words, says=["error: --resume: expected a file of its own", says])
        for name in ["-", "/dev/stdout"]:
            self.bad("verify", "tanh", "--resume", name, says=f"--resume: expected a file, got {name}")

    def test_state_of_other_inputs(self):
        self.write("state.json", b'{"stride": 1, "inputs": "0x00000001 to 0x00000002", "version": "0", "entries": {}}')
        self.bad("verify", "tanh", "--from", "1", "--to", "2", "--resume", "state.json",
                 says=["state.json", "0x3f800000 to 0x40000000", "got", "0x00000001 to 0x00000002"])


class Progress(ToolTest):
    def test_lines_where_standard_error_is_no_terminal(self):
        with subprocess.Popen([*KILN, "verify", "hardsigmoid", "--isa", BASELINE, "--threads", "1"], text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
            line = run.stderr.readline()
            run.kill()
        self.assertRegex(line, r"\A +\d+ %  \d+:\d\d left  hardsigmoid\n\Z")

    def test_nothing_for_a_short_run(self):
        done = subprocess.run([*KILN, "verify", "hardsigmoid", "--isa", BASELINE, "--from", "1", "--to", "2"],
                              capture_output=True)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
