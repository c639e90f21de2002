"""Help, version, and what list, info and time print."""
import json
import re

from support import BASELINE, NAMES, OTHERS, OPERATORS, ToolTest, option_of, some_of, table, types_of

COMMON = {"--help", "--threads", "--isa", "--accuracy", "--device", "--dtype"}


def own_options(op):
    """By the table's row."""
    row = table.operator(op)
    names = [item.name for item in row.takes[1:] if getattr(item, "role", "") != "output"]
    return {*map(option_of, names), *(option_of(tensor.name) + "-out" for tensor in row.statistics)}


class Help(ToolTest):
    def test_help(self):
        text = self.good("--help")
        for word in ["run", "list", "info", "time", "Examples:", "kiln run silu x.npy y.npy"]:
            self.assertIn(word, text)

    def test_version(self):
        self.assertRegex(self.good("--version"), r"\Akiln \d+\.\d+\.\d+\n\Z")

    def test_run_help_lists_the_operators(self):
        text = self.good("run", "--help")
        for op in NAMES:
            self.assertRegex(text, rf"\n  {op} ")

    def test_defaults_are_pytorchs(self):
        for op, option, value in [("batch_norm", "--momentum", "0.1"), ("batch_norm", "--eps", "1e-5"),
                                  ("instance_norm", "--momentum", "0.1"), ("group_norm", "--eps", "1e-5"),
                                  ("local_response_norm", "--alpha", "1e-4"), ("local_response_norm", "--k", "1"),
                                  ("local_response_norm", "--beta", "0.75"), ("normalize", "--p", "2"),
                                  ("normalize", "--dim", "1"), ("normalize", "--eps", "1e-12")]:
            self.assertRegex(self.good("run", op, "--help"), rf"(?m)^  {option} [^ ]*={value} ", (op, option))

    def test_a_default_that_is_no_constant(self):
        for op in NAMES:
            for argument in table.operator(op).arguments:
                if argument.may_be_null:
                    self.assertRegex(self.good("run", op, "--help"), rf"(?m)^  {option_of(argument.name)} [^=]*=machine epsilon")

    def test_help_of_an_operator_has_its_options_and_no_others(self):
        for op in some_of(NAMES + OTHERS, 4):
            text = self.good("run", op, "--help")
            options = set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.MULTILINE))
            self.assertEqual(options, COMMON | own_options(op), op)
            self.assertIn(table.operator(op).tensors[0].name.upper(), text)
            self.assertIn(f"little-endian {types_of(op)}, C or Fortran order", text)
            self.assertIn(f"kiln run {op}", text)


class HelpCommand(ToolTest):
    def test_it_is_what_the_option_prints(self):
        commands = [[], ["run"], ["list"], ["info"], ["time"], ["verify"], ["help"], *(["run", op] for op in some_of(NAMES, 4))]
        for words in commands:
            self.assertEqual(self.good("help", *words), self.good(*words, "--help"), words)

    def test_an_operator_needs_no_run(self):
        for op in some_of(NAMES, 4):
            self.assertEqual(self.good("help", op), self.good("run", op, "--help"))

    def test_unknown_names(self):
        self.bad("help", "rum", says="unknown command 'rum'; did you mean 'run'?")
        self.bad("help", "run", "sigmod", says="unknown operator 'sigmod'; did you mean 'sigmoid'?")
        self.bad("help", "list", "tanh", says="list has no commands, got 'tanh'")
        self.bad("help", "run", "tanh", "tanh", says="tanh has no commands")
        self.bad("help", "", says="unknown command ''")
        self.bad("help", "--all", says="help has no option --all")
        self.assertIn("help", self.bad())


