"""What reads results files: compare, report, the roofline. The figures are made up (example.py)."""
import html.parser
import re
import shutil
import subprocess
import sys
import unittest
import zlib

import example
from support import ROOT, BenchTest, bench

sys.path.insert(0, str(ROOT))
from bench import cases, compare, errors, results, roofline, svg, table  # noqa: E402


class Compares(BenchTest):
    def compare(self, old, new, *words, status=0):
        return bench("compare", self.save("old.json", old), self.save("new.json", new), *words, status=status)

    def test_nothing_changed(self):
        self.assertIn("3 figures in both: 0 slower, 0 faster", self.compare(example.results(), example.results()))

    def test_slower_and_faster(self):
        text = self.compare(example.results(), example.results(slow=1.5), status=1)
        self.assertIn("2 slower, 0 faster, 1 the same", text)
        self.assertIn("tanh/L1/contiguous", text)
        self.assertIn("2 faster", self.compare(example.results(slow=1.5), example.results()))

    def test_within_noise(self):
        # 8 % is more than the tolerance of 5 %, and less than it and the medians' 2 % in both files.
        self.assertIn("0 slower", self.compare(example.results(), example.results(slow=1.08)))
        self.compare(example.results(), example.results(slow=1.08), "--tolerance", "0.03", status=1)

    def test_a_machine_that_is_slower_as_a_whole_accuses_nobody(self):
        self.assertIn("copies 1.50 times slower", self.compare(example.results(), example.results(machine=1.5)))
        self.compare(example.results(), example.results(machine=1.5, slow=1.5), status=1)

    def test_instructions_hold_still(self):
        def counted(value):
            file = example.results()
            for row in file["rows"]:
                row["implementations"] = [{"name": "kiln/exact/avx2", "obtained": "counted", "unit": "instructions", "best": value,
                                       "median": value, "samples": [value]}]
            return file
        self.assertIn("0 slower", self.compare(counted(10000), counted(10050)))
        self.assertIn("3 slower", self.compare(counted(10000), counted(10200), status=1))

    def test_a_case_that_fails_now(self):
        new = example.results()
        new["rows"][0]["failure"] = "the worker was killed"
        del new["rows"][0]["implementations"]
        self.assertIn("failed now", self.compare(example.results(), new, status=1))

    def test_files_of_the_schema_before_are_read(self):
        for older in (example.first_schema(), example.second_schema(), example.third_schema()):
            self.assertIn("3 figures in both: 0 slower, 0 faster", self.compare(older, example.results()))
            self.assertIn("2 slower", self.compare(older, example.results(slow=1.5), status=1))
        broken = example.first_schema()
        del broken["rows"][0]["shape"]
        self.assertIn("'shape' is a required property", self.compare(broken, example.results(), status=2))

    def test_what_they_say_of_peers_and_machine_is_said_anew(self):
        older = example.second_schema()
        older["machine"]["cpu_model"] = "AuthenticAMD 26 2"
        read = results.upgraded(older)
        self.assertEqual(read["machine"]["microarchitecture"], "Zen 5")
        self.assertEqual(read["software"]["absent"], {"onnxruntime": "not installed", **dict.fromkeys(
            ("copy/torch", "torch.compile", "onednn", "xnnpack"), "left out")})
        self.assertEqual(results.upgraded(example.second_schema())["machine"]["microarchitecture"], "")

    def test_other_element_types_are_other_figures(self):
        new = example.results()
        self.assertEqual({k.dtype for k in compare.figures(new)}, {"float32"})
        for row in new["rows"]:
            row["dtype"] = "float16"
        self.assertEqual(compare.changes(example.results(), new)[1], [])
        new["rows"].append(example.row("tanh/L1/contiguous", "tanh", [2048], 1e-6))
        self.assertEqual([c.dtype for c in compare.changes(example.results(), new)[1]], ["float32"])

    def test_bad_files(self):
        good = self.save("good.json", example.results())
        broken = example.results()
        broken["rows"][1]["implementations"][0]["best"] = "fast"
        for name, content, expected in (("other.json", {"schema": "other-2"}, "expected results of schema kiln-bench-4"),
                                        ("broken.json", broken, "rows[1].implementations[0].best"),
                                        ("empty.json", {**example.results(), "rows": []}, "no figure in common")):
            self.assertIn(expected, bench("compare", good, self.save(name, content), status=2))
        self.assertIn("No such file", bench("compare", good, self.folder / "none.json", status=2))


