"""Variants for CPU families: whose kernel is tuned, who wants numbers of its own, and what is written. The machines are made up."""
import dataclasses
import pathlib
import sys
import tempfile
import types
import unittest
import unittest.mock

from tune import choice, families, kernels, link, schedule_file, spaces
from tune.errors import CandidateFailed, TuneError
from tune.locks import key
from tune.settle import settle
from tune.tests.test_machines import ONE, PRESENT, TWO, candidate, finding, machine, unit
from tune.tests.test_spaces import a_kernel

ZEN4, OTHER_ZEN4, ZEN5, UNKNOWN = "AuthenticAMD 25 17", "AuthenticAMD 25 97", "AuthenticAMD 26 68", "Maker 1 2"
WIDE = finding(candidate(ONE, [0.8, 0.9], [0.85]), candidate(TWO, [1.2, 1.2]))  # of a machine that wants ONE
NARROW = finding(candidate(TWO, [0.7, 0.9], [0.8]), candidate(ONE, [1.3, 1.3]))  # of one that wants TWO
SAME = finding(candidate(ONE, [1.0, 1.0]), candidate(TWO, [1.0, 1.0]))


class Families(unittest.TestCase):
    def test_cpus(self):
        for cpu_model, family in ((ZEN4, "zen4"), (OTHER_ZEN4, "zen4"), (ZEN5, "zen5"), ("GenuineIntel 6 143", "sapphire_rapids"),
                                  ("GenuineIntel 6 207", "sapphire_rapids"), (UNKNOWN, "general"), ("GenuineIntel 25 17", "general"),
                                  ("AuthenticAMD 23 49", "general"), ("", "general")):
            self.assertEqual(families.of({"cpu_model": cpu_model}), family, cpu_model)
        self.assertEqual(families.of({"cpu": "Example"}), "general")


class Serving(unittest.TestCase):
    def test_the_kernel_that_is_tuned_is_the_one_that_serves_the_machine(self):
        general = a_kernel("layer_norm", "rows")
        rows = {name: dataclasses.replace(general, symbol=name, up_to=up_to, cpu_family=family)
                for name, up_to, family in (("small_zen4", 64, "zen4"), ("small", 64, "general"), ("all_zen5", None, "zen5"), ("all", None, "general"))}
        manifest = types.SimpleNamespace(kernels=list(rows.values()))
        for up_to, family, expected in ((64, "zen4", "small_zen4"), (64, "zen5", "small"), (65, "zen4", "all"), (None, "zen4", "all"),
                                        (None, "zen5", "all_zen5"), (65, "zen5", "all_zen5"), (None, "general", "all"), (9, "zen4", "small_zen4")):
            self.assertEqual(kernels.kernel_serving(manifest, general, up_to, family).symbol, expected, (up_to, family))

    def test_a_machines_units(self):
        general = a_kernel("layer_norm", "rows")
        manifest = types.SimpleNamespace(kernels=[dataclasses.replace(general, symbol="own", cpu_family="zen4"), general])
        declared = [{"kernels": ["layer_norm.rows"], "where": "cpu", "generator": {}, "cases": [{"shape": [4, 64], "arguments": {"normalized_shape": [64]}}]}]
        for cpu_model, expected in ((ZEN4, ("own", "zen4")), (ZEN5, ("symbol", "zen5")), (UNKNOWN, ("symbol", "general"))):
            on = {"caches": spaces.cases.USUAL["caches"], "memory_bytes": 1 << 30, "cpu_model": cpu_model}
            found, = kernels.units(manifest, "x86_64_avx2", declared, [], machine=on)
            self.assertEqual((found.kernel.symbol, found.family), expected)

    def test_its_checks_run_as_on_that_machine(self):
        said = f"import os, sys; sys.exit(os.environ['{families.VARIABLE}'] != 'zen4')"
        link.run([sys.executable, "-c", said], 60, "wrong results", "it", **{families.VARIABLE: "zen4"})
        with self.assertRaises(CandidateFailed):
            link.run([sys.executable, "-c", said], 60, "wrong results", "it", **{families.VARIABLE: "general"})

    def test_rows_name_the_family(self):
        self.assertIn(", x86_64_avx2, zen4, symbol, 5, ", dataclasses.replace(a_kernel("layer_norm", "rows"), cpu_family="zen4").row())


def numbers(a):
    return {"generator": {"a": a}, "runtime": {"grain": 5}}


