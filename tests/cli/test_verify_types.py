"""`kiln verify --dtype`: all inputs of each type of 16 bits, ranges of them, and what is kept of several types."""
import json
import unittest

from support import BASELINE, ELEMENTWISE, GRADIENTS, NARROW, ToolTest, table, taking


@unittest.skipUnless(NARROW, "there is no type of 16 bits")
class Verify(ToolTest):
    def rows(self, dtype, *options, op=ELEMENTWISE[0]):
        text = self.good("verify", op, "--dtype", dtype, "--isa", BASELINE, *options)
        return [line.split() for line in text.splitlines()[1:]]

    def digests(self, dtype, *options):
        return [row[-3] for row in self.rows(dtype, *options)]

    def test_all_inputs_of_each_type(self):
        for dtype in NARROW:
            text = self.good("verify", "--dtype", dtype, "--isa", BASELINE)
            rows = [line.split() for line in text.splitlines()[1:]]
            expected = [[op, dtype, accuracy] for op in taking(dtype, ELEMENTWISE + GRADIENTS) for accuracy in table.operator(op).accuracies]
            self.assertEqual([row[:3] for row in rows], expected)
            for row in rows:
                self.assertEqual(row[-1], "ok", row)
                if row[2] == "exact":
                    self.assertEqual(row[6], "100.0000", row)

    def test_ranges(self):
        """Of words and of values, whose words are another type's."""
        for dtype, bits in [("float16", ("0x3c00", "0x3e00")), ("bfloat16", ("0x3f80", "0x3fc0"))]:
            self.assertEqual(self.digests(dtype, "--from", "1", "--to", "1.5"),
                             self.digests(dtype, "--from", bits[0], "--to", bits[1]))
            self.assertEqual(self.digests(dtype, "--from", "0.99999", "--to", "1.50001"),
                             self.digests(dtype, "--from", "1", "--to", "1.5"))
            whole, parts = self.digests(dtype), [self.digests(dtype, "--to", "0x7fff"), self.digests(dtype, "--from", "0x8000")]
            self.assertEqual([int(sum_, 16) for sum_ in whole],
                             [(int(a, 16) + int(b, 16)) % 2**64 for a, b in zip(*parts)])
            self.bad("verify", "tanh", "--dtype", dtype, "--from", "0x10000", says=["--from", "16 bits", bits[0]])
            self.bad("verify", "tanh", "--dtype", dtype, "--from", "0.1", "--to", "0.1", says=f"a range with a {dtype} in it")

    def test_digests_of_several_types_in_one_file(self):
        for dtype in NARROW:
            self.rows(dtype, "--write-digests", "d.json")
        self.assertEqual(set(json.loads((self.folder / "d.json").read_text())), {"digests", *NARROW})
        for dtype in NARROW:
            self.rows(dtype, "--digests", "d.json")
        done = self.kiln("verify", "tanh", "--isa", BASELINE, "--stride", "65537", "--digests", "d.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("NO DIGEST in d.json", done.stdout.decode())

    def test_state_of_another_type(self):
        first, second = ("float16", "bfloat16")
        state = {"stride": 1, "inputs": f"0x0000 to 0xffff of {first}", "version": self.good("--version").split()[1], "entries": {}}
        self.write("state.json", json.dumps(state).encode())
        self.bad("verify", "tanh", "--dtype", second, "--resume", "state.json",
                 says=[f"0x0000 to 0xffff of {second}", "got", f"0x0000 to 0xffff of {first}"])
        self.rows(first, "--resume", "state.json")
