"""The files that a call names: none is another one by mistake, however it is spelled; "-" is a stream."""
import io
import os
import subprocess

import numpy as np

from support import KILN, SIGMOID, ToolTest


class Apart(ToolTest):
    """An output that is another output, or an input that is not its own, is refused before anything is read."""

    OUTPUTS = ["OUTPUT", "--running-mean-out", "--running-var-out"]

    def setUp(self):
        super().setUp()
        self.save("x.npy", np.arange(12, dtype=np.float32).reshape(3, 4))
        for name in ["w", "b", "m", "v"]:
            self.save(f"{name}.npy", np.ones(4, np.float32))
        (self.folder / "sub").mkdir()

    def call(self, **files):
        paths = {"INPUT": "x.npy", "OUTPUT": "y.npy", "--weight": "w.npy", "--bias": "b.npy", "--running-mean": "m.npy",
                 "--running-var": "v.npy", "--running-mean-out": "m2.npy", "--running-var-out": "v2.npy"}
        paths.update({name.replace("_", "-"): path for name, path in files.items()})
        words = ["run", "batch_norm", "--training", paths.pop("INPUT"), paths.pop("OUTPUT")]
        return words + [word for pair in paths.items() for word in pair]

    def spellings(self, name):
        """Other ways to name a file, which may not be there yet."""
        os.symlink(name, self.folder / f"link-to-{name}")
        os.symlink(f"sub/../link-to-{name}", self.folder / f"link-to-link-to-{name}")
        os.symlink(".", self.folder / "here") if not (self.folder / "here").is_symlink() else None
        return [name, f"./{name}", f"sub/../{name}", f".//{name}", self.folder / name, f"here/{name}",
                f"link-to-{name}", f"link-to-link-to-{name}", f"/proc/self/cwd/{name}"]

    def test_two_outputs(self):
        for there in [False, True]:
            if there:
                self.save("o.npy", np.ones(3, np.float32))
            else:
                spellings = self.spellings("o.npy")
            for first in range(3):
                for second in range(first + 1, 3):
                    for path in spellings:
                        names = [self.OUTPUTS[first], self.OUTPUTS[second]]
                        for a, b in [("o.npy", path), (path, "o.npy")]:
                            self.bad(*self.call(**{names[0]: a, names[1]: b}), says=[f"error: {names[1]}: ", names[0]])

    def test_hard_links_are_one_file(self):
        self.save("o.npy", np.ones(3, np.float32))
        os.link(self.folder / "o.npy", self.folder / "p.npy")
        self.bad(*self.call(OUTPUT="o.npy", **{"--running-var-out": "p.npy"}), says="--running-var-out")

    def test_output_over_a_foreign_input(self):
        inputs = {"INPUT": "x.npy", "--weight": "w.npy", "--bias": "b.npy", "--running-mean": "m.npy",
                  "--running-var": "v.npy"}
        own = {"OUTPUT": "INPUT", "--running-mean-out": "--running-mean", "--running-var-out": "--running-var"}
        for option, file in inputs.items():
            for path in self.spellings(file):
                for output in self.OUTPUTS:
                    if own[output] != option:
                        self.bad(*self.call(**{output: path}), says=[f"error: {output}: ", option])

    def test_output_over_its_own_input(self):
        self.good(*self.call())
        expected = [self.load(name).tobytes() for name in ["y.npy", "m2.npy", "v2.npy"]]
        self.good(*self.call(OUTPUT="./x.npy", **{"--running-mean-out": "sub/../m.npy", "--running-var-out": "v.npy"}))
        self.assertEqual([self.load(name).tobytes() for name in ["x.npy", "m.npy", "v.npy"]], expected)

    def test_one_file_may_be_read_twice_but_no_stream(self):
        self.good(*self.call(**{"--bias": "w.npy", "--running-mean": "w.npy", "--running-var": "./w.npy"}))
        os.mkfifo(self.folder / "fifo")
        for a, b in [("-", "-"), ("-", "/dev/stdin"), ("/dev/fd/0", "-"), ("fifo", "./fifo")]:
            self.bad(*self.call(**{"--weight": a, "--bias": b}), says=["error: --bias: ", "--weight"], input=b"")

    def test_everybodys_dev_null(self):
        self.good(*self.call(OUTPUT="/dev/null", **{"--running-mean-out": "/dev/null", "--running-var-out": "/dev/null"}))

    def test_one_stream_for_two_outputs(self):
        for name in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "-"]:
            self.bad(*self.call(OUTPUT="-", **{"--running-mean-out": name}), says="--running-mean-out")


