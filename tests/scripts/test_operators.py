#!/usr/bin/env python3
"""The table of operators: what is wrong in it is refused by name when the build is configured, and what is written from
it changes only where the table does.

    test_operators.py CMAKE SOURCE_DIR
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CMAKE, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
TABLE = (SOURCE / "operators.toml").read_text()
GENERATOR = [sys.executable, "-B", SOURCE / "scripts/generate_operators.py"]


class Table(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kiln-operators-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def generate(self, text):
        (self.folder / "operators.toml").write_text(text)
        return subprocess.run([*GENERATOR, "--operators", self.folder / "operators.toml", "--out", self.folder / "out"],
                              capture_output=True, text=True)

    def edited(self, *edits):
        text = TABLE
        for old, new in edits:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        return text


class Refused(Table):
    def refuse(self, *edits, says):
        done = self.generate(self.edited(*edits))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        for word in ["Kiln: operators.toml: ", *says]:
            self.assertIn(word, done.stderr)
        self.assertFalse((self.folder / "out").exists(), "something was written")

    def test_unknown_keys(self):
        self.refuse(('torch = "tanh"', 'torch = "tanh"\nschedule = "dense"'), says=["operator.tanh", "'schedule'"])
        self.refuse(("inplace = true", "inplace = 1"), says=["operator.hardsigmoid", "inplace", "another type"])
        self.refuse(("least_rank = 3", "rank = 3"), says=["operator.local_response_norm", "input", "'rank'"])
        self.refuse(("example = 5", "usual = 5"), says=["operator.local_response_norm", "size", "'usual'"])
        self.refuse(("[defaults]\naccuracies", "[default]\naccuracies"), says=["'default'"])

    def test_missing_keys(self):
        self.refuse(('onnx = "Mish"\n', ""), says=["operator.mish", "onnx"])
        self.refuse((', doc = "Exponent"', ""), says=["operator.local_response_norm", "beta", "doc"])
        self.refuse(('dtypes = ["float32", "float16", "bfloat16"]\n', ""), says=["operator.tanh", "dtypes"])
        self.refuse(("\n[gradient.elementwise]", "\n[gradient.window]"), says=["gradient.elementwise"])
        self.refuse(('identity = 1.0\n', ""), says=["operator.batch_norm", "weight", "identity"])
        self.refuse((', written_when = "training"', ""), says=["operator.batch_norm", "running_mean", "written_when"])

    def test_words_that_mean_nothing(self):
        self.refuse(('family = "window"', 'family = "windows"'),
                    says=["operator.local_response_norm", "family", "'windows'"])
        self.refuse(('accuracies = ["exact", "fast"]', 'accuracies = ["exact", "fastest"]'),
                    says=["operator.tanh", "accuracies", "'fastest'"])
        self.refuse(('accuracies = ["exact", "fast"]', 'accuracies = ["fast"]'), says=["operator.tanh", "accuracies"])
        self.refuse(('dtypes = ["float32", "float16", "bfloat16"]', 'dtypes = ["float64"]'), says=["dtypes", "'float64'"])
        self.refuse(('allowed = "at_least_one"', 'allowed = "positive"'), says=["size", "allowed", "'positive'"])
        self.refuse(('role = "parameter"', 'role = "weights"'),
                    says=["operator.batch_norm", "weight", "role", "'weights'"])
        self.refuse(('shape = "normalized_shape"', 'shape = "columns"'), says=["operator.layer_norm", "weight", "'columns'"])
        self.refuse(('takes = ["input", "output"]', 'takes = ["inputs", "output"]'), says=["operator.tanh", "inputs"])
        self.refuse(('like = "bias_of_rows"', 'like = "bias_of_row"'),
                    says=["operator.layer_norm", "bias", "[shared.bias_of_row]"])

    def test_stages(self):
        self.refuse(('"lrn_half"', '"lrn_third"'), says=["operator.local_response_norm", "kernels", "'lrn_third'"])
        self.refuse(('"lrn_half"', '"lrn_one"'),
                    says=["operator.local_response_norm", "kernels", "'lrn_one'", "2 times"])
        self.refuse(('onnx = "Mish"', 'onnx = "Mish"\nkernels = ["copy"]'), says=["operator.mish", "kernels"])
        self.refuse(('kernels = ["lrn_three_quarters", "lrn_half", "lrn_one", "lrn_general", "channel_apply"]\n', ""),
                    says=["operator.local_response_norm", "kernels"])

    def test_defaults_outside_of_what_is_allowed(self):
        self.refuse(("default = 1e-12", "default = -1e-12"),
                    says=["operator.normalize", "eps", "default", "at_least_zero"])
        self.refuse(("default = 0.1", "default = nan"), says=["momentum", "default", "number"])
        self.refuse(("default = [1]", "default = [1, 1]"), says=["operator.normalize", "dim", "default"])
        self.refuse(("default = false", "default = 0"), says=["operator.batch_norm", "training", "default", "boolean"])
        self.refuse(("default = 0.75", 'default = "three quarters"'), says=["beta", "default", "real"])
        self.refuse(("default = 0.75", "default = true"), says=["beta", "default", "real"])

    def test_names_that_stand_twice(self):
        self.refuse(('takes = ["input", "output"]', 'takes = ["input", "input", "output"]'),
                    says=["operator.tanh", "'input'", "2 times"])
        self.refuse(('name = "beta"', 'name = "alpha"'), says=["operator.local_response_norm", "'alpha'", "2 times"])
        self.refuse(("[operator.silu]", "[operator.tanh]"), says=["operator", "tanh", "twice"])

    def test_what_does_not_fit_together(self):
        self.refuse(("least_rank = 2\n", ""), says=["operator.batch_norm", "least_rank of 2"])
        self.refuse(('written_when = "training"', 'written_when = "eps"'), says=["operator.batch_norm", "running_mean"])
        self.refuse(('name = "running_var", written_when = "training"', 'name = "running_var", written_when = "scale"'),
                    says=["operator.batch_norm", "running_var", "written_when"])
        self.refuse(('name = "running_var", written_when = "training"', 'name = "scale", type = "real", doc = "Scale"'),
                    says=["operator.batch_norm", "two statistics or none"])
        self.refuse(('type = "extents"\nallowed = "trailing_extents"', 'type = "dims"\nallowed = "distinct_dimensions"'),
                    says=["operator.layer_norm", "weight", "extents"])
        self.refuse(('takes = ["input", "output"]', 'takes = ["output", "input"]'),
                    says=["operator.tanh", "takes", "first"])
        self.refuse(('takes = ["input", "output"]', 'takes = ["input", "eps", "output"]'),
                    says=["operator.tanh", "alone"])
        self.refuse(('onnx = "LRN"', 'onnx = "LRN"\nderivative = "1"'), says=["operator.local_response_norm", "derivative"])
        self.refuse(('role = "operand", shape = "input"', 'role = "operand", shape = "channels"'),
                    says=["gradient.elementwise", "input", "shape"])
        self.refuse(("[operator.mish]", "[operator.Mish]"), says=["operator.Mish", "lower-case"])

    def test_what_is_no_toml(self):
        self.refuse(("[operator.mish]", "[operator.mish"), says=["line"])


class Written(Table):
    def test_only_what_changes(self):
        """A new formula changes the headers, the descriptors, the package of Python and nothing of another operator."""
        self.assertEqual(self.generate(TABLE).returncode, 0)
        out = self.folder / "out"
        before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
        self.assertIn(out / "operators/tanh.cpp", before)
        self.assertEqual(self.generate(TABLE).returncode, 0)
        self.assertEqual({path: path.stat().st_mtime_ns for path in before}, before)
        self.assertEqual(self.generate(self.edited(('"x * sigmoid(x)"', '"x / (1 + exp(-x))"'))).returncode, 0)
        changed = {path.relative_to(out).as_posix() for path in before if path.stat().st_mtime_ns != before[path]}
        self.assertEqual(changed, {"include/kiln/kiln.h", "include/kiln/operators.hpp", "descriptors.cpp", "python/operators.cpp",
                                   "python/kiln/_operators.pyi", "python/kiln/jax/_functions.py", "torch/functional.py"})

    def test_machine_epsilon(self):
        """No constant of the C API, but NULL; a call by positions passes it for the default's value."""
        self.assertEqual(self.generate(self.edited(("default = 1e-12", 'default = "machine_epsilon"'))).returncode, 0)
        text = {name: (self.folder / "out" / name).read_text()
                for name in ["include/kiln/kiln.h", "include/kiln/operators.hpp", "operators/normalize.cpp", "descriptors.cpp"]}
        self.assertIn("int dim_count, const double *eps, DLTensor *output);", text["include/kiln/kiln.h"])
        self.assertIn("std::optional<double> eps = {};", text["include/kiln/operators.hpp"])
        self.assertIn("o.eps ? &*o.eps : nullptr", text["include/kiln/operators.hpp"])
        self.assertIn("values[2].real = eps ? *eps : 0x1p-23;", text["operators/normalize.cpp"])
        self.assertIn('true, 0, 0x1p-23, {}, "machine epsilon"', text["descriptors.cpp"])
        self.assertIn("unless(values[2].real, 0x1p-23)", text["descriptors.cpp"])

    def test_the_argument_that_has_statistics_written(self):
        """Any boolean one: the row has its place."""
        other = '{name = "affine", type = "boolean", default = true, doc = "Another"},\n  {name = "training"'
        for edits, place in [((), 0), ((('{name = "training"', other),), 1)]:
            self.assertEqual(self.generate(self.edited(*edits)).returncode, 0)
            row = (self.folder / "out/operators/batch_norm.cpp").read_text()
            self.assertIn(f"tensor_rows, 6, argument_rows, {3 + place}, {place}, {{nullptr", row)
        self.assertIn("nullptr, 0, -1, {&tanh_kernels, &tanh_float16_kernels, &tanh_bfloat16_kernels}", (self.folder / "out/operators/tanh.cpp").read_text())

    def test_an_operator_that_is_gone_leaves_no_file(self):
        self.generate(TABLE)
        start, end = TABLE.index("[operator.mish]"), TABLE.index("[operator.batch_norm]")
        self.assertEqual(self.generate(TABLE[:start] + TABLE[end:]).returncode, 0)
        self.assertFalse((self.folder / "out/operators/mish.cpp").exists())
        self.assertTrue((self.folder / "out/operators/silu.cpp").exists())