class SlowedOnPurpose(BenchTest):
    def test_it_is_found_and_nothing_else_is(self):
        for name, words in (("old", []), ("new", ["--slow", "tanh=8"])):
            self.out = self.folder / f"{name}.json"
            self.run_bench("--rounds", "5", *words)
        # A tolerance of 2: only a factor above 3 counts, whatever else this machine does meanwhile.
        text = bench("compare", self.folder / "old.json", self.folder / "new.json", "--tolerance", "2", status=1)
        self.assertIn("tanh/L1/contiguous", text)
        self.assertNotIn("layer_norm/L1/contiguous", text)


class Counts(BenchTest):
    def test_instructions_are_the_same_twice(self):
        if not shutil.which("valgrind"):
            self.skipTest("valgrind is not installed")
        found = []
        for _ in range(2):
            self.run_bench("--counts", "--isa", "baseline", small=["--case", "^hardsigmoid/L1/"])
            found.append(self.results()["rows"][0]["implementations"][0])
        self.assertEqual(found[0]["obtained"], "counted")
        self.assertGreater(found[0]["best"], 1000)
        self.assertLess(abs(found[0]["best"] / found[1]["best"] - 1), 0.005)


class Page(html.parser.HTMLParser):
    """Tags by how often they occur, what must be closed and is not, and whatever would need a network."""

    def __init__(self, content):
        super().__init__()
        self.open, self.count, self.away = [], {}, []
        self.feed(content)

    def handle_starttag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.away += [v for k, v in attributes if k in ("src", "href") and not v.startswith("#")]
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes what is not open"


