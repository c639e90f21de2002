"""`kiln run` of every normalization with what its row of the table takes, against the benchmark's definitions in float64."""
import json

import numpy as np

from support import ToolTest, operators, option_of, table


class EveryNormalization(ToolTest):
    X = np.random.default_rng(9).standard_normal((3, 6, 5, 4)).astype(np.float32)

    def calls(self):
        """(operator, arguments, tensors, options): with every tensor; at the defaults, then with other numbers."""
        random = np.random.default_rng(10)
        self.save("x.npy", self.X)
        for op, row in table.operators().items():
            if row.family == "elementwise":
                continue
            given = {a.name: [5, 4] if a.type == "extents" else 3 for a in row.arguments if a.default is None}
            numbers = {a.name: 0.5 for a in row.arguments if a.type == "real"}
            tensors = {t.name: random.uniform(0.5, 2, given.get(t.shape, 6)).astype(np.float32) for t in row.tensors[1:-1]}
            files = [word for name, values in tensors.items()
                     for word in (option_of(name), self.save(f"{op}-{name}.npy", values))]
            for arguments in [given, given | numbers]:
                options = [word for name, value in arguments.items()
                           for word in (option_of(name), ",".join(map(str, np.atleast_1d(value))))]
                yield op, arguments, tensors, [*files, *options]

    def test_with_every_tensor(self):
        for op, arguments, tensors, options in self.calls():
            self.good("run", op, "x.npy", "y.npy", *options)
            expected = operators.operator(op).result(self.X.astype(np.float64), table.arguments(op, arguments), tensors, self.X)
            np.testing.assert_allclose(self.load("y.npy"), expected, atol=2e-6, rtol=1e-6, err_msg=f"{op} {options}")

    def test_on_devices(self):
        present = {device["device"] for device in json.loads(self.good("info", "--json"))["devices"]}
        if not present:
            self.skipTest("no device here")
        self.save("half.npy", self.X.astype(np.float16))
        for i, (op, _, _, options) in enumerate(self.calls()):
            x = ["x.npy", "half.npy"][i % 2]
            self.good("run", op, x, "y.npy", *options)
            expected = (self.folder / "y.npy").read_bytes()
            for api in present:
                self.good("run", op, x, "y.npy", *options, "--device", api)
                self.assertEqual(expected, (self.folder / "y.npy").read_bytes(), (op, options, api))
