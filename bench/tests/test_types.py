"""Element types other than float32: how they are run, and what files, report and README say of them."""
import math
import shutil
import sys
import unittest

import example
from support import ROOT, BenchTest, bench

sys.path.insert(0, str(ROOT))
from bench import elements, results, roofline, standing  # noqa: E402


class Runs(BenchTest):
    def test_element_types_are_measured_beside_float32(self):
        self.run_bench("--dtype", "float16", "--dtype", "bfloat16", python=True, small=[
            "--case", "^(tanh|layer_norm|batch_norm-train)/L1/contiguous", "--threads", "1", "--rounds", "1", "--round-ms", "0.1"])
        found = self.results()
        self.assertEqual(found["options"]["dtypes"], ["float16", "bfloat16"])
        self.assertEqual(len(found["rows"]), 6)
        for row in found["rows"]:
            with self.subTest(f"{row['case']}, {row['dtype']}"):
                self.assertEqual(row["bytes"], 2 * math.prod(row["shape"]))
                named = {c["name"]: c for c in row["implementations"]}
                isa = found["machine"]["isas"][0]
                self.assertLessEqual({"copy/memcpy", f"kiln/exact/{isa}", f"float32/exact/{isa}"}, set(named))
                self.assertEqual("float32/fast/" + isa in named, row["op"] == "tanh")
                rounding = 0.5 if row["op"] == "tanh" else elements.ELEMENTS[row["dtype"]].epsilon / 2
                self.assertLess(0, named[f"kiln/exact/{isa}"]["error"])
                self.assertLess(named[f"kiln/exact/{isa}"]["error"], rounding + 1e-6)

    def test_devices_take_float32_alone(self):
        self.assertIn("--device: devices take float32, got --dtype bfloat16",
                      self.run_bench("--device", "opencl", "--dtype", "bfloat16", status=2))


class Figures(unittest.TestCase):
    def test_bytes_are_those_of_the_type_and_elements_are_compared_with_float32s(self):
        row = example.row("tanh/L2/contiguous", "tanh", [1 << 20], 1e-4, dtype="float16")
        kiln, wide = (next(c for c in row["implementations"] if c["name"].startswith(name)) for name in ("kiln/", "float32/"))
        for c, size, seconds in ((kiln, 2, 1e-4), (wide, 4, 1.5e-4)):
            self.assertAlmostEqual(results.bytes_per_second(row, c) / (2 * (size << 20) / seconds), 1)
        self.assertAlmostEqual(results.beside_float32(row), 1.5)
        self.assertIsNone(results.beside_float32(row, "fast"))
        self.assertIsNone(results.beside_float32(example.results()["rows"][0]))
        self.assertFalse(results.is_peer(wide) or results.is_kiln(wide))
        self.assertEqual(roofline.work_of(row, "exact")[0], 2 * row["bytes"])


class Classes(unittest.TestCase):
    """Of exact Kiln: peers that round twice."""

    def peer(self, op, dtype, own, *peers):
        """The one of no larger error; peers are (name, seconds, error)."""
        made = example.row(f"{op}/layer/contiguous", op, [64], 1e-6, dtype=dtype)
        kind = made["implementations"][-1]["error_kind"]
        made["implementations"] = [example.implementation(name, seconds, error=error, error_kind=kind)
                                   for name, seconds, error in (("kiln/exact/avx2", 4.0, own), *peers)]
        return standing.of(made).peers["class"]["name"]

    def test_activations(self):
        self.assertEqual(self.peer("tanh", "bfloat16", 0.5, ("onednn", 2.0, 1.01), ("torch eager", 6.0, 0.9)), "torch eager")

    def test_normalizations(self):
        one = 2.0 ** -10
        self.assertEqual(self.peer("layer_norm", "float16", one / 2, ("onednn", 2.0, 1.1 * one), ("torch eager", 6.0, one)), "torch eager")


class Pages(BenchTest):
    def test_charts_are_of_one_type(self):
        file = example.results()
        file["options"]["dtypes"].append("bfloat16")
        file["rows"].append(example.row("tanh/L1/contiguous", "tanh", [2048], 5e-7, dtype="bfloat16"))
        bench("report", self.save("r.json", file))
        content = (self.folder / "r.html").read_text()
        for expected in ("speed against size, 1 thread<", "speed against size, 1 thread, bfloat16<", "float32/exact/avx2",
                         "tanh/L1/contiguous, bfloat16", "Kiln on float32"):
            self.assertIn(expected, content)

    def test_the_readme_has_a_table_a_type(self):
        file = example.results()
        file["options"]["dtypes"] = ["float32", "bfloat16"]
        file["rows"].append(example.row("bert-layer_norm/layer/contiguous", "layer_norm", [4096, 768], 5e-4, dtype="bfloat16"))
        readme = self.folder / "README.md"
        shutil.copy(ROOT / "README.md", readme)
        bench("readme", self.save("r.json", file), "--readme", readme)
        text = readme.read_text()
        self.assertIn("2 ULP (activations) or 2e-06 (normalizations), in bfloat16 1 ULP or 8e-03, fast Kiln", text)
        self.assertIn("1 CPUs, avx2, bfloat16, 2026-01-01", text)
        self.assertIn("- bfloat16, 1 thread, exact: ahead of the fastest peer in 1 of 1 cases", text)
        self.assertIn("| layer | shape | GB/s | of copy | elements a second, of float32 | error |", text)
        self.assertIn("| bert-layer_norm | 4096x768 | 25.2 | 0.50 | 1.50 | 3.0e-07 | 4.00 torch eager |", text)
        self.assertEqual(text.count("<summary>1 layers, "), 2)


if __name__ == "__main__":
    unittest.main()
