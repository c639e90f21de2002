"""What machines have found, and what is chosen from it. The machines are made up."""
import json
import pathlib
import tempfile
import unittest
import unittest.mock

from tune import choice, kernels, machines, race, schedule_file, values
from tune.errors import TuneError
from tune.locks import key
from tune.settle import settle
from tune.study import Storage, Study
from tune.tests import toy
from tune.tests.test_spaces import a_kernel
from tune.tuner import Search

PRESENT, ONE, TWO, THREE = ({"generator.a": a, "runtime.grain": 5} for a in (1, 2, 4, 8))
CODE = "0123"


def machine(name="Example", model="Maker 1 2", **found):
    of_unit = {"x86_64_avx2": {"forward": {"float32": found}}} if found else {}
    return {"cpu": name, "cpu_model": model, "cpus": 2, "caches": {"L1": 32768}, "found": of_unit}


def unit():
    return kernels.Unit(a_kernel("layer_norm", "rows"), toy.Space({"generator.a": [1, 2, 4, 8], "runtime.grain": [5]}, [], [], {}))


def candidate(point, ratios, repeats=None):
    final = {"final": {"ratios": ratios, "repeats": repeats}} if repeats else {}
    return {"point": point, "rounds": 36, "ratios": ratios, **final}


def finding(*candidates, reference=PRESENT, present=PRESENT, code=CODE):
    return {"code": code, "reference": reference, "present": present, "cases": ["L2", "DRAM"], "candidates": list(candidates)}


def known(*findings, present=PRESENT):
    return [choice.known(machine(f"M{i}"), each, present) for i, each in enumerate(findings)]


class Files(unittest.TestCase):
    def test_generations_of_one_name_are_two_files(self):
        paths = {machines.path_of(machine("AMD EPYC", model)).name for model in ("AuthenticAMD 25 1", "AuthenticAMD 25 17", "")}
        self.assertEqual(paths, {"amd-epyc-authenticamd-25-1.json", "amd-epyc-authenticamd-25-17.json", "amd-epyc.json"})

    def test_they_are_read_as_they_are_written(self):
        first = machine(**{"layer_norm.rows": finding(candidate(ONE, [0.9, 0.8], [0.85]), candidate(TWO, [1.1, 1]))})
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder) / "machines"
            machines.write(first, folder)
            self.assertEqual(machines.read_all(folder), [first])
            lines = machines.path_of(first, folder).read_text().splitlines()
            self.assertEqual(sum('"point"' in line and '"ratios"' in line for line in lines), 2)
            (folder / "bad.json").write_text('{"cpu": "x"}')
            with self.assertRaisesRegex(TuneError, "tune/machines/bad.json: expected an object"):
                machines.read_all(folder)

    def test_those_of_the_repository_can_be_read(self):
        for found in machines.read_all():
            self.assertEqual(machines.text(found), machines.path_of(found).read_text())

    def test_a_finding_more_leaves_the_others(self):
        old = machine(**{"tanh.dense": finding(), "layer_norm.rows": finding(code="old")})
        mine = machines.with_finding(machine(), [machine("Other", **{"x": finding()}), old], unit(), finding())
        of = mine["found"]["x86_64_avx2"]["forward"]["float32"]
        self.assertEqual({name: each["code"] for name, each in of.items()}, {"tanh.dense": CODE, "layer_norm.rows": CODE})
        self.assertEqual(machines.finding_of(old, unit())["code"], "old")

    def test_a_study_leaves_what_mattered(self):
        with tempfile.TemporaryDirectory() as folder:
            study = Study(Storage(f"sqlite:///{folder}/s.db"), "toy", toy.space(), toy.point(1, 1), {"cpu": "toy"}, seed=1, wanted=[toy.point(16, 4)])
            study.space.cases.append({"name": "a case"})
            Search(study, toy.Builder(toy.Clock()), 1).run()
            final = [{"point": toy.point(8, 3), "ratios": [0.51234], "repeats": [0.5, 0.52]}]
            found = machines.finding(CODE, study, toy.point(1, 1), final)
        points = [(c["point"]["generator.width"], c["point"]["generator.unroll"]) for c in found["candidates"]]
        self.assertEqual(points[0], (8, 3))
        self.assertIn((16, 4), points)
        self.assertLess(len(points), len(study.points) / 2)
        self.assertEqual(found["candidates"][0]["final"], {"ratios": [0.512], "repeats": [0.5, 0.52]})
        self.assertEqual((found["cases"], found["reference"]), (["a case"], toy.point(1, 1)))
        self.assertGreater(found["candidates"][0]["rounds"], race.FIRST)


