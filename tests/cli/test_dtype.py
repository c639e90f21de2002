"""--dtype of `kiln time`: each element type that an operator takes, by the table; what it and `kiln verify` refuse."""
import json

from support import ELEMENTWISE, NAMES, NARROW, TYPES, ToolTest, alternatives, table, taking


def refusing(names=NAMES):
    return [(op, dtype) for op in names for dtype in TYPES if dtype not in table.operator(op).dtypes]


class Refused(ToolTest):
    def test_types_that_an_operator_does_not_take(self):
        for op, dtype in refusing():
            says = f"--dtype: {dtype}, expected an element type that {op} takes: {alternatives(table.operator(op).dtypes)}"
            self.bad("time", op, "--dtype", dtype, "--shape", "4", says=says)
            self.bad("time", "tanh", op, "--dtype", dtype, "--shape", "4", says=says)
            if op in ELEMENTWISE:
                self.bad("verify", op, "--dtype", dtype, says=says)

    def test_types_that_there_are_not(self):
        for command in ["time", "verify"]:
            for dtype in ["float64", "half", ""]:
                self.bad(command, "tanh", "--dtype", dtype, says=["--dtype", *TYPES])


class Time(ToolTest):
    def test_all_that_take_the_type(self):
        for dtype in TYPES:
            text = self.good("time", "--dtype", dtype, "--shape", "4,10,100", "--rounds", "1", "--threads", "1")
            self.assertTrue(text.startswith(f"{dtype} (4, 10, 100)"), text)
            self.assertEqual([line.split()[0] for line in text.splitlines()[3:]], ["memcpy", *taking(dtype)])

    def test_json(self):
        for dtype in TYPES:
            for op in taking(dtype):
                result = json.loads(self.good("time", op, "--dtype", dtype, "--shape", "4,10,100", "--rounds", "1", "--json"))
                self.assertEqual((result["dtype"], result["bytes"]), (dtype, 4000 * TYPES[dtype]))
                for row in result["results"]:
                    self.assertAlmostEqual(row["best_gb_per_s"] * row["min_ms"] / (2 * result["bytes"] / 1e6), 1)

    def test_shapes_of_odd_sizes(self):
        for shape in ["", "1", "3", "33,31"]:
            self.good("time", "tanh", "--dtype", NARROW[0], "--shape", shape, "--rounds", "1")
