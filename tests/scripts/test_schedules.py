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
kiln_schedules({file} forward float32 layer_norm rows exact {is_device} schedules where)
foreach(schedule IN LISTS schedules)
  kiln_schedule_numbers("${{schedule}}" "${{where}}" {is_device} params grain up_to streamed)
  if(streamed)
    string(APPEND grain "|streamed")
  endif()
  message(STATUS "${{up_to}}|${{params}}|${{grain}}")
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
                    "512|rows=4;vector_width=16|64|streamed", "|rows=4;vector_width=8|96|streamed")

    def test_what_cannot_be_streamed_is_refused(self):
        for value in (1, "yes", None, {}):
            with self.subTest(value=value):
                self.refuse(schedule(8, 16, streamed=value), "streamed: expected true or false")
        self.refuse(schedule(8, 24, streamed=True), "runtime.grain: expected a multiple of 16, where streamed, got 24")
        self.refuse(schedule(8, 16, streamed=True), "streamed: expected true or false, of a CPU", is_device=True)

    def test_classes_come_first_in_their_order(self):
        classes = [schedule(4, 50, up_to=256), schedule(16, 70, up_to=10**12)]
        self.expect({"rows": schedule(8, 100, classes=classes)}, "256|rows=4;vector_width=4|50",
                    f"{10**12}|rows=4;vector_width=16|70", "|rows=4;vector_width=8|100")
        self.expect({"rows": schedule(8, 100, classes=[])}, "|rows=4;vector_width=8|100")

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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