class Choices(unittest.TestCase):
    def chosen(self, *findings, present=PRESENT):
        return json.loads(choice.choose(known(*findings, present=present), present))

    def test_the_best_of_one_machine(self):
        self.assertEqual(self.chosen(finding(candidate(ONE, [0.9, 0.9], [0.9, 0.92]), candidate(TWO, [0.8, 0.8], [0.8, 0.83]))), TWO)

    def test_the_worst_machine_decides(self):
        first = finding(candidate(ONE, [0.5, 0.5], [0.5]), candidate(TWO, [0.8, 0.8], [0.8]))
        second = finding(candidate(ONE, [0.99, 0.99], [0.99]), candidate(TWO, [0.9, 0.9], [0.9]))
        self.assertEqual(self.chosen(first), ONE)
        self.assertEqual(self.chosen(first, second), TWO)

    def test_a_loss_of_one_case_on_one_machine_forbids(self):
        first = finding(candidate(ONE, [0.5, 0.5], [0.5]))
        self.assertEqual(self.chosen(first, finding(candidate(ONE, [0.7, 1.029]))), ONE)
        self.assertEqual(self.chosen(first, finding(candidate(ONE, [0.7, 1.031]))), PRESENT)

    def test_what_a_machine_does_not_know_is_not_chosen(self):
        self.assertEqual(self.chosen(finding(candidate(ONE, [0.5, 0.5], [0.5])), finding(candidate(TWO, [0.5, 0.5], [0.5]))), PRESENT)

    def test_a_gain_is_one_of_a_final_comparison(self):
        self.assertEqual(self.chosen(finding(candidate(ONE, [0.5, 0.5]))), PRESENT)
        self.assertEqual(self.chosen(finding(candidate(ONE, [0.9, 0.9], [0.9, 0.99]))), PRESENT)
        old = finding(candidate(ONE, [0.5, 0.5], [0.5]), candidate(TWO, [0.9, 0.9], [0.9]), present=THREE)
        self.assertEqual(self.chosen(old), PRESENT)

    def test_a_machine_that_gains_nothing_loses_nothing(self):
        self.assertEqual(self.chosen(finding(candidate(ONE, [0.8, 0.8], [0.8])), finding(candidate(ONE, [1.0, 1.0]))), ONE)
        self.assertEqual(self.chosen(finding(candidate(ONE, [0.8, 0.8], [0.8])), finding(candidate(ONE, [1.02, 1.02]))), PRESENT)

    def test_ratios_are_brought_to_the_present_schedule(self):
        of = choice.known(machine(), finding(candidate(ONE, [0.5, 0.8]), candidate(TWO, [0.4, 0.4])), ONE)
        self.assertEqual(of.ratios[key(ONE)], [1, 1])
        self.assertEqual(of.ratios[key(PRESENT)], [2, 1.25])
        self.assertEqual(of.ratios[key(TWO)], [0.8, 0.5])

    def test_other_code_says_nothing(self):
        name = {"layer_norm.rows": finding(candidate(ONE, [0.5, 0.5], [0.5]), code="old")}
        self.assertEqual(choice.findings([machine(**name)], unit(), CODE), [])
        self.assertEqual(len(choice.findings([machine(**name), machine("Other")], unit(), "old")), 1)

    def test_a_machine_that_wants_another_one_is_told(self):
        every = known(finding(candidate(ONE, [0.9, 0.9], [0.9]), candidate(TWO, [0.6, 0.6], [0.6])),
                      finding(candidate(ONE, [0.8, 0.8], [0.8]), candidate(TWO, [1.2, 1.2], [1.2])))
        said = choice.told(every, key(ONE))
        self.assertIn(f"M0 (Maker 1 2): mean 0.900, worst case 0.900 (its own best, {key(TWO)}, has mean 0.600)", said)
        self.assertEqual(said.count("its own best"), 1)

    def test_leaders_elsewhere(self):
        name = {"layer_norm.rows": finding(candidate(ONE, [0.9, 0.9]), candidate(TWO, [0.5, 0.5]), candidate(THREE, [0.7, 0.7]))}
        self.assertEqual(choice.leaders([machine(**name)], unit(), CODE, 2), [TWO, THREE, PRESENT])


class Written(unittest.TestCase):
    def test_the_choice(self):
        entry = {"generator": {"a": 1}, "runtime": {"grain": 5}}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "x86_64_avx2.json"
            path.write_text(schedule_file.text({"forward": {"float32": {"rows": entry}}}))
            before = path.read_text()
            every = [(machine("M0"), finding(candidate(ONE, [0.9, 0.9], [0.9]))), (machine("M1"), finding(candidate(ONE, [0.8, 1.0])))]
            with unittest.mock.patch.object(schedule_file, "path_of", lambda target: path):
                self.assertIn("would take", settle(unit(), every, dry_run=True))
                self.assertEqual(path.read_text(), before)
                said = settle(unit(), every, dry_run=False)
                self.assertIn("M1 (Maker 1 2): mean 0.894, worst case 1.000", said)
                file = schedule_file.read("x86_64_avx2")
            self.assertEqual(file["forward"]["float32"]["rows"], entry)
            self.assertEqual(file["forward"]["float32"]["layer_norm.rows"], {
                "generator": {"a": 2}, "runtime": {"grain": 5},
                "tuned": {"machine": "M0 (Maker 1 2), M1 (Maker 1 2)", "gain": round(1 - values.mean([0.9, 0.9]), 3)}})


if __name__ == "__main__":
    unittest.main()
