"""Files that are no .npy file of little-endian float32: each a clear error, and the old output stays."""
import io
import os
import warnings

import numpy as np

from support import LITTLE_MEMORY, UNLIMITED, ToolTest, npy, some_of, table, types_of


class BadNpy(ToolTest):
    def setUp(self):
        super().setUp()
        self.save("y.npy", np.ones(3, np.float32))

    def refuse(self, data, *says, op="tanh", **settings):
        self.write("bad.npy", data)
        return self.bad("run", op, "bad.npy", "y.npy", says=["bad.npy", *says], **settings)

    def test_missing(self):
        self.bad("run", "tanh", "nowhere.npy", "y.npy", says=["nowhere.npy", "No such file"])
        self.bad("run", "tanh", "", "y.npy", says="''")

    def test_directory(self):
        (self.folder / "d").mkdir()
        self.bad("run", "tanh", "d", "y.npy", says=["d: is a directory"])

    def test_name_with_control_characters(self):
        error = self.bad("run", "tanh", "a\nb\r\x1b[2J\u2028\x85.npy", "y.npy")
        self.assertIn(r"a\nb\x0d\x1b[2J\xe2\x80\xa8\xc2\x85.npy", error)

    def test_bytes_that_are_no_text(self):
        """Messages are UTF-8 whatever a file or a name holds."""
        for data in [b"\xff", b"\xc3", b"\xc3(", b"\xe2\x82", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f\x98"]:
            escaped = "".join(f"\\x{byte:02x}" if byte > 127 else chr(byte) for byte in data)
            self.refuse(npy(header=b"{'" + data + b"': 1}"), f"unknown key '{escaped}'")
            self.refuse(npy(header=data), "expected '{'")
            error = self.bad("run", "tanh", os.fsdecode(data), "y.npy")
            self.assertIn(f"{escaped}: cannot open", error)
        for text in ["ü", "€", "😀", "\U0010ffff"]:
            self.refuse(npy(header=f"{{'{text}': 1}}"), f"unknown key '{text}'")

    def test_magic(self):
        self.refuse(b"", "empty")
        self.refuse(b"\x93NUM", "truncated in the .npy header")
        self.refuse(b"hello, world", "wrong magic")
        self.refuse(b"PK\3\4 and so on", ".npz")

    def test_version(self):
        for version in [(0, 9), (1, 1), (4, 0), (255, 255)]:
            self.refuse(npy(version=version), "%d.%d" % version, "1.0, 2.0 or 3.0")

    def test_truncated_anywhere(self):
        whole = npy(data=b"\0" * 12)
        for size in some_of(range(7, len(whole)), 8):
            self.refuse(whole[:size], "truncated")

    def test_trailing_data(self):
        self.refuse(npy(data=b"\0" * 13), "trailing data", "12 bytes", "found 13")
        self.refuse(npy(shape="(0, 3)", data=b"\0"), "trailing data")

    def test_element_types(self):
        for dtype, name in [("<f8", "float64"), ("<f2", "float16"), ("<i4", "int32"), ("|u1", "uint8"), ("|b1", "bool"),
                            ("<c8", "complex64"), ("<U3", "text"), ("|S4", "bytes"), ("<M8[s]", "datetime"),
                            ("|V8", "raw data"), (">f4", "big-endian float32"), ("?4", "unknown"), ("", "unknown")]:
            if name not in table.operator("normalize").dtypes:
                self.refuse(npy(descr=f"'{dtype}'"), name, f"'{dtype}'", f"expected little-endian {types_of('normalize')}",
                            op="normalize")

    def test_what_numpy_saves(self):
        for array, name in [(np.zeros(3), "float64"), (np.zeros(3, ">f4"), "big-endian"),
                            (np.zeros(3, [("a", "<f4")]), "structures"), (np.zeros(3, bool), "bool")]:
            self.save("z.npy", array)
            self.bad("run", "tanh", "z.npy", "y.npy", says=["z.npy", name])
        np.save(self.folder / "z.npy", np.array([{}, None], dtype=object), allow_pickle=True)
        self.bad("run", "tanh", "z.npy", "y.npy", says=["Python objects"])

    def test_header_text(self):
        good = "'descr': '<f4', 'fortran_order': False, 'shape': (3,)"
        for header, says in some_of([
            ("", "expected '{'"), ("{", "expected '"), ("{%s" % good, "expected '}'"), ("{%s} x" % good, "after"),
            ("{%s, 'shape': (3,)}" % good, "twice"), ("{%s, 'more': 1}" % good, "unknown key 'more'"),
            ("{'descr': '<f4', 'shape': (3,)}", "no key 'fortran_order'"),
            ("{'descr': '<f4', 'fortran_order': False}", "no key 'shape'"),
            ("{'fortran_order': False, 'shape': (3,)}", "no key 'descr'"), ("[%s]" % good, "expected '{'"),
            ("{%s}" % good.replace("False", "0"), "fortran_order"), ("{%s}" % good.replace("'<f4'", "'<f4"), ""),
            ("{%s}" % good.replace("'<f4'", "'<\\x664'"), "backslash"), ("{%s}" % good.replace(":", "", 1), "':'"),
            ("{descr: '<f4'}", "found 'd'"), ("{%s}" % good.replace("', '", "' '"), ""), ("\0" * 20, "expected '{'"),
        ], 3):
            self.refuse(npy(header=header), says)

    def test_shapes(self):
        for shape in some_of(["(3)", "3", "[3]", "(-1,)", "(3.0,)", "(3 3)", "(,)", "(3,,)", "(03,)", "('3',)", "(0x3,)",
                      "(+3,)", "(99999999999999999999,)", "(3", "(1e1,)"], 3):
            self.refuse(npy(shape=shape), "header")

    def test_length(self):
        """numpy.load reads headers of 10000 bytes at most."""
        header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"
        for version in [(1, 0), (2, 0), (3, 0)]:
            for length in [128, 9999, 10000]:
                self.write("long.npy", npy(header=header.ljust(length - 1) + "\n", version=version))
                self.good("run", "tanh", "long.npy", "z.npy")
            for length in [10001, 60000, 65535]:
                self.refuse(npy(header=header.ljust(length - 1) + "\n", version=version), f"header of {length} bytes", "10000")

    def test_dimensions(self):
        for ones in [64, 65, 300, 3000]:
            shape = "(" + "1, " * ones + ")"
            if ones <= 64:
                self.write("ones.npy", npy(shape=shape, data=b"\0" * 4))
                self.good("run", "tanh", "ones.npy", "z.npy")
                self.assertEqual(self.load("z.npy").ndim, ones)
                self.refuse(npy(shape=shape), "trailing data")
            else:
                self.refuse(npy(shape=shape, data=b"\0" * 4), "more than 64 dimensions")

    def test_refused_as_by_numpy(self):
        """Whatever numpy.load refuses; the tool may refuse more, which these do not show."""
        header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"
        shapes = ["(3,)", "(3L,)", "(3 L,)", "(3l,)", "(3LL,)", "(3L4,)", "(L,)", "(3L)", "(3)", "(True,)", "(1L, 3L)",
                  "(-3,)", "(3.,)", "()", "( 3\n, )", "(3,)#", "3", "[3]", "((3),)", "(3,),"]
        texts = [header.replace("(3,)", shape) for shape in shapes]
        texts += [space + header for space in ["", " ", "\t", "\n", " \n", "\n ", "\f", "\r", "\v", "\0", "\ufeff"]]
        texts += [header + end for end in ["\n\n", " \0", ";", ",", "\v", " {}"]]
        texts += [header.replace(": ", colon) for colon in [":", " :\f", "\r:", ":\v", "::"]]
        texts += [header.replace("False", word) for word in ["True", "0", "None", "false", "'False'"]]
        texts += [header.replace("'<f4'", word) for word in ["'<f4\n'", "'|f4'", "'<f4' ", "<f4", "None", "4", "'@f4'", "''"]]
        refused, tried = {(1, 0): 0, (3, 0): 0}, some_of(texts, 8)
        for version in refused:
            for text in texts:
                data = npy(header=text, version=version)
                try:
                    with warnings.catch_warnings(action="ignore"):  # that Python 2 wrote the file
                        np.lib.format.read_array(io.BytesIO(data))
                except Exception:
                    refused[version] += 1
                    if text in tried:
                        self.refuse(data)
        self.assertGreater(min(refused.values()), 20)
        self.assertGreater(refused[3, 0], refused[1, 0])  # 3L

    def test_messages_of_bounded_length(self):
        """Every call of bad() holds its message to a length; these would be long."""
        for text in ["a" * 9000, "ü" * 4000, "\x1b" * 9000]:
            self.refuse(npy(header="{'%s': 1}" % text), "unknown key")
            self.refuse(npy(descr=f"'{text}'"), "unknown type", "expected little-endian")
        self.refuse(npy(shape=str((2**60,) * 64)), "too large")
        self.refuse(npy(shape=str((0,) + (10**6,) * 3 + (1,) * 60)), "trailing data")
        for name in ["n" * 100_000, "d/" * 50_000, "ü" * 50_000]:
            self.bad("run", "tanh", name, "y.npy")
            self.bad("run", "tanh", "bad.npy", name)
            self.bad("run", name, "bad.npy", "y.npy", says=["unknown operator", "normalize"])
            self.bad(name)
            self.bad("run", "layer_norm", "bad.npy", "y.npy", "--normalized-shape", name)
            self.bad("run", "layer_norm", "bad.npy", "y.npy", "--" + name, "3")
            self.bad("verify", "tanh", "--from", name)

    def test_shapes_that_overflow(self):
        for shape in [(2**63 - 1,), (2**62, 2), (2**32, 2**32), (2**31,) * 3, (0, 2**62, 2**62), (2**61,)]:
            self.refuse(npy(shape=str(shape)), "too large", str(shape))

    def test_huge_claim_allocates_nothing(self):
        for shape in ["(1000000000000,)", "(1000000, 1000000)", "(4000000000,)"]:
            self.refuse(npy(shape=shape), "truncated", limits=LITTLE_MEMORY)
        self.refuse(npy(version=(2, 0), length=2**32 - 1), "header", limits=LITTLE_MEMORY)

    def test_out_of_memory(self):
        if UNLIMITED:
            self.skipTest("sanitizers and emulators do not run in little memory")
        header = npy(shape="(1000000000,)", data=b"")
        with open(self.folder / "large.npy", "wb") as file:  # 4 GB of hole
            file.write(header)
            file.truncate(len(header) + 4 * 10**9)
        self.bad_large("large.npy", limits=LITTLE_MEMORY, says=["out of memory", "large.npy"])

    def bad_large(self, name, **settings):
        """As bad(), where the files are too large to be read."""
        self.snapshot = lambda: sorted(path.name for path in self.folder.iterdir())
        self.bad("run", "tanh", name, "y.npy", **settings)
        np.testing.assert_array_equal(self.load("y.npy"), np.ones(3))

    def test_pipe_that_ends_early(self):
        for data, says in [(npy(shape="(1000000000000,)", data=b"\0" * 100), "truncated"), (npy()[:-1], "truncated"),
                           (npy() + b"\0", "trailing"), (b"", "empty")]:
            self.bad("run", "tanh", "/dev/stdin", "y.npy", says=says, input=data, limits=LITTLE_MEMORY)

    def test_weights_are_read_as_strictly(self):
        self.save("x.npy", np.ones((2, 3), np.float32))
        self.save("w.npy", np.ones(3))
        for option in ["--weight", "--bias"]:
            self.bad("run", "layer_norm", "x.npy", "y.npy", "--normalized-shape", "3", option, "w.npy",
                     says=["w.npy", "float64"])
            self.bad("run", "layer_norm", "x.npy", "y.npy", "--normalized-shape", "3", option, "", says="No such file")