class Entries(unittest.TestCase):
    def setUp(self):
        self.entry = {**numbers(1), "variants": [{"family": "zen5", **numbers(4)}], "classes": [
            {"up_to": 64, **numbers(2), "variants": [{"family": "zen4", **numbers(8)}]}]}
        self.file = {"forward": {"float32": {"rows": self.entry}}}

    def of_class(self, up_to):
        return dataclasses.replace(unit(), up_to=up_to)

    def test_present(self):
        for up_to, family, a in ((None, "general", 1), (None, "zen4", 1), (None, "zen5", 4), (64, "zen4", 8), (64, "zen5", 2), (65, "zen5", 4)):
            self.assertEqual(self.of_class(up_to).present(self.file, family)["generator.a"], a, (up_to, family))
        self.assertEqual(dataclasses.replace(unit(), family="zen5").present(self.file)["generator.a"], 4)
        self.entry["variants"][0]["generator"]["a"] = 3
        with self.assertRaisesRegex(TuneError, "schedules/x86_64_avx2.json: the entry of layer_norm.rows lies outside"):
            unit().present(self.file, "zen5")

    def test_numbers_for_all_leave_classes_and_variants(self):
        self.assertEqual(unit().updated(self.file, numbers(8)), {**self.entry, **numbers(8)})
        small = {"up_to": 64, **numbers(1), "variants": self.entry["classes"][0]["variants"]}
        self.assertEqual(self.of_class(64).updated(self.file, numbers(1)), {**self.entry, "classes": [small]})

    def test_a_variant(self):
        both = [{"family": "zen4", **numbers(2)}, {"family": "zen5", **numbers(4)}]
        self.assertEqual(unit().with_variant(self.file, "zen4", numbers(2)), {**self.entry, "variants": both})
        self.assertEqual(unit().with_variant(self.file, "zen5", numbers(2)), {**self.entry, "variants": [{"family": "zen5", **numbers(2)}]})

    def test_what_is_streamed_stays(self):
        self.entry["streamed"] = self.entry["variants"][0]["streamed"] = self.entry["classes"][0]["streamed"] = True
        self.assertEqual(unit().updated(self.file, numbers(8)), {**self.entry, **numbers(8)})
        self.assertEqual(self.of_class(64).updated(self.file, numbers(1))["classes"], [{**self.entry["classes"][0], **numbers(1)}])
        self.assertEqual(unit().with_variant(self.file, "zen5", numbers(2))["variants"], [{"family": "zen5", **numbers(2), "streamed": True}])
        self.assertTrue(self.of_class(128).updated(self.file, numbers(2))["classes"][1]["streamed"])

    def test_none_any_more(self):
        without = {n: v for n, v in self.entry.items() if n != "variants"}
        self.assertEqual(unit().with_variant(self.file, "zen5", None), without)
        self.assertEqual(unit().with_variant(self.file, "zen4", None), self.entry)
        self.assertEqual(self.of_class(64).with_variant(self.file, "zen4", None), {**self.entry, "classes": [{"up_to": 64, **numbers(2)}]})

    def test_a_class_of_its_own_begins_as_what_served_it(self):
        made = {"up_to": 128, **numbers(1), "variants": [{"family": "zen4", **numbers(2)}, {"family": "zen5", **numbers(4)}]}
        self.assertEqual(self.of_class(128).with_variant(self.file, "zen4", numbers(2)), {**self.entry, "classes": [*self.entry["classes"], made]})


class Choices(unittest.TestCase):
    def variants(self, *found, own=None):
        """[(CPU, finding)]; `own`: {family: the numbers of its variant}"""
        every = [choice.known(machine(f"M{i}", cpu_model), each, PRESENT, (own or {}).get(families.of({"cpu_model": cpu_model})))
                 for i, (cpu_model, each) in enumerate(found)]
        general = choice.choose(every, PRESENT)
        return general, choice.variants(every, general, PRESENT)

    def test_families_that_want_different_numbers(self):
        self.assertEqual(self.variants((ZEN4, WIDE), (ZEN5, NARROW)), (key(PRESENT), {"zen4": key(ONE), "zen5": key(TWO)}))

    def test_one_family_has_the_choice_for_all(self):
        self.assertEqual(self.variants((ZEN4, WIDE)), (key(ONE), {}))
        self.assertEqual(self.variants((ZEN4, WIDE), (OTHER_ZEN4, NARROW)), (key(PRESENT), {}))

    def test_families_that_want_the_same(self):
        self.assertEqual(self.variants((ZEN4, WIDE), (ZEN5, WIDE)), (key(ONE), {}))

    def test_a_cpu_of_no_family_has_no_variant(self):
        self.assertEqual(self.variants((ZEN4, WIDE), (UNKNOWN, NARROW)), (key(PRESENT), {"zen4": key(ONE)}))

    def test_what_gains_little_is_no_variant(self):
        for ratio, wanted in ((0.965, {"zen4": key(ONE)}), (0.975, {})):
            little = finding(candidate(ONE, [ratio, ratio], [ratio]), candidate(TWO, [1.2, 1.2]))
            self.assertEqual(self.variants((ZEN4, little), (ZEN5, NARROW)), (key(PRESENT), {**wanted, "zen5": key(TWO)}), ratio)

    def test_what_gains_little_over_the_choice_for_all_is_no_variant(self):
        both = finding(candidate(ONE, [0.8, 0.8], [0.8]), candidate(TWO, [0.81, 0.81], [0.81]))
        self.assertEqual(self.variants((ZEN4, both), (ZEN5, NARROW)), (key(TWO), {}))

    def test_a_loss_in_one_case_of_one_of_its_machines_forbids(self):
        losing = finding(candidate(ONE, [0.5, 1.031], [0.8]))
        self.assertEqual(self.variants((ZEN4, losing), (ZEN5, SAME)), (key(PRESENT), {}))
        self.assertEqual(self.variants((ZEN4, WIDE), (OTHER_ZEN4, losing), (ZEN5, NARROW)), (key(PRESENT), {"zen5": key(TWO)}))

    def test_a_loss_to_the_choice_for_all_forbids(self):
        uneven = finding(candidate(ONE, [0.4, 0.945], [0.7]), candidate(TWO, [0.8, 0.9], [0.9]))
        self.assertEqual(self.variants((ZEN4, uneven), (ZEN5, NARROW)), (key(TWO), {}))

    def test_a_gain_is_one_of_a_final_comparison(self):
        unproven = finding(candidate(ONE, [0.8, 0.9]))
        self.assertEqual(self.variants((ZEN4, unproven), (ZEN5, NARROW)), (key(PRESENT), {"zen5": key(TWO)}))

    def test_a_variant_that_is_there_is_held_to_the_same_gain(self):
        own = {"zen4": ONE}
        for ratio, kept in ((0.9, True), (0.99, False)):
            there = finding(candidate(PRESENT, [1 / ratio, 1 / ratio]), candidate(TWO, [1.2, 1.2]), reference=ONE, present=ONE)
            for others in ([], [(ZEN5, NARROW)]):
                _, found = self.variants((ZEN4, there), *others, own=own)
                self.assertEqual(found.get("zen4"), key(ONE) if kept else None, (ratio, others))

    def test_a_variant_that_is_there_gives_way_to_a_better_one(self):
        better = finding(candidate(PRESENT, [1.2, 1.2]), candidate(TWO, [0.9, 0.9], [0.9]), reference=ONE, present=ONE)
        self.assertEqual(self.variants((ZEN4, better), own={"zen4": ONE}), (key(PRESENT), {"zen4": key(TWO)}))

    def test_a_variant_stays_where_nobody_knows_the_choice_for_all(self):
        blind = finding(candidate(TWO, [1.2, 1.2]), reference=ONE, present=ONE)
        self.assertEqual(self.variants((ZEN4, blind), own={"zen4": ONE})[1], {"zen4": key(ONE)})