class Streams(ToolTest):
    def setUp(self):
        super().setUp()
        self.x = np.linspace(-3, 3, 5001, dtype=np.float32)
        self.save("x.npy", self.x)
        self.bytes = (self.folder / "x.npy").read_bytes()

    def check(self, data):
        np.testing.assert_allclose(np.load(io.BytesIO(data)), SIGMOID(self.x), rtol=2e-7)

    def test_standard_input_and_output(self):
        for source in ["-", "/dev/stdin", "/dev/fd/0", "x.npy"]:
            for target in ["-", "/dev/stdout", "/proc/self/fd/1", "y.npy"]:
                done = self.kiln("run", "sigmoid", source, target, input=self.bytes)
                self.assertEqual((done.returncode, done.stderr), (0, b""), (source, target))
                self.check((self.folder / "y.npy").read_bytes() if target == "y.npy" else done.stdout)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["x.npy", "y.npy"])

    def test_a_chain_of_commands(self):
        """As `kiln run ... | kiln run ...` in a shell."""
        with subprocess.Popen([*KILN, "run", "sigmoid", "x.npy", "-"], cwd=self.folder, stdout=subprocess.PIPE) as first:
            done = self.kiln("run", "sigmoid", "-", "-", stdin=first.stdout)
        np.testing.assert_allclose(np.load(io.BytesIO(done.stdout)), SIGMOID(SIGMOID(self.x)), rtol=4e-7)

    def test_redirected_files(self):
        """What stands before and behind in the files stays."""
        with open(self.folder / "in", "wb+") as source, open(self.folder / "out", "wb+") as target:
            source.write(b"before" + self.bytes)
            target.write(b"before")
            for file in (source, target):
                file.flush()
                os.lseek(file.fileno(), 6, os.SEEK_SET)
            done = subprocess.run([*KILN, "run", "sigmoid", "-", "-"], stdin=source, stdout=target, cwd=self.folder)
        self.assertEqual(done.returncode, 0)
        data = (self.folder / "out").read_bytes()
        self.assertEqual(data[:6], b"before")
        self.check(data[6:])

    def test_a_parameter_from_standard_input(self):
        self.save("x2.npy", self.x.reshape(3, -1))
        self.save("w.npy", np.full(1667, 2, np.float32))
        words = ["run", "layer_norm", "x2.npy", "--normalized-shape", "1667", "--weight"]
        self.good(*words, "w.npy", "y.npy")
        self.good(*words, "-", "z.npy", input=(self.folder / "w.npy").read_bytes())
        self.assertEqual(self.load("y.npy").tobytes(), self.load("z.npy").tobytes())

    def test_a_file_named_dash(self):
        (self.folder / "-").write_bytes(self.bytes)
        self.good("run", "sigmoid", "./-", "./-")
        self.check((self.folder / "-").read_bytes())

    def test_messages_name_the_stream(self):
        self.bad("run", "sigmoid", "-", "y.npy", says="error: standard input: truncated", input=b"\x93NUMPY")
        with open("/dev/full", "wb") as full:
            done = subprocess.run([*KILN, "run", "sigmoid", "x.npy", "-"], cwd=self.folder, stdout=full,
                                  stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr),
                         (2, b"kiln: error: standard output: cannot write: No space left on device\n"))

    def test_closed_descriptors(self):
        self.bad("run", "sigmoid", "/dev/fd/99", "y.npy", says="/dev/fd/99: cannot open: Bad file descriptor")
        self.bad("run", "sigmoid", "x.npy", "/dev/fd/99", says="/dev/fd/99: cannot write: Bad file descriptor")

    def test_closed_standard_streams(self):
        """A file that is opened instead must not get what is written to them, or give what is read."""

        def close(*descriptors):
            return lambda: [os.close(descriptor) for descriptor in descriptors]

        def run(*words, closed):
            return subprocess.run([*KILN, *words], cwd=self.folder, preexec_fn=close(*closed), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

        self.good("run", "sigmoid", "x.npy", "expected.npy")
        for closed in [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)]:
            self.assertEqual(run("run", "sigmoid", "x.npy", "y.npy", closed=closed), 0, closed)
            self.assertEqual(self.load("y.npy").tobytes(), self.load("expected.npy").tobytes())
        before = self.snapshot()
        for words, closed in [(["sigmoid", "-", "y.npy"], (0,)), (["sigmoid", "x.npy", "-"], (1,)),
                              (["sigmoid", "x.npy", "nowhere/y.npy"], (2,)), (["sigmoid", "x.npy", "/dev/fd/2"], (2,)),
                              (["sigmoid", "-", "-"], (0, 1, 2))]:
            self.assertEqual(run("run", *words, closed=closed), 2, words)
            self.assertEqual(self.snapshot(), before)
        self.assertEqual(run("list", closed=(1,)), 2)