class Configured(Table):
    """cmake/KilnOperators.cmake in a project of nothing else."""

    def configure(self, text):
        for name in ["scripts", "include", "cmake"]:
            shutil.copytree(SOURCE / name, self.folder / name)
        for name in ["stages.def", "elements.def"]:
            shutil.copy(SOURCE / name, self.folder)
        (self.folder / "operators.toml").write_text(text)
        (self.folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.28)\nproject(table NONE)\n"
            f'set(Python3_EXECUTABLE "{sys.executable}")\ninclude(cmake/KilnChoices.cmake)\ninclude(cmake/KilnOperators.cmake)\n'
            'message(STATUS "sigmoid: ${KILN_ACCURACIES_OF_sigmoid}; window: ${KILN_WINDOW_NAMES}")\n')
        return subprocess.run([CMAKE, "-G", "Ninja", "-S", self.folder, "-B", self.folder / "build"], capture_output=True,
                              text=True)

    def test_lists(self):
        done = self.configure(TABLE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("sigmoid: exact;fast; window: local_response_norm", done.stdout)

    def test_a_stage_that_does_not_exist(self):
        done = self.configure(self.edited(('"row_apply"', '"rows_apply"')))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("operators.toml: operator.layer_norm: kernels: stages.def has no stage 'rows_apply'",
                      " ".join(done.stderr.split()))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