class Written(unittest.TestCase):
    def setUp(self):
        self.path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "x86_64_avx2.json"
        self.enterContext(unittest.mock.patch.object(schedule_file, "path_of", lambda target: self.path))
        self.write(numbers(1))

    def write(self, entry):
        self.path.write_text(schedule_file.text({"forward": {"float32": {"rows": entry}}}))

    def settle(self, *found, dry_run=False):
        return settle(unit(), [(machine(f"M{i}", cpu_model), each) for i, (cpu_model, each) in enumerate(found)], dry_run)

    def entry(self):
        return kernels.entry_of(schedule_file.read("x86_64_avx2"), unit().kernel)

    def test_variants(self):
        before = self.path.read_text()
        said = self.settle((ZEN4, WIDE), (ZEN5, NARROW), dry_run=True)
        self.assertIn("the present schedule stays; zen4 would take {'generator': {'a': 2}, 'runtime': {'grain': 5}}", said)
        self.assertEqual(self.path.read_text(), before)
        said = self.settle((ZEN4, WIDE), (ZEN5, NARROW))
        self.assertIn("times of the numbers for all: M0 (AuthenticAMD 25 17): mean 0.849, worst case 0.900", said)
        tuned = {"machine": "M0 (AuthenticAMD 25 17)", "gain": 0.151}
        of_zen5 = {"machine": "M1 (AuthenticAMD 26 68)", "gain": 0.206}
        self.assertEqual(self.entry(), {**numbers(1), "variants": [{"family": "zen4", **numbers(2), "tuned": tuned},
                                                                    {"family": "zen5", **numbers(4), "tuned": of_zen5}]})

    def test_what_serves_already_stays(self):
        self.write({**numbers(1), "variants": [{"family": "zen4", **numbers(2), "tuned": {"machine": "M", "gain": 0.5}}]})
        before = self.path.read_text()
        there = finding(candidate(PRESENT, [1.25, 1.25]), candidate(TWO, [1.2, 1.2]), reference=ONE, present=ONE)
        self.assertIn("zen4 keeps its variant, times of the numbers for all: M0 (AuthenticAMD 25 17): mean 0.800", self.settle((ZEN4, there)))
        self.assertEqual(self.path.read_text(), before)

    def test_a_variant_that_gains_no_more_goes(self):
        self.write({**numbers(1), "variants": [{"family": "zen4", **numbers(2)}, {"family": "zen3", **numbers(4)}]})
        there = finding(candidate(PRESENT, [1.0, 1.0]), reference=ONE, present=ONE)
        self.assertIn("zen4 takes the numbers for all", self.settle((ZEN4, there)))
        self.assertEqual(self.entry(), {**numbers(1), "variants": [{"family": "zen3", **numbers(4)}]})


if __name__ == "__main__":
    unittest.main()
