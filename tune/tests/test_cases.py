"""Cases of spaces: which they are, and that each of them runs the kernel, and the shape class, that it is to speak for."""
import functools
import json
import math
import os
import pathlib
import subprocess
import tempfile
import unittest

from tune import cases, kernels, spaces
from tune.errors import TuneError
from tune.link import link
from tune.tests.test_spaces import a_kernel

LARGEST = 1 << 22  # elements: the kernel of a larger case is that of a smaller one of its shape


class Cases(unittest.TestCase):
    def names(self, entries, kernel, within=(None, None), least_task=16384, machine=None):
        return [c["name"] for c in cases.of_kernel(entries, kernel, within, least_task, machine)]

    def test_cases_of_the_benchmark_at_each_level(self):
        names = self.names([{"bench": ["*", "!lstm-*"]}], a_kernel("tanh", "dense"))
        self.assertEqual(names, [
            "call-overhead 16 contiguous, 1 thread", "tanh n L1 contiguous, 1 thread", "tanh n L2 contiguous, 1 thread",
            "tanh n L2 contiguous, all threads", "tanh n L3 contiguous, 1 thread", "tanh n L3 contiguous, all threads",
            "tanh n DRAM contiguous, 1 thread", "tanh n DRAM contiguous, all threads"])

    def test_sizes_are_the_machines(self):
        machine = {"caches": {"L1": 1 << 20}, "memory_bytes": 1 << 40}
        found = cases.of_kernel([{"shape": ["n", 64], "levels": ["L1", "L3", "DRAM"]}], a_kernel("tanh", "dense"), (None, None), None, machine)
        self.assertEqual([c["shape"] for c in found], [[1024, 64], [16384, 64]])

    def test_an_entry_changes_arguments_and_layout(self):
        found, *_ = cases.of_kernel([{"bench": ["alexnet-lrn1"], "layout": "channels_last", "arguments": {"beta": 0.5}}],
                                    a_kernel("lrn_half", "channels_last"), (None, None), None)
        self.assertEqual((found["layout"], found["arguments"]), ("channels_last", {"size": 5, "beta": 0.5}))

    def test_what_another_class_serves_is_left_out(self):
        entries = [{"shape": [4096, n], "arguments": {"normalized_shape": [n]}, "threads": 1} for n in (64, 256, 768)]
        kernel = a_kernel("layer_norm", "rows")
        for within, expected in (((256, None), [768]), ((0, 256), [64, 256]), ((64, 256), [256])):
            found = cases.of_kernel(entries, kernel, within, 1)
            self.assertEqual([c["shape"][1] for c in found], expected, within)
        with self.assertRaisesRegex(TuneError, "no case whose extent lies above 64 and up to 128"):
            cases.of_kernel(entries, kernel, (64, 128), 1)

    def test_classes_share_the_cases(self):
        self.assertEqual([kernels.served({64, 256}, up_to) for up_to in (64, 256, None)], [(0, 64), (64, 256), (256, None)])
        self.assertEqual(kernels.served(set(), None), (None, None))


class OfTheRepository(unittest.TestCase):
    """On this machine, for every target that it runs. All kernels of a target are put out by ones that say their names."""

    @classmethod
    def setUpClass(cls):
        cls.manifest, declared = kernels.Manifest(os.environ["KILN_BUILD"]), spaces.read()
        machine = ask([cls.manifest.build / "bin/kiln_bench"], [{"do": "describe"}])
        machine, = (json.loads(line)["machine"] for line in machine)
        cls.targets = [kernels.target_of_isa(isa, machine["architecture"]) for isa in machine["isas"]]
        cls.units = {target: [unit for dtype in sorted({k.dtype for k in cls.manifest.kernels if k.target == target})
                              for unit in kernels.units(cls.manifest, target, declared, [], dtype=dtype)] for target in cls.targets}

    def every(self):
        return [unit for target in self.targets for unit in self.units[target]]

    def test_names_are_unique(self):
        for unit in self.every():
            names = [c["name"] for c in unit.space.cases]
            self.assertEqual(len(names), len(set(names)), unit.name)

    def test_large_and_small_cases_on_one_thread_and_all(self):
        for unit in self.every():
            sizes = [math.prod(c["shape"]) for c in unit.space.cases]
            self.assertEqual({c["threads"] for c in unit.space.cases}, {1, "all"}, unit.name)
            if unit.kernel.form != "combine":
                self.assertGreater(max(sizes) / min(sizes), 4, unit.name)

    def test_all_targets_have_classes_or_none(self):
        """Such that the shape classes of one at least are looked at below."""
        self.assertTrue(any(unit.up_to and unit.kernel.up_to for unit in self.every()) or len(self.targets) == 1)

    def program(self, target, folder):
        symbols = sorted({k.symbol for k in self.manifest.kernels if k.target == target})  # shape classes may share one
        code = "#include <stdio.h>\n" + "".join(f'int {s}(void) {{ puts("{s}"); return fflush(stdout); }}\n' for s in symbols)
        (folder / "named.c").write_text(code)
        subprocess.run([self.manifest.compiler, "-x", "c", "-c", folder / "named.c", "-o", folder / "named.o"], check=True)
        return link(self.manifest, "kiln_bench", [folder / "named.o"], folder)

    def called(self, program, case, accuracy, isa):
        """The kernels that a case calls."""
        request = {"case": {n: v for n, v in case.items() if n not in ("name", "threads")}, "isas": [isa]}
        said = ask([program], [{"do": "open", "as": "0", **request, "only": [f"kiln/{accuracy}/{isa}"]}, {"do": "bits", "of": "0"}])
        replies = [line for line in said if line.startswith("{")]
        self.assertEqual(len(replies), 2, said)
        self.assertNotIn("error", "".join(replies))
        return {line for line in said if line not in replies}

    def test_every_case_runs_its_kernel(self):
        for target in self.targets:
            with tempfile.TemporaryDirectory() as folder:
                program = self.program(target, pathlib.Path(folder))
                self.check(target, program)

    def check(self, target, program):
        called = functools.cache(lambda case, accuracy: self.called(program, json.loads(case), accuracy, kernels.isa_of(target)))
        for unit in self.units[target]:
            for case in unit.space.cases:
                if case["threads"] == 1 and math.prod(case["shape"]) <= LARGEST:
                    with self.subTest(f"{target}: {unit.kernel.dtype}: {unit.name}: {case['name']}"):
                        self.assertIn(unit.kernel.symbol, called(json.dumps(case), unit.kernel.accuracy))


def ask(command, requests):
    """The lines that kiln_bench says."""
    given = "".join(json.dumps(request) + "\n" for request in requests)
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=True).stdout.splitlines()


if __name__ == "__main__":
    unittest.main()
