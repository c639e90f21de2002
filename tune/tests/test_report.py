"""`--report`: what the page says of studies whose figures are made up."""
import html.parser
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from tune import figures, race, record
from tune.study import Storage, Study
from tune.tests import toy
from tune.tuner import Search

ROOT = pathlib.Path(__file__).resolve().parents[2]


CASE = {"name": "tanh n L2", "shape": [4], "arguments": {"p": 3}}


class Text(html.parser.HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.found, self.open = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br", "rect", "line", "circle", "polyline"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("rect", "line", "circle", "polyline"):
            assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.found.append(data)


class Reports(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.url = f"sqlite:///{self.folder}/studies.db"

    def study(self, name, trials, bad=None, **recorded):
        study = Study(Storage(self.url), f"kiln/x86_64_avx2/forward/float32/{name}/0123", toy.space(), toy.point(1, 1), {"cpu": "Example"}, seed=1)
        clock = toy.Clock()
        Search(study, toy.Builder(clock, bad=bad), 1, trials=trials, clock=clock).run()
        record.write(study.optuna, present=toy.point(1, 1), best=study.best()[0], cases=[CASE],
                     finalists=[{"point": toy.point(8, 3), "ratios": [1.25], "repeats": [1.0, 1.5]}], **recorded)
        return study

    def both(self):
        self.study("tanh.dense.exact", 20, bad={(8, 2): "wrong results", (16, 1): "crash"}, gains=[1.5, 1.25, 1.4], written=True,
                   baselines={"Mullapudi2016": {"ratio": 1.75, "per_case": {"tanh 4": 1.75}, "bits": "same", "command": "gen -g x"},
                            "Adams2019": {"failure": "build: it <refused>"}})
        self.study("layer_norm.rows", 2, gains=[], written=False, emulated=True,
                   baselines={"Adams2019": {"ratio": 0.5, "per_case": {}, "bits": "other", "command": "gen -g y"}})

    def report(self, *words, status=0):
        done = subprocess.run([sys.executable, "-B", "-m", "tune", "--report", "--storage", self.url, *map(str, words)], cwd=ROOT,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
        self.assertEqual(done.returncode, status, done.stdout)
        return done.stdout

    def page(self):
        self.both()
        out = self.folder / "r.html"
        self.report("--out", out)
        return out.read_text()

    def test_everything_is_in_it(self):
        page = self.page()
        parsed = Text(page)
        self.assertEqual(parsed.open, [])
        text = " ".join(parsed.found)
        for expected in ("Example", "x86_64_avx2", "1.25x", "1.75x", "0.5x", "it <refused>", "other bits than Kiln's", "gen -g x",
                         "Ahead of the best baseline in 1 of 2 kernels; behind in layer_norm.rows (0.50).", "wrong results", "crash",
                         "Under an emulator, so that times are no speed: layer_norm.rows.", "tanh n L2, 4, p 3", "1.250: tanh n L2", "loses",
                         "PED-ANOVA", f"Fewer than {figures.LEAST} finished candidates", "is the best that was found for 1 of 2"):
            self.assertIn(expected, text)
        self.assertNotIn("<script", page)
        self.assertNotIn("http", page)

    def test_a_loss_is_shown_as_one(self):
        bars = dict(re.findall(r'class="bar (\w+)"[^>]*><title>(\w+) bits', self.page()))
        self.assertEqual(bars, {"good": "same", "bad": "other"})

    def test_figures(self):
        self.both()
        every = {f.name: f for f in figures.read(Storage(self.url), figures.Wanted("kiln"))}
        tanh = every["tanh.dense.exact"]
        self.assertEqual((tanh.best[0], tanh.speedup), (toy.point(8, 3), 1.25))
        self.assertEqual(sum(tanh.failures.values()) + len(tanh.finished), len(tanh.trials))
        self.assertEqual(len(tanh.timed_again), race.survivors(len(tanh.finished) - 1))
        self.assertEqual(set(tanh.importance), {"generator.width", "generator.unroll"})
        self.assertAlmostEqual(sum(tanh.importance.values()), 1)
        self.assertEqual(every["layer_norm.rows"].importance, {})

    def test_a_search_without_its_final_comparison_says_so(self):
        study = Study(Storage(self.url), "kiln/x86_64_avx2/forward/float32/silu.dense.exact/0123", toy.space(), toy.point(1, 1), {"cpu": "Example"})
        candidate = study.next()
        study.finish(candidate, [[0.5]])
        out = self.folder / "r.html"
        self.report("--out", out)
        page = out.read_text()
        self.assertIn("not yet compared: silu.dense.exact", page)
        self.assertIn(">2x<", page)
        self.assertNotIn("The present schedule is the best", page)

    def test_kernels_are_picked(self):
        self.both()
        out = self.folder / "r.html"
        self.report("--op", "^tanh", "--out", out)
        self.assertNotIn("layer_norm", out.read_text())

    def test_bad_input(self):
        self.assertIn("has no studies", self.report(status=2))
        Storage(self.url)
        self.assertIn("no finished candidates of a study called kiln", self.report(status=2))
        self.both()
        self.assertIn("--out", self.report("--out", self.folder / "no/r.html", status=2))
        self.assertIn("with --op none", self.report("--op", "none", status=2))
        self.assertIn("for x86_64_avx512", self.report("--target", "x86-64-avx512", status=2))
        self.assertIn("no finished candidates of a study called mine", self.report("--study", "mine", status=2))

    def test_a_browser_draws_it(self):
        browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not browser:
            self.skipTest("chromium is not installed")
        self.page()
        picture = self.folder / "r.png"
        subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,1200",
                        f"--user-data-dir={self.folder}/profile", f"--screenshot={picture}", f"file://{self.folder}/r.html"],
                       check=True, capture_output=True, timeout=120, env={**os.environ, "HOME": str(self.folder)})
        self.assertGreater(picture.stat().st_size, 20000)  # an empty page of this size takes 5000


if __name__ == "__main__":
    unittest.main()
