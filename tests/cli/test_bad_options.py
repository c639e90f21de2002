"""Calls that cannot be meant: unknown words, wrong values, options of another operator, what the library refuses."""
import json

import numpy as np

from support import NAMES, ELEMENTWISE, ToolTest


class BadOptions(ToolTest):
    def setUp(self):
        super().setUp()
        self.save("x.npy", np.arange(6, dtype=np.float32).reshape(2, 3))
        self.save("y.npy", np.ones(3, np.float32))

    def refuse(self, op, *options, says=()):
        return self.bad("run", op, "x.npy", "y.npy", *options, says=says)

    def test_commands(self):
        self.bad(says=["a command is expected", "run", "list", "info", "time"])
        self.bad("rnu", says=["unknown command 'rnu'", "run"])
        self.bad("lst", says=["did you mean 'list'?"])
        self.bad("--verbose", says=["kiln has no option --verbose"])

    def test_unknown_operator(self):
        self.bad("run", says=["an operator is expected", *NAMES])
        self.refuse("relu", says=["unknown operator 'relu'", *NAMES])
        self.refuse("sigmod", says=["did you mean 'sigmoid'?", *NAMES])
        self.refuse("layernorm", says=["did you mean 'layer_norm'?"])
        self.refuse("TANH\n", says=[r"'TANH\n'"])
        self.bad("time", "sigmod", says=["did you mean 'sigmoid'?"])

    def test_option_of_another_operator(self):
        for op in ELEMENTWISE:
            for option in [("--eps", "1e-5"), ("--eps=1e-5",), ("--normalized-shape", "3"), ("--weight", "w.npy")]:
                name = option[0].split("=")[0]
                self.refuse(op, *option, says=[f"{op} has no option {name}", "belongs to", "layer_norm"])
                self.bad("run", op, *option, "x.npy", "y.npy", says=[f"{op} has no option {name}", "belongs to"])

    def test_unknown_option(self):
        self.refuse("tanh", "--thread", "2", says=["tanh has no option --thread", "did you mean '--threads'?"])
        self.refuse("tanh", "-q", says=["tanh has no option -q"])
        self.bad("run", "tanh", "--bogus", says=["tanh has no option --bogus"])
        self.bad("run", "--threads", "2", "tanh", "x.npy", "y.npy",
                 says=["run has no option --threads", "come after it"])
        self.bad("list", "--jsn", says=["did you mean '--json'?"])
        self.bad("info", "--isa", says=["info has no option --isa"])

    def test_positionals(self):
        self.bad("run", "silu_backwards", "g.npy", "o.npy", "--input", "x.npy", says=["silu_backwards", "silu_backward"])
        self.bad("run", "tanh", says=["INPUT is required"])
        self.bad("run", "tanh", "x.npy", says=["OUTPUT is required", "kiln run tanh --help"])
        self.refuse("tanh", "z.npy", says=["unexpected argument 'z.npy'"])
        self.bad("list", "tanh", says=["unexpected argument 'tanh'"])

    def test_values(self):
        for value in ["abc", "1.5", "99999999999", "", "1x"]:
            self.refuse("tanh", "--threads", value, says=["--threads", f"'{value}'", "an integer"])
        self.refuse("tanh", "--threads", "-1", says=["error: --threads: ", "-1"])
        self.refuse("tanh", "--threads", says=["--threads"])
        self.refuse("tanh", "--accuracy", "sloppy", says=["--accuracy", "sloppy", "exact", "fast"])
        self.bad("time", "tanh", "--rounds", "0", says=["--rounds", "at least 1"])
        self.bad("time", "tanh", "--shape", "3,0", says=["--shape", "(3, 0)"])
        self.bad("time", "tanh", "--shape", "9999999999,9999999999", says=["address space"])

    def test_isa(self):
        self.refuse("tanh", "--isa", "avx9", says=["error: --isa: ", "avx9"])
        self.refuse("tanh", "--isa", "", says=["isa"])
        self.bad("run", "tanh", "x.npy", "y.npy", says=["KILN_ISA", "avx9"], env={"KILN_ISA": "avx9"})
        self.bad("info", says=["avx9"], env={"KILN_ISA": "avx9"})
        for command in (["run", "tanh", "x.npy", "y.npy"], ["info"]):
            self.bad(*command, says=["KILN_CPU_FAMILY", '"zen99"', "general"], env={"KILN_CPU_FAMILY": "zen99"})
        for command in (["run", "tanh", "x.npy", "y.npy"], ["info"], ["time", "--shape", "9"]):
            self.bad(*command, says=["KILN_NUM_THREADS", '"four"'], env={"KILN_NUM_THREADS": "four"})

    def test_isa_that_this_cpu_lacks(self):
        targets = json.loads(self.good("list", "--json"))["targets"]
        missing = [target["isa"] for target in targets if target["device"] == "cpu" and not target["runs_here"]]
        if not missing:
            self.skipTest("this CPU runs every instruction set that is built in")
        for isa in missing:
            self.refuse("tanh", "--isa", isa, says=[isa])

    def test_device(self):
        self.refuse("tanh", "--device", "abacus", says=["abacus", "cuda"])
        for api, variable in [("cuda", "KILN_CUDA_DRIVER"), ("opencl", "KILN_OPENCL_DRIVER")]:
            self.bad("run", "tanh", "x.npy", "y.npy", "--device", api, says=[api, "nowhere.so"],
                     env={variable: "nowhere.so"})

    def test_normalized_shape(self):
        self.refuse("layer_norm", says=["--normalized-shape is required"])
        for value in ["3,x", "3,", ",3", "3 3", "(3,)", "99999999999999999999"]:
            self.refuse("layer_norm", "--normalized-shape", value, says=["--normalized-shape", value])
        for value in ["", "2", "3,2", "-3", "4,2,3", "0"]:
            self.refuse("layer_norm", "--normalized-shape", value, says=["error: --normalized-shape: "])

    def test_eps(self):
        for value in ["-1", "nan", "-1e-300"]:
            self.refuse("layer_norm", "--normalized-shape", "3", "--eps", value, says=["error: --eps: expected 0 or more"])
        for value in ["1e-5x", "small", "", "1e999"]:
            self.refuse("layer_norm", "--normalized-shape", "3", "--eps", value, says=["--eps", "a real number"])

    def test_weight_and_bias_of_another_shape(self):
        self.save("w.npy", np.ones(2, np.float32))
        self.save("w2.npy", np.ones((1, 3), np.float32))
        for name in ["weight", "bias"]:
            for file in ["w.npy", "w2.npy"]:
                self.refuse("layer_norm", "--normalized-shape", "3", "--" + name, file,
                            says=[f"error: --{name}: ", "--normalized-shape"])

    def test_empty_texts(self):
        """What a script with an unset variable gives is not the same as nothing."""
        for option in ["--from", "--to", "--digests", "--write-digests", "--resume", "--isa", "--device"]:
            for words in [(option, ""), (option + "=",)]:
                self.bad("verify", "tanh", *words, says=option[2:])
        self.bad("verify", "", says="unknown elementwise operator ''")
        self.bad("time", "", says="unknown operator ''")
        for option in ["--isa", "--accuracy", "--device", "--dtype", "--threads"]:
            self.refuse("tanh", option, "", says=option[2:])
        for option in ["--dim", "--p", "--eps"]:
            self.refuse("normalize", option, "", says=option)
