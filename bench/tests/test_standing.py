"""Kiln beside its peers: both comparisons, and that everything that prints them says what they are. The figures are made up."""
import re
import shutil
import sys
import unittest

import example
from support import ROOT, BenchTest, bench

sys.path.insert(0, str(ROOT))
from bench import readme, standing  # noqa: E402


def row(op, *implementations, threads=1, case=None):
    """implementations: (name, seconds, error)."""
    made = example.row(case or f"{op}/layer/contiguous", op, [64, 64], 1e-6)
    kind = made["implementations"][2]["error_kind"]
    return {**made, "threads": threads, "implementations": [
        example.implementation(name, seconds, **({} if error == "none" else {"error": error, "error_kind": kind}))
        for name, seconds, error in implementations]}


def found(made, accuracy="exact"):
    """{comparison: (peer, times as fast)}"""
    at = standing.of(made, accuracy)
    return {c: (p and p["name"], at.times(c) and round(at.times(c), 6)) for c, p in at.peers.items()}


class Classes(unittest.TestCase):
    def test_exact_activations_beside_two_ulp(self):
        made = row("tanh", ("kiln/exact/avx2", 4.0, 0.5), ("kiln/exact/baseline", 9.0, 0.5), ("copy/memcpy", 1.0, "none"),
                   ("xnnpack", 2.0, 4.2), ("onednn", 3.0, 2.01), ("torch eager", 8.0, 2.0), ("torch.compile", 9.0, 0.5))
        self.assertEqual(found(made), {"any": ("xnnpack", 0.5), "class": ("torch eager", 2.0)})

    def test_fast_activations_beside_their_own_error(self):
        made = row("tanh", ("kiln/exact/avx2", 4.0, 0.5), ("kiln/fast/avx2", 2.0, 2.4), ("xnnpack", 1.0, 2.5),
                   ("onednn", 3.0, 2.4))
        self.assertEqual(found(made, "fast"), {"any": ("xnnpack", 0.5), "class": ("onednn", 1.5)})

    def test_normalizations_beside_twice_the_error_that_is_promised(self):
        made = row("layer_norm", ("kiln/exact/avx2", 4.0, 3e-7), ("onednn", 2.0, 1.3e-5), ("torch eager", 6.0, 1.9e-6))
        self.assertEqual(found(made), {"any": ("onednn", 0.5), "class": ("torch eager", 1.5)})

    def test_an_error_of_kilns_own_that_is_larger_makes_room(self):
        made = row("layer_norm", ("kiln/exact/avx2", 4.0, 1e-4), ("onednn", 2.0, 1e-4))
        self.assertEqual(found(made)["class"], ("onednn", 0.5))

    def test_results_that_are_not_finite_or_not_known_are_of_no_class(self):
        made = row("tanh", ("kiln/exact/avx2", 4.0, 0.5), ("xnnpack", 2.0, None), ("onednn", 3.0, "none"))
        self.assertEqual(found(made), {"any": ("xnnpack", 0.5), "class": (None, None)})
        made = row("tanh", ("kiln/exact/avx2", 4.0, None), ("onednn", 3.0, 0.5))
        self.assertEqual(found(made)["class"], (None, None))

    def test_what_has_no_peer_or_no_time_has_no_standing(self):
        self.assertIsNone(standing.of(row("tanh", ("kiln/exact/avx2", 4.0, 0.5), ("copy/memcpy", 1.0, "none"))))
        self.assertIsNone(standing.of(row("tanh", ("kiln/exact/avx2", 4.0, 0.5), ("onednn", 3.0, 0.5)), "fast"))
        self.assertIsNone(standing.of({"failure": "it hung"}))


def three_rows():
    """Beside any peer 0.5, 2 and 2; of no larger error 2, 2 and none."""
    return [row("tanh", ("kiln/exact/avx2", 4.0, 0.5), ("xnnpack", 2.0, 4.2), ("torch eager", 8.0, 0.5)),
            row("silu", ("kiln/exact/avx2", 4.0, 0.5), ("torch eager", 8.0, 0.5)),
            row("mish", ("kiln/exact/avx2", 4.0, 0.5), ("onednn", 8.0, 3000.0))]