class Reports(BenchTest):
    def report(self, file):
        bench("report", self.save("r.json", file))
        return (self.folder / "r.html").read_text()

    def test_every_figure_is_in_a_page_that_needs_nothing_else(self):
        content = self.report(example.results())
        page = Page(content)
        self.assertEqual((page.open, page.away), ([], []))
        self.assertEqual(page.count["svg"], 2 + 3 + 2)  # both comparisons; tanh's three, layer_norm's without sizes
        for expected in ("0.50 ULP", "3.0e-07", "4x", "roofline", "onnxruntime (not installed)", "torch.compile (no C++ compiler)",
                         "timed on the machine", "Zen 4, Example, AuthenticAMD 25 17", "2026-01-01"):
            self.assertIn(expected, content)

    def test_both_comparisons_are_there_and_which_way_they_read(self):
        content = self.report(example.results())
        for expected in ("above 1 Kiln is ahead", "times as fast as the fastest peer (above 1: Kiln is ahead)",
                         "times as fast as the fastest peer of no larger error (above 1: Kiln is ahead)",
                         "ahead of the fastest peer in 1 of 1 cases (geometric mean 4.00)"):
            self.assertIn(expected, content)

    def test_bars_have_ticks_and_those_of_the_headline_fit_500_pixels(self):
        file = example.results()
        file["rows"][2]["case"] = "stable-diffusion-group_norm-with-a-long-name/layer/channels_last"
        charts = re.findall(r'<svg class="(narrow|wide)" viewBox="0 0 (\d+) \d+".*?</svg>', self.report(file))
        self.assertEqual([kind for kind, _ in charts], ["narrow", "narrow", "wide", "wide"])
        for chart in re.findall(r'<svg class="(?:narrow|wide)".*?</svg>', self.report(file)):
            ticks = re.findall(r'class="tick" text-anchor="middle">([\d.]+)x<', chart)
            self.assertGreaterEqual(len(set(ticks)), 3, ticks)
            self.assertEqual(len(ticks), 2 * chart.count('class="grid"'))
        self.assertLessEqual({width for kind, width in charts if kind == "narrow"}, {"480"})
        css = (ROOT / "bench/page.css").read_text()
        self.assertNotRegex(css, r"svg\.narrow \{[^}]*min-width")
        for chart in re.findall(r'<svg class="narrow".*?</svg>', self.report(file)):
            for x, kind, anchor, words in re.findall(r'<text x="([\d.]+)" y="[\d.]+" class="(\w+)" text-anchor="(\w+)">([^<]*)<', chart):
                end = float(x) + svg.LETTER * len(words) * (0.5 if anchor == "middle" else 1)
                self.assertLess(end, 480, (kind, words))

    def test_curves_have_as_many_points_as_sizes(self):
        file = example.results()
        sizes = cases.curve_bytes(example.MACHINE["caches"], example.MACHINE["memory_bytes"])
        file["rows"] = [example.row(f"tanh/{level}/contiguous", "tanh", [size // 4], 1e-6) for level, size in sizes.items()]
        curve = re.search(r'<svg [^>]*aria-label="speed against size".*?</svg>', self.report(file))[0]
        for points in re.findall(r'<polyline class="line \w+" points="([^"]*)"', curve):
            self.assertGreaterEqual(len(points.split()), 6)
        names = [(float(x), svg.LETTER * len(name) / 2) for x, name in re.findall(r'<text x="([\d.]+)" y="292.0" class="tick" '
                                                                                 r'text-anchor="middle">([^<]*)<', curve)]
        self.assertGreaterEqual(len(names), 6)
        self.assertLessEqual(names[-1][0] + names[-1][1], svg.WIDTH + 0.1)
        self.assertGreater(min(b - a for (a, _), (b, _) in zip(names, names[1:])), 40)  # pixels from one size's name to the next

    def test_what_is_no_speed_says_so(self):
        file = example.results()
        file["complete"] = False
        file["rows"][0]["implementations"][2]["obtained"] = "emulated"
        content = self.report(file)
        self.assertIn("timed under an emulator: not a speed", content)
        self.assertIn("The run was interrupted", content)

    def test_names_are_escaped(self):
        file = example.results()
        file["machine"]["cpu"] = "<script>alert(1)</script>"
        self.assertNotIn("<script", self.report(file))

    def test_a_browser_draws_it(self):
        browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not browser:
            self.skipTest("chromium is not installed")
        self.report(example.results())
        picture = self.folder / "r.png"
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,1200",
                        f"--user-data-dir={self.folder}/profile", f"--screenshot={picture}", f"file://{self.folder}/r.html"],
                       check=True, capture_output=True, timeout=120)
        data, chunks, at = picture.read_bytes(), b"", 8
        while at < len(data):
            size = int.from_bytes(data[at:at + 4], "big")
            if data[at + 4:at + 8] == b"IDAT":
                chunks += data[at + 8:at + 8 + size]
            at += size + 12
        lines = zlib.decompress(chunks)
        step = len(lines) // 1200
        drawn = {lines[i * step:(i + 1) * step] for i in range(1200)}
        self.assertGreater(len(drawn), 300)  # lines of pixels unlike each other: not an empty page


class Roofline(unittest.TestCase):
    def test_shares_and_bounds(self):
        file = example.results()
        tanh, layer_norm = file["rows"][1], file["rows"][2]
        # 32768 elements, 18 multiplications each of 5e10 a second: 11.8 us of 20; 2 x 131072 bytes of 1e11: 2.6 us of 20.
        point = roofline.point(file, tanh, tanh["implementations"][2])
        self.assertAlmostEqual(point.compute_share, 32768 * 18 / 5e10 / 2e-5)
        self.assertAlmostEqual(point.memory_share, 2 * 131072 / 1e11 / 2e-5)
        self.assertEqual(point.bound, "arithmetic")
        # 12.6 MB lie beyond L3: 25.2 MB of 2e10 a second is more than the millisecond.
        self.assertEqual(roofline.point(file, layer_norm, layer_norm["implementations"][2]).bound, "memory")
        layer_norm["implementations"][2]["best"] = 1.0
        self.assertEqual(roofline.point(file, layer_norm, layer_norm["implementations"][2]).bound, "latency")

    def test_every_operator_has_its_row(self):
        for op in {**table.operators(), **table.operators("backward")}:
            with self.subTest(op):
                row = {"op": op, "arguments": {}, "shape": [8], "bytes": 32}
                moved, multiplications = roofline.work_of(row, "exact")
                self.assertEqual(moved, 96 if op.endswith("_backward") else 64)
                self.assertGreater(multiplications, 0)

    def test_an_operator_without_a_row_is_named(self):
        with self.assertRaisesRegex(errors.BenchError, 'no operator "frobnicate"'):
            roofline.work_of({"op": "frobnicate", "arguments": {}, "shape": [8], "bytes": 32}, "exact")

    def test_training_does_more(self):
        row = {"op": "batch_norm", "shape": [8], "bytes": 32}
        evaluation, training = (roofline.work_of({**row, "arguments": {"training": t}}, "exact") for t in (False, True))
        self.assertEqual(evaluation, (64, 8))
        self.assertEqual(training, (96, 24))
        gradient = roofline.work_of({**row, "op": "batch_norm_backward", "arguments": {"training": True}}, "exact")
        self.assertEqual(gradient, (160, 40))


if __name__ == "__main__":
    unittest.main()
