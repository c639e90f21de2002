"""What the build reads of a file of schedules, and what it refuses, naming file and key.

usage: test_schedules.py CMAKE SOURCE_DIR
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

CMAKE, SOURCE = sys.argv[1:3]
SCRIPT = """
cmake_minimum_required(VERSION 3.28)
include({source}/cmake/KilnSchedules.cmake)
kiln_schedules({file} forward float32 layer_norm rows exact {is_device} FALSE "zen3;zen4;zen5" schedules where)
foreach(schedule IN LISTS schedules)
  kiln_schedule_numbers("${{schedule}}" "${{where}}" {is_device} params grain up_to family streamed)
  set(more "")
  if(NOT family STREQUAL general)
    string(APPEND more "|${{family}}")
  endif()
  if(streamed)
    string(APPEND more "|streamed")
  endif()
  message(STATUS "${{up_to}}|${{params}}|${{grain}}${{more}}")
endforeach()
"""


def schedule(width, grain, **more):
    return {**more, "generator": {"vector_width": width, "rows": 4}, "runtime": {"grain": grain}}


class Schedules(unittest.TestCase):
    def read(self, kernels, is_device=False):
        """Exit status and output of reading the kernel layer_norm rows exact."""
        with tempfile.TemporaryDirectory() as folder:
            file, script = pathlib.Path(folder, "target.json"), pathlib.Path(folder, "read.cmake")
            file.write_text(json.dumps({"forward": {"float32": kernels}}))
            script.write_text(SCRIPT.format(source=SOURCE, file=file, is_device="TRUE" if is_device else "FALSE"))
            done = subprocess.run([CMAKE, "-P", str(script)], capture_output=True, text=True)
        return done.returncode, done.stdout, " ".join(done.stderr.split())

    def expect(self, kernels, *rows, is_device=False):
        code, output, errors = self.read(kernels, is_device)
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(output.split("\n")[:-1], [f"-- {row}" for row in rows])

    def refuse(self, entry, *words, is_device=False):
        code, output, errors = self.read({"rows": schedule(8, 9), "layer_norm.rows": entry}, is_device)
        self.assertNotEqual(code, 0, f"{entry} was read as {output}")
        for word in ("target.json: forward: float32: layer_norm.rows", *words):
            self.assertIn(word, errors)

    def test_the_entry_that_says_most_is_taken_whole(self):
        kernels = {"rows": schedule(8, 100)}
        self.expect(kernels, "|rows=4;vector_width=8|100")
        kernels["layer_norm.rows"] = {"generator": {}, "runtime": {"grain": 200}}
        self.expect(kernels, "||200")
        kernels["layer_norm.rows.exact"] = schedule(2, 300)
        kernels["layer_norm.rows.fast"] = kernels["tanh.rows"] = schedule(1, 400)
        self.expect(kernels, "|rows=4;vector_width=2|300")

    def test_a_device_has_no_grain(self):
        self.expect({"rows": {"generator": {"threads": 64}, "runtime": {}}}, "|threads=64|0", is_device=True)

    def test_what_is_streamed(self):
        classes = [schedule(4, 48, up_to=256, streamed=False), schedule(16, 64, up_to=512, streamed=True)]
        self.expect({"rows": schedule(8, 96, streamed=True, classes=classes)}, "256|rows=4;vector_width=4|48",
                    "512|rows=4;vector_width=16|64|streamed", "512|rows=4;vector_width=16|64",
                    "|rows=4;vector_width=8|96|streamed", "|rows=4;vector_width=8|96")

    def test_what_is_streamed_may_have_numbers_of_its_own(self):
        own = schedule(8, 96, streamed={"rows": 1}, variants=[schedule(2, 32, family="zen3", streamed={"rows": 2, "vector_width": 4})])
        self.expect({"rows": {**own, "classes": [schedule(16, 64, up_to=256, streamed={"vector_width": 8})]}},
                    "256|rows=4;vector_width=8|64|streamed", "256|rows=4;vector_width=16|64",
                    "|rows=2;vector_width=4|32|zen3|streamed", "|rows=1;vector_width=8|96|streamed",
                    "|rows=4;vector_width=2|32|zen3", "|rows=4;vector_width=8|96")

    def test_numbers_of_what_is_streamed_are_those_of_the_generator(self):
        for streamed, words in (({"row": 1}, "row: expected a number that generator has too, got 1"),
                                ({"rows": 1, "grain": 16}, "grain: expected a number that generator has too"),
                                ({"rows": "1x"}, "rows: expected a number that generator has too, got 1x"),
                                ({"rows": True}, "rows: expected a number that generator has too, got ON"),
                                ({"rows": -1}, "rows: expected a number that generator has too, got -1")):
            with self.subTest(streamed):
                self.refuse_of_entry_and_class({"streamed": streamed}, "streamed: " + words)

    def test_what_is_streamed_stands_before_variants_that_are_not(self):
        variants = [schedule(1, 16, family="zen4"), schedule(2, 32, family="zen3", streamed=True)]
        rows = ["|rows=4;vector_width=2|32|zen3|streamed", "|rows=4;vector_width=8|96|streamed", "|rows=4;vector_width=1|16|zen4",
                "|rows=4;vector_width=2|32|zen3", "|rows=4;vector_width=8|96"]
        self.expect({"rows": schedule(8, 96, streamed=True, variants=variants)}, *rows)
        small = schedule(8, 96, up_to=256, streamed=True, variants=variants)
        self.expect({"rows": schedule(4, 48, classes=[small])}, *(f"256{row}" for row in rows), "|rows=4;vector_width=4|48")

    def test_what_cannot_be_streamed_is_refused(self):
        for value in (1, "yes", None, {}):
            with self.subTest(value=value):
                self.refuse(schedule(8, 16, streamed=value), "streamed: expected true, false or numbers")
        self.refuse_of_entry_and_class({"variants": [schedule(8, 16, family="zen4", streamed=1)]},
                                       "variant of zen4: streamed: expected true, false or numbers")
        self.refuse(schedule(8, 24, streamed=True), "runtime.grain: expected a multiple of 16, where streamed, got 24")
        for value in (True, {"rows": 1}):
            self.refuse(schedule(8, 16, streamed=value), "streamed: expected true, false or numbers, of a CPU", is_device=True)

    def test_classes_come_first_in_their_order(self):
        classes = [schedule(4, 50, up_to=256), schedule(16, 70, up_to=10**12)]
        self.expect({"rows": schedule(8, 100, classes=classes)}, "256|rows=4;vector_width=4|50",
                    f"{10**12}|rows=4;vector_width=16|70", "|rows=4;vector_width=8|100")
        self.expect({"rows": schedule(8, 100, classes=[])}, "|rows=4;vector_width=8|100")

    def test_variants_stand_before_what_they_are_of(self):
        variants = [schedule(1, 10, family="zen4"), schedule(2, 20, family="zen3")]
        self.expect({"rows": schedule(8, 100, variants=variants)}, "|rows=4;vector_width=1|10|zen4",
                    "|rows=4;vector_width=2|20|zen3", "|rows=4;vector_width=8|100")
        classes = [schedule(4, 50, up_to=256, variants=variants[:1]), schedule(16, 70, up_to=300)]
        self.expect({"rows": schedule(8, 100, classes=classes, variants=variants[1:])}, "256|rows=4;vector_width=1|10|zen4",
                    "256|rows=4;vector_width=4|50", "300|rows=4;vector_width=16|70", "|rows=4;vector_width=2|20|zen3",
                    "|rows=4;vector_width=8|100")
        self.expect({"rows": schedule(8, 100, variants=[])}, "|rows=4;vector_width=8|100")

    def test_a_variant_on_a_device_is_refused(self):
        self.refuse(schedule(8, 9, variants=[schedule(4, 9, family="zen4")]), "variants: expected none in a device's file",
                    is_device=True)

    def refuse_of_entry_and_class(self, more, *words):
        self.refuse(schedule(8, 9, **more), *words)
        self.refuse(schedule(8, 9, classes=[schedule(4, 9, up_to=256, **more)]), "class of up_to 256", *words)

    def test_a_family_that_is_none_is_refused(self):
        for family, shown in (("zen", "got zen"), ("general", "got general"), ("", "got"), (4, "got 4"), (None, "got")):
            with self.subTest(family=family):
                self.refuse_of_entry_and_class({"variants": [schedule(4, 9, family=family)]},
                                               "variants[0]: family: expected one of zen3, zen4, zen5, each once", shown)
        self.refuse_of_entry_and_class({"variants": [schedule(4, 9)]}, "variants[0]: family: expected one of zen3")
        self.refuse_of_entry_and_class({"variants": [schedule(4, 9, family="zen4"), schedule(2, 9, family="zen4")]},
                                       "variants[1]: family: expected one of zen3, zen5, each once; got zen4")

    def test_variants_that_are_no_array_are_refused(self):
        self.refuse_of_entry_and_class({"variants": schedule(4, 9, family="zen4")}, "variants: expected an array, got OBJECT")

    def test_a_variant_has_no_classes_and_no_variants(self):
        for key, value in (("up_to", 256), ("classes", []), ("variants", [])):
            with self.subTest(key):
                self.refuse_of_entry_and_class({"variants": [schedule(4, 9, family="zen4", **{key: value})]},
                                               f"variants[0]: {key}: expected outside of variants")

    def test_a_family_outside_variants_is_refused(self):
        self.refuse_of_entry_and_class({"family": "zen4"}, "family: expected within variants alone")

    def test_a_class_on_a_device_is_refused(self):
        self.refuse(schedule(8, 9, classes=[schedule(4, 9, up_to=256)]), "classes: expected none in a device's file",
                    is_device=True)

    def test_an_extent_that_is_no_positive_integer_is_refused(self):
        for up_to, shown in ((0, "0"), (-5, "-5"), (2.5, "2.5"), ("256", "256"), (None, "got"), (10**18, "10000000"),
                             (True, "got"), ([256], "256")):
            with self.subTest(up_to=up_to):
                self.refuse(schedule(8, 9, classes=[schedule(4, 9, up_to=up_to)]),
                            "classes[0]: up_to: expected a positive integer", shown)
        self.refuse(schedule(8, 9, classes=[schedule(4, 9)]), "classes[0]: up_to: expected a positive integer")
        self.refuse(schedule(8, 9, classes=[7]), "classes[0]: up_to: expected a positive integer")

    def test_extents_that_do_not_ascend_are_refused(self):
        for first, second in ((256, 256), (256, 32), (1000, 999)):
            with self.subTest(extents=(first, second)):
                self.refuse(schedule(8, 9, classes=[schedule(4, 9, up_to=first), schedule(4, 9, up_to=second)]),
                            f"classes[1]: up_to: expected more than {first}, the one before, got {second}")

    def test_classes_that_are_no_array_are_refused(self):
        self.refuse(schedule(8, 9, classes=schedule(4, 9, up_to=256)), "classes: expected an array, got OBJECT")

    def test_an_extent_outside_classes_is_refused(self):
        self.refuse(schedule(8, 9, up_to=256), "up_to: expected within classes alone")

    def test_what_lacks_numbers_is_refused(self):
        for entry, words in (({"runtime": {"grain": 9}}, "expected an object generator"),
                             ({"generator": {}}, "runtime.grain: expected a positive integer"),
                             ({"generator": {}, "runtime": {"grain": 0}}, "runtime.grain: expected a positive integer"),
                             ({"generator": {}, "runtime": {"grain": 1.5}}, "got 1.5")):
            with self.subTest(entry=entry):
                self.refuse(entry, words)
                self.refuse(schedule(8, 9, classes=[{"up_to": 256, **entry}]), "class of up_to 256", words)
                self.refuse_of_entry_and_class({"variants": [{"family": "zen4", **entry}]}, "variant of zen4", words)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