class Summaries(unittest.TestCase):
    def test_cases_ahead_and_geometric_means(self):
        some = standing.summary(three_rows(), "exact", "any")
        self.assertEqual((some.cases, some.ahead), (3, 2))
        self.assertAlmostEqual(some.mean, (0.5 * 2 * 2) ** (1 / 3))
        some = standing.summary(three_rows(), "exact", "class")
        self.assertEqual((some.cases, some.ahead), (2, 2))
        self.assertAlmostEqual(some.mean, 2)
        self.assertIsNone(standing.summary(three_rows(), "fast", "any"))

    def test_in_words(self):
        self.assertEqual(standing.words(three_rows(), "exact"),
                         "ahead of the fastest peer in 2 of 3 cases (geometric mean 1.26), ahead of the fastest peer of no larger "
                         "error in 2 of 2 cases (geometric mean 2.00)")
        self.assertEqual(standing.words(three_rows(), "fast"), "")

    def test_layers_sizes_and_threads_are_apart_and_slow_cases_are_left_out(self):
        rows = three_rows()
        rows[1]["threads"], rows[2]["case"] = 2, "mish/1MiB/contiguous"
        rows.append({**three_rows()[0], "case": "rows-of-3-tanh/cliffs/padded"})
        self.assertEqual({what: len(group) for what, group in standing.groups(rows).items()},
                         {"layers, 1 thread": 1, "layers, 2 threads": 1, "sizes, 1 thread": 1})
        self.assertEqual([what for what, _ in standing.summaries(rows)],
                         ["layers, 1 thread, exact", "layers, 2 threads, exact", "sizes, 1 thread, exact"])


class Readmes(BenchTest):
    def setUp(self):
        super().setUp()
        self.readme = self.folder / "README.md"
        shutil.copy(ROOT / "README.md", self.readme)

    def write(self, *files, **keywords):
        bench("readme", *files, "--readme", self.readme, **keywords)
        return self.readme.read_text()

    def test_the_tables_are_written_between_the_markers_and_checked(self):
        file = self.save("r.json", example.results())
        self.assertIn("are not those of", bench("readme", file, "--readme", self.readme, "--check", status=2))
        text = self.write(file)
        bench("readme", file, "--readme", self.readme, "--check")
        self.assertIn("| bert-layer_norm | 4096x768 | 25.2 | 0.50 | 3.0e-07 | 4.00 torch eager | 4.00 torch eager | - | - |", text)
        self.assertIn("above 1 Kiln is ahead", text)
        self.assertIn("**Zen 4, Example, AuthenticAMD 25 17**, 1 CPUs, avx2, 2026-01-01, commit 0123456789ab. Peers: torch eager 2. "
                      "Not run: onnxruntime: not installed; torch.compile: no C++ compiler.", text)
        self.assertIn("- 1 thread, exact: ahead of the fastest peer in 1 of 1 cases (geometric mean 4.00), ahead of the fastest peer "
                      "of no larger error in 1 of 1 cases (geometric mean 4.00)", text)

    def test_all_threads_have_their_columns(self):
        results = example.results()
        layer = results["rows"][2]
        both = {**layer, "threads": 2, "implementations": [{**c, "best": c["best"] / (2 if c["name"].startswith("kiln") else 1)}
                                                           for c in layer["implementations"]]}
        results["rows"].append(both)
        text = self.write(self.save("r.json", results))
        self.assertIn("| exact, 2 threads: times the fastest peer's speed | of no larger error |", text)
        self.assertIn("| - | - | 8.00 torch eager | 8.00 torch eager |", text)
        self.assertIn("- 2 threads, exact: ahead of the fastest peer in 1 of 1 cases (geometric mean 8.00)", text)

    def test_every_machine_has_its_table_the_newest_first(self):
        older, newer = example.results(), example.results()
        newer["started"] = "2026-02-02T00:00:00+00:00"
        newer["machine"] = {**newer["machine"], "cpu": "Other", "microarchitecture": "Zen 9"}
        text = self.write(self.save("a.json", older), self.save("b.json", newer))
        self.assertEqual(re.findall(r"^\*\*(Zen \d).*(2026-..-..)", text, re.M), [("Zen 9", "2026-02-02"), ("Zen 4", "2026-01-01")])
        self.assertEqual(text.count("| bert-layer_norm |"), 2)

    def test_the_files_of_machines_are_those_on_record(self):
        for name in ("zen9.json", "zen9.previous.json", "zen9.html"):
            (self.folder / name).write_text("")
        self.assertEqual([p.name for p in readme.files_of(self.folder)], ["zen9.json"])
        self.assertTrue(readme.files_of(readme.MACHINES))

    def test_estimates_never_get_in(self):
        results = example.results()
        results["rows"][2]["implementations"][2]["obtained"] = "estimate"
        self.assertIn("no measured layer", bench("readme", self.save("r.json", results), "--readme", self.readme, status=2))

    def test_no_markers(self):
        self.readme.write_text("# Nothing\n")
        self.assertIn("expected the markers", bench("readme", self.save("r.json", example.results()), "--readme", self.readme, status=2))


if __name__ == "__main__":
    unittest.main()
