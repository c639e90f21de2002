"""What `kiln run` computes and how it keeps the file's memory order; the arithmetic itself has tests of its own."""
import os
import stat

import numpy as np

from support import BASELINE, ELEMENTWISE, SIGMOID, ToolTest, layer_norm, npy


class Run(ToolTest):
    def sigmoid(self, x, *options, source="x.npy"):
        if x is not None:
            self.save(source, x)
        self.assertEqual(self.good("run", "sigmoid", source, "y.npy", *options), "")
        return self.load("y.npy")

    def check(self, x):
        y = self.sigmoid(x)
        self.assertEqual((y.dtype, y.shape), (np.dtype("<f4"), x.shape))
        np.testing.assert_allclose(y, SIGMOID(x), rtol=2e-7)
        return y

    def test_shapes(self):
        random = np.random.default_rng(0)
        for shape in [(), (1,), (17,), (2, 3), (0,), (0, 4), (3, 0, 2), (1, 1, 1, 1), (2, 3, 4, 5, 6), (1000, 33),
                      (2,) * 12]:
            self.check(random.standard_normal(shape).astype(np.float32))

    def test_memory_order_stays(self):
        x = np.random.default_rng(1).standard_normal((5, 7, 3)).astype(np.float32)
        for order in "CF":
            y = self.check(np.array(x, order=order))
            self.assertEqual(y.flags.c_contiguous, order == "C")
            self.assertEqual(y.flags.f_contiguous, order == "F")

    def test_output_is_what_numpy_would_write(self):
        for x in [np.zeros((2, 3), "<f4"), np.zeros((2, 3), "<f4", order="F"), np.float32(0), np.zeros(5, "<f4")]:
            y = self.check(np.asarray(x))
            np.save(self.folder / "numpy.npy", y)
            self.assertEqual((self.folder / "y.npy").read_bytes(), (self.folder / "numpy.npy").read_bytes())

    def test_headers_that_numpy_writes(self):
        x = np.array([-2, 0, 2], "<f4")
        for version in [(1, 0), (2, 0), (3, 0)]:
            with open(self.folder / "x.npy", "wb") as file:
                np.lib.format.write_array(file, x, version=version)
            np.testing.assert_allclose(self.sigmoid(None), SIGMOID(x), rtol=2e-7)

    def test_headers_in_other_words(self):
        x = np.array([-2, 0, 2], "<f4")
        for header in ["{'shape': (3,), 'fortran_order': False, 'descr': '<f4'}",
                       '{"descr":"<f4","fortran_order":False,"shape":(3,)}',
                       " \n{ 'descr' : '<f4' ,\t'fortran_order': True, 'shape': ( 3 , ) , } \n\n   ",
                       "{'descr': '<f4', 'fortran_order': False, 'shape': (3L,), }\n"]:
            self.write("x.npy", npy(header=header, data=x.tobytes()))
            np.testing.assert_allclose(self.sigmoid(None), SIGMOID(x), rtol=2e-7)

    def test_in_place(self):
        x = np.linspace(-9, 9, 1001, dtype=np.float32)
        self.save("x.npy", x)
        self.good("run", "sigmoid", "x.npy", "x.npy")
        np.testing.assert_allclose(self.load("x.npy"), SIGMOID(x), rtol=2e-7)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["x.npy"])

    def test_threads_isa_accuracy(self):
        x = np.random.default_rng(2).standard_normal(300001).astype(np.float32)
        one = self.sigmoid(x, "--threads", "1")
        for options in [("--threads", "2"), ("--threads", "0"), ("--threads", "7"), ("--isa", BASELINE)]:
            self.assertEqual(one.tobytes(), self.sigmoid(x, *options).tobytes(), options)
        np.testing.assert_allclose(self.sigmoid(x, "--accuracy", "fast"), SIGMOID(x), rtol=1e-6)

    def test_names_that_look_like_something_else(self):
        for name in ["tanh", "list", "-x.npy", "--threads", "a b\n.npy", "ü.npy"]:
            with open(self.folder / name, "wb") as file:
                np.save(file, np.zeros(3, np.float32))
            self.good("run", "sigmoid", "--", name, name)
            np.testing.assert_array_equal(self.load(name), np.full(3, 0.5))

    def test_every_elementwise_operator_runs(self):
        self.save("x.npy", np.zeros(3, np.float32))
        for op in ELEMENTWISE:
            self.good("run", op, "x.npy", "y.npy")
            self.assertEqual(self.load("y.npy").shape, (3,))

    def test_pipes(self):
        x = np.linspace(-3, 3, 5_000_000, dtype=np.float32)
        self.save("x.npy", x)
        done = self.kiln("run", "sigmoid", "/dev/stdin", "/dev/stdout", input=(self.folder / "x.npy").read_bytes())
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout[-4 * x.size:], self.sigmoid(None).tobytes())

    def test_layer_norm(self):
        random = np.random.default_rng(3)
        x, w, b = (random.standard_normal(shape).astype(np.float32) for shape in [(2, 5, 10), (5, 10), (5, 10)])
        self.save("x.npy", x)
        self.save("w.npy", np.asfortranarray(w))
        self.save("b.npy", b)
        for options, expected in [
            (["--normalized-shape", "10"], layer_norm(x, 1)),
            (["--normalized-shape=5,10"], layer_norm(x, 2)),
            (["--normalized-shape", "2,5,10", "--eps", "0.5"], layer_norm(x, 3, eps=0.5)),
            (["--normalized-shape", "5,10", "--weight", "w.npy"], layer_norm(x, 2, w)),
            (["--weight", "w.npy", "--bias", "b.npy", "--normalized-shape", "5,10"], layer_norm(x, 2, w, b)),
        ]:
            self.good("run", "layer_norm", *options, "x.npy", "y.npy")
            np.testing.assert_allclose(self.load("y.npy"), expected, atol=2e-6)
        self.save("x.npy", np.asfortranarray(x))
        self.good("run", "layer_norm", "x.npy", "y.npy", "--normalized-shape", "5,10", "--bias", "b.npy")
        np.testing.assert_allclose(self.load("y.npy"), layer_norm(x, 2, 1, b), atol=2e-6)
        self.assertTrue(self.load("y.npy").flags.f_contiguous)


class Permissions(ToolTest):
    def test_new_file_follows_the_umask_and_an_old_one_keeps_its_own(self):
        self.save("x.npy", np.zeros(3, np.float32))
        self.good("run", "tanh", "x.npy", "y.npy", umask=0o027)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "y.npy").st_mode), 0o640)
        os.chmod(self.folder / "y.npy", 0o604)
        self.good("run", "tanh", "x.npy", "y.npy")
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "y.npy").st_mode), 0o604)
