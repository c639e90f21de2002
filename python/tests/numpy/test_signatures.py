"""What the functions are called with: torch.nn.functional's names, order and defaults; docstrings; stubs."""
import ast
import inspect
import pathlib
import pydoc
import unittest

from support import *

# As PyTorch 2.x documents them.
TORCH = {
    "tanh": "(input)", "sigmoid": "(input)", "hardsigmoid": "(input, inplace=False)",
    "silu": "(input, inplace=False)", "mish": "(input, inplace=False)", "softplus": "(input, beta=1, threshold=20)",
    "batch_norm": "(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05)",
    "group_norm": "(input, num_groups, weight=None, bias=None, eps=1e-05)",
    "instance_norm": "(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-05)",
    "layer_norm": "(input, normalized_shape, weight=None, bias=None, eps=1e-05)",
    "rms_norm": "(input, normalized_shape, weight=None, eps=None)",
    "local_response_norm": "(input, size, alpha=0.0001, beta=0.75, k=1.0)",
    "normalize": "(input, p=2.0, dim=1, eps=1e-12, out=None)",
}
BACKWARD = {
    "silu": "(grad_output, input, *, out=None)",
    "layer_norm": "(grad_output, input, normalized_shape, weight=None, eps=1e-05, mean=None, rstd=None, *, "
                  "grad_input=True, grad_weight=True, grad_bias=True)",
    "normalize": "(grad_output, input, p=2.0, dim=1, eps=1e-12, *, out=None)",
}


def functions():
    """(module's file without its ending, name, function) of all."""
    folder = pathlib.Path(kiln.__file__).parent
    for name in kiln._operators.__all__:
        yield folder / "_operators", name, getattr(kiln, name)
    for name in kiln.backward.__all__:
        yield folder / "backward", name, getattr(kiln.backward, name)


class Signatures(KilnTest):
    def test_as_pytorchs(self):
        self.assertEqual(set(TORCH), set(FORWARD))
        for name, signature in TORCH.items():
            by_name = signature if "out" in signature else signature.replace(")", ", *, out=None)")
            self.assertEqual(str(inspect.signature(getattr(kiln, name))), by_name, name)

    def test_out_by_position(self):
        """Where PyTorch takes it so; elsewhere it is refused, as what is meant for another argument would be written to."""
        x = values(SHAPE)
        out = values(SHAPE, seed=1)
        self.assertIs(kiln.normalize(x, 2.0, 1, 1e-12, out), out)
        self.assert_same_bits(out, kiln.normalize(x))
        self.refuse(TypeError, "kiln_tanh: expected at most 1 argument by position, got 2", kiln.tanh, x, out)

    def test_gradients(self):
        for name, signature in BACKWARD.items():
            self.assertEqual(str(inspect.signature(getattr(kiln.backward, name))), signature, name)

    def test_defaults_are_those_that_are_shown(self):
        """A call without an argument is one with the default that inspect shows."""
        x = values(SHAPE)
        for name, all_arguments in calls().items():
            function, arguments = getattr(kiln, name), all_arguments[0]
            shown = {p.name: p.default for p in inspect.signature(function).parameters.values() if p.default is not p.empty}
            self.assert_same_bits(function(x, **{**shown, **arguments}), function(x, **arguments), name)

    def test_what_is_there(self):
        self.assertEqual(set(kiln.__all__) - {"backward", "isa", "num_threads", "options"},
                         set(FORWARD) | {f"{name}_with_statistics" for name in WITH_STATISTICS})
        for name in kiln.__all__:
            self.assertTrue(getattr(kiln, name).__doc__, name)
        header = (ROOT / "include/kiln/kiln.h.in").read_text()
        for number, part in zip(kiln.__version__.split("."), ("MAJOR", "MINOR", "PATCH")):
            self.assertIn(f"#define KILN_VERSION_{part} {number}\n", header)


class Documentation(KilnTest):
    def test_each_parameter_is_explained(self):
        for _, name, function in functions():
            doc = function.__doc__
            for heading in ("Parameters", "Returns", "Raises", "Notes"):
                self.assertIn(f"\n{heading}\n{'-' * len(heading)}\n", doc, name)
            parameters = doc.split("Parameters\n")[1].split("\nReturns")[0]
            for parameter in inspect.signature(function).parameters:
                self.assertRegex(parameters, rf"(?m)^{parameter} : .*\n", name)
            self.assertNotIn("NULL", doc, name)
            self.assertLessEqual(max(map(len, doc.splitlines())), 100, name)

    def test_each_formula_type_error_and_source_is_there(self):
        for name in FORWARD:
            op, doc = TABLE[name], " ".join(getattr(kiln, name).__doc__.split())
            for words in (op.formula, op.torch, op.source, *op.dtypes, *op.accuracies, "ValueError", "TypeError"):
                self.assertIn(" ".join(words.split()), doc, name)

    def test_help(self):
        text = "".join(pydoc.plain(pydoc.render_doc(kiln.layer_norm)).split())
        self.assertIn("layer_norm(input,normalized_shape,weight=None,bias=None,eps=1e-05,*,out=None)", text)


class Stubs(KilnTest):
    def test_stubs_have_the_functions_signatures(self):
        parsed = {}
        count = 0
        for path, name, function in functions():
            if path not in parsed:
                parsed[path] = {n.name: n for n in ast.parse(path.with_suffix(".pyi").read_text()).body if isinstance(n, ast.FunctionDef)}
            arguments = parsed[path].pop(name).args
            shown = inspect.signature(function).parameters.values()
            by_name = {p.name for p in shown if p.kind is p.KEYWORD_ONLY}
            self.assertEqual([a.arg for a in arguments.args + arguments.kwonlyargs], [p.name for p in shown], name)
            self.assertEqual({a.arg for a in arguments.kwonlyargs}, by_name, name)
            defaults = [ast.literal_eval(d) for d in arguments.defaults + arguments.kw_defaults]
            self.assertEqual(defaults, [p.default for p in shown if p.default is not p.empty], name)
            self.assertTrue(all(a.annotation for a in arguments.args + arguments.kwonlyargs), name)
            count += 1
        self.assertEqual((count, [left for left in parsed.values() if left]), (len(TABLE), []))
        self.assertTrue((pathlib.Path(kiln.__file__).parent / "py.typed").exists())


if __name__ == "__main__":
    unittest.main()