class ListAndInfo(ToolTest):
    def test_list_json(self):
        result = json.loads(self.good("list", "--json"))
        self.assertEqual(NAMES, list(table.operators()))
        targets = {target["name"]: target for target in result["targets"]}
        self.assertTrue(any(target["runs_here"] for target in targets.values()))
        for op in result["operators"]:
            self.assertTrue(op["formula"], op["name"])
            self.assertIn("float32", op["dtypes"])
            self.assertIn("exact", op["accuracies"])
            self.assertLessEqual(set(targets), {kernel["target"] for kernel in op["kernels"]}, op["name"])
            for kernel in op["kernels"]:
                backward = table.operator(op["name"]).direction == "backward"
                of_stage = not op["family"].startswith("elementwise")
                backward = kernel["form"].startswith("gradient_") if of_stage else backward
                self.assertEqual(kernel["direction"], "backward" if backward else "forward", (op["name"], kernel))
                self.assertEqual(kernel["runs_here"], targets[kernel["target"]]["runs_here"])

    def test_list_json_has_the_rows_of_the_table(self):
        """What operators.toml says of an operator's face."""
        operators = {op["name"]: op for op in json.loads(self.good("list", "--json"))["operators"]}
        families = {"tanh": "elementwise", "batch_norm": "channel_norm", "layer_norm": "row_norm",
                    "normalize": "normalize", "local_response_norm": "window"}
        self.assertEqual({name: operators[name]["family"] for name in families}, families)
        self.assertEqual((operators["silu"]["torch"], operators["silu"]["onnx"]), ("silu", "Swish"))
        arguments = operators["group_norm"]["arguments"]
        self.assertEqual([argument["name"] for argument in arguments],
                         ["input", "weight", "bias", "output", "num_groups", "eps"])
        self.assertEqual([argument.get("default") for argument in arguments[4:]], [None, "1e-5"])
        self.assertEqual([argument.get("optional") for argument in arguments[:4]], [False, True, True, False])
        forms = {kernel["form"] for op in operators.values() for kernel in op["kernels"]}
        self.assertLessEqual({"dense", "strided", "layer_norm.rows", "channel_apply.contiguous",
                              "channel_apply.channels_last", "combine_moments.combine"}, forms)

    def test_list_text(self):
        text = self.good("list")
        for op in OPERATORS:
            direction = "backward" if op["direction"] == "backward" else "forward"
            self.assertRegex(text, rf"(?m)^{op['name']} +{', '.join(op['dtypes'])} +{direction} +exact")
            self.assertIn("float32", op["dtypes"])
        self.assertIn("runs", text)
        head, *rows = [line.split() for line in text.split("\n\n")[1].splitlines()]
        self.assertEqual({row[0] for row in rows}, set(NAMES + OTHERS))
        self.assertEqual([row for row in rows if "-" in row], [])  # a whole build has every operator on every target
        self.assertLessEqual({"cuda_sm80", "opencl"}, set(head))

    def test_info(self):
        info = json.loads(self.good("info", "--json"))
        self.assertRegex(info["version"], r"^\d+\.\d+\.\d+$")
        self.assertGreaterEqual(info["threads"], 1)
        self.assertTrue(info["cpu"])
        self.assertIn(info["isa"], [row["isa"] for row in info["isas"] if row["runs_here"]])
        self.assertIn("best", info["isa_reason"])
        text = self.good("info")
        for device in info["devices"]:
            self.assertIn(device["name"], text)
        for word in [info["version"], info["isa"], info["cpu"], info["cpu_family"], "threads"]:
            self.assertIn(word, text)

    def test_info_of_a_forced_isa(self):
        info = json.loads(self.good("info", "--json", env={"KILN_ISA": BASELINE}))
        self.assertEqual((info["isa"], info["isa_reason"]), (BASELINE, f"KILN_ISA={BASELINE}"))

    def test_info_of_a_forced_cpu_family(self):
        self.assertEqual(json.loads(self.good("info", "--json", env={"KILN_CPU_FAMILY": "general"}))["cpu_family"], "general")


class Time(ToolTest):
    def test_every_operator_beside_memcpy(self):
        text = self.good("time", "--shape", "4,10,100", "--rounds", "2", "--threads", "1")
        for name in ["memcpy", *NAMES]:
            self.assertRegex(text, rf"(?m)^{name}( +[\d.e+-]+){{5}}$")
        others = self.good("time", *OTHERS, "--shape", "4,10,100", "--rounds", "1", "--threads", "1")
        self.assertEqual([line.split()[0] for line in others.splitlines()[3:]], ["memcpy", *OTHERS])

    def test_chosen_operators_and_settings(self):
        text = self.good("time", "silu", "tanh", "--shape", "7", "--rounds", "1", "--accuracy", "fast",
                         "--isa", BASELINE)
        self.assertEqual([line.split()[0] for line in text.splitlines()[3:]], ["memcpy", "silu", "tanh"])
        self.assertIn(f"{BASELINE}, fast", text)
        self.good("time", "silu", "--shape", "", "--rounds", "1")

    def test_json(self):
        words = ["time", "silu", "layer_norm", "--shape", "4,10,100", "--rounds", "3", "--accuracy", "fast", "--threads", "1"]
        result = json.loads(self.good(*words, "--json"))
        self.assertEqual([row["name"] for row in result["results"]], ["memcpy", "silu", "layer_norm"])
        self.assertEqual((result["shape"], result["dtype"], result["bytes"]), ([4, 10, 100], "float32", 16000))
        self.assertEqual((result["accuracy"], result["threads"], result["rounds"]), ("fast", 1, 3))
        self.assertRegex(result["version"], r"^\d+\.\d+\.\d+$")
        info = json.loads(self.good("info", "--json"))
        self.assertEqual(result["isa"], info["isa"])
        for row in result["results"]:
            self.assertEqual(set(row), {"name", "min_ms", "median_ms", "best_gb_per_s", "median_gb_per_s", "of_memcpy"})
            self.assertLessEqual(row["min_ms"], row["median_ms"])
            for speed, time in [("best_gb_per_s", "min_ms"), ("median_gb_per_s", "median_ms")]:
                self.assertAlmostEqual(row[speed] * row[time] / (2 * 16000 / 1e6), 1)
        self.assertEqual(result["results"][0]["of_memcpy"], 1)
        self.bad(*words, "--json", "--shape", "0", says="--shape")
