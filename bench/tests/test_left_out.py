"""What a run says of its peers, of those that it has not, and of the machine."""
import sys
import types
import unittest

from support import ROOT

sys.path.insert(0, str(ROOT))
from bench import cases, microarchitecture, peers, run  # noqa: E402


class LeftOut(unittest.TestCase):
    def planned(self, size, without=(), case=None, dtypes=("float32",), direction="forward"):
        made = run.Run.__new__(run.Run)
        made.args = types.SimpleNamespace(size=size, without=without, case=case, dtypes=list(dtypes), direction=direction)
        made.native, made.worker = None, types.SimpleNamespace(
            ask=lambda _: {"installed": {name: "1" for name in peers.KINDS if name != "onednn"}, "absent": {"onednn": "not installed"}})
        made.find_peers()
        return made

    def test_each_peer_is_run_or_has_its_reason(self):
        made = self.planned("full")
        self.assertEqual((set(made.peers), made.absent), (set(peers.KINDS) - {"onednn"}, {"onednn": "not installed"}))
        made = self.planned("full", ["xnnpack", "onednn"])
        self.assertEqual(made.absent, {"onednn": "not installed", "xnnpack": "left out by --without"})
        made = self.planned("quick")
        self.assertIn("compiles for seconds", made.absent["torch.compile"])
        self.assertNotIn("torch.compile", made.peers)
        self.assertIn("torch.compile", self.planned("quick", case=["tanh"]).peers)
        with self.assertRaisesRegex(run.BenchError, "--without torch: there are"):
            self.planned("full", ["torch"])

    def test_a_peer_without_an_element_type_is_left_out_by_name(self):
        self.assertEqual(self.planned("full", dtypes=["bfloat16"]).absent["onnxruntime"], "has no bfloat16")
        both = self.planned("full", dtypes=["float16", "bfloat16"])
        self.assertNotIn("onnxruntime", both.absent)
        case = cases.Case("a/layer/contiguous", "tanh", [8], dtype="bfloat16")
        self.assertEqual(both.left_out(case)["onnxruntime"], "has no bfloat16")
        self.assertNotIn("torch eager", both.left_out(case))

    def test_a_peer_without_gradients_is_left_out_by_name(self):
        made = self.planned("full", direction="backward")
        self.assertEqual(made.absent, {"onednn": "not installed", **dict.fromkeys(("onnxruntime", "xnnpack"), "has no gradients")})
        self.assertLessEqual({"torch eager", "torch.compile", "copy/torch"}, set(made.peers))

    def test_layers_alone_are_compiled_for_the_record(self):
        layer, size = cases.Case("a/layer/contiguous", "tanh", [8]), cases.Case("a/L1/contiguous", "tanh", [8])
        options = {"isas": [], "rounds": 1, "seconds": 1, "slow": {}}
        made = self.planned("record")
        made.args.device = None
        self.assertIn("torch.compile", made.request(layer, 1, options)["peers"])
        self.assertFalse(made.request(layer, 1, options)["float32"])
        self.assertNotIn("torch.compile", made.request(size, 1, options)["peers"])
        self.assertEqual((list(made.left_out(layer)), list(made.left_out(size))), ([], ["torch.compile"]))

    def test_one_that_failed_everywhere_was_not_run(self):
        def row(*names, **left_out):
            return {"implementations": [{"name": n} for n in names], "left_out": left_out}
        report = {"software": {"peers": {"xnnpack": "1", "onednn": "3", "onnxruntime": "1"}, "absent": {}},
                  "rows": [row("onednn", xnnpack="no delegate"), row(xnnpack="none", onednn="no memory"), {"failure": "it hung"}]}
        run.without_failed_peers(report)
        self.assertEqual(report["software"], {"peers": {"onednn": "3", "onnxruntime": "1"},
                                              "absent": {"xnnpack": "failed in every case: no delegate"}})

    def test_where_results_go(self):
        machine = {"cpu": "AMD EPYC", "cpu_model": "AuthenticAMD 25 17", "microarchitecture": "Zen 4"}
        for size, expected in (("quick", "quick.json"), ("full", "full.json"), ("record", "machines/zen4.json")):
            args = types.SimpleNamespace(size=size, out=None, dtypes=["float32"], direction="forward")
            self.assertEqual(run.results_path(args, machine), ROOT / "bench/results" / expected)
            args.dtypes = ["float32", "float16", "bfloat16"]
            other = expected.replace(".json", "-float16-bfloat16.json")
            self.assertEqual(run.results_path(args, machine), ROOT / "bench/results" / other)
            args.direction = "backward"
            other = expected.replace(".json", "-backward-float16-bfloat16.json")
            self.assertEqual(run.results_path(args, machine), ROOT / "bench/results" / other)
        self.assertEqual(microarchitecture.file_name({"cpu": "Some CPU @ 2 GHz"}), "somecpu-2ghz")


class Microarchitectures(unittest.TestCase):
    def test_every_row_is_read_and_no_two_share_a_model(self):
        written = [line for line in microarchitecture.TABLE.read_text().splitlines() if line.startswith("KILN_CPU(")]
        self.assertEqual(len(microarchitecture.rows()), len(written))
        self.assertGreater(len(written), 10)
        models = [(row.vendor, row.number, model) for row in microarchitecture.rows()
                  for first, last in row.models for model in range(first, last + 1)]
        self.assertEqual(len(set(models)), len(models))

    def test_ranges_of_models(self):
        self.assertEqual(microarchitecture.models_of("10-1f 60 a0-af"), [(0x10, 0x1f), (0x60, 0x60), (0xa0, 0xaf)])

    def test_by_family_and_model_whatever_the_name(self):
        for model, expected in (("AuthenticAMD 25 17", "Zen 4"), ("AuthenticAMD 25 97", "Zen 4"), ("AuthenticAMD 25 1", "Zen 3"),
                                ("AuthenticAMD 25 33", "Zen 3"), ("AuthenticAMD 26 2", "Zen 5"), ("AuthenticAMD 23 49", "Zen 2"),
                                ("GenuineIntel 6 143", "Sapphire Rapids"), ("GenuineIntel 6 106", "Ice Lake"),
                                ("GenuineIntel 6 140", "Tiger Lake"), ("GenuineIntel 6 207", "Emerald Rapids"), ("AuthenticAMD 26 36", "Zen 5"),
                                ("AuthenticAMD 99 1", ""), ("", "")):
            with self.subTest(model):
                self.assertEqual(microarchitecture.of({"cpu": "AMD EPYC", "cpu_model": model}), expected)

    def test_of_arm_by_the_part(self):
        self.assertEqual(microarchitecture.of({"cpu": "implementer 0x41, part 0xd0c", "cpu_model": ""}), "Neoverse N1")
        self.assertEqual(microarchitecture.of({"cpu": "implementer 0x61, part 0xd0c", "cpu_model": ""}), "")

    def test_for_people(self):
        machine = {"cpu": "AMD EPYC", "cpu_model": "AuthenticAMD 25 17", "microarchitecture": "Zen 4"}
        self.assertEqual(microarchitecture.named(machine), "Zen 4, AMD EPYC, AuthenticAMD 25 17")
        self.assertEqual(microarchitecture.named({"cpu": "X", "cpu_model": "", "microarchitecture": ""}), "X")


if __name__ == "__main__":
    unittest.main()
