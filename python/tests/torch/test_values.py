"""Every operator's results: beside PyTorch's own function in float64, and to the bit beside the C function's."""
import inspect
import re

import torch
import torch.nn.functional as F
from support import FORWARD, TorchTest, call_c, cases, floating, function_arguments, of_each_case, tensors_of

from kiln.torch import functional


class Functions(TorchTest):
    def test_every_function_has_pytorchs_parameters(self):
        self.assertEqual(list(functional.__all__), [op.torch for op in FORWARD])
        for op in FORWARD:
            ours = inspect.signature(getattr(functional, op.torch))
            try:
                theirs = inspect.signature(getattr(F, op.torch))
            except ValueError:  # softplus is a builtin, whose documentation has it
                bare = [p.replace(annotation=p.empty) for p in ours.parameters.values()]
                self.assertIn(f"softplus{inspect.Signature(bare)}", F.softplus.__doc__)
                continue
            self.assertEqual([(p.name, p.default) for p in ours.parameters.values()],
                             [(p.name, p.default) for p in theirs.parameters.values()], op.name)

    def test_every_function_says_what_it_takes_returns_and_raises(self):
        for op in FORWARD:
            function = getattr(functional, op.torch)
            signature, doc = inspect.signature(function), inspect.getdoc(function)
            self.assertEqual((signature.parameters["input"].annotation, signature.return_annotation), (torch.Tensor, torch.Tensor))
            self.assertNotIn(inspect.Parameter.empty, [p.annotation for p in signature.parameters.values()])
            parameters = doc.partition("Parameters\n----------\n")[2].partition("Returns")[0]
            described = re.findall(r"^(\w+) : \w", parameters, re.MULTILINE)
            self.assertEqual(described, list(signature.parameters), op.name)
            for words in ("input : tensor of float32, float16 or bfloat16", "Returns\n-------\nA new tensor",
                          "Raises\n------\nValueError\n", "TypeError\n    An element type"):
                self.assertIn(words, doc)
            self.assertNotIn("array", doc)

    @of_each_case()
    def test_results_are_pytorchs_in_float64(self, case):
        given = case.arguments()
        exact = case.arguments(torch.float64)
        got = getattr(functional, case.op.torch)(**function_arguments(given))
        expected = getattr(F, case.op.torch)(**function_arguments(exact))
        self.assertEqual((got.dtype, got.shape), (torch.float32, expected.shape))
        torch.testing.assert_close(got.double(), expected, rtol=2e-6, atol=2e-6)
        for item in case.op.statistics:  # updated, or left as they were
            if given[item.name] is not None:
                torch.testing.assert_close(given[item.name].double(), exact[item.name], rtol=2e-6, atol=2e-6)

    @of_each_case()
    def test_types_of_16_bits(self, case):
        for dtype, tolerance in ((torch.float16, 1e-3), (torch.bfloat16, 8e-3)):
            given = case.arguments(dtype)
            exact = {name: value.double() if isinstance(value, torch.Tensor) else value for name, value in given.items()}
            got = getattr(functional, case.op.torch)(**function_arguments(given))
            expected = getattr(F, case.op.torch)(**function_arguments(exact))
            self.assertEqual(got.dtype, dtype)
            torch.testing.assert_close(got.double(), expected, rtol=tolerance, atol=tolerance)


class Bits(TorchTest):
    def c_result(self, case, given):
        output = torch.empty_like(given["input"])
        call_c(case.op.name, {**given, "output": output})
        return output

    @of_each_case()
    def test_functions_have_the_c_functions_bits(self, case):
        for dtype in (torch.float32, torch.float16, torch.bfloat16):
            given, again = case.arguments(dtype), case.arguments(dtype)
            got = getattr(functional, case.op.torch)(**function_arguments(given))
            self.assert_same_bits(got, self.c_result(case, again))
            for item in case.op.statistics:
                if given[item.name] is not None:
                    self.assert_same_bits(given[item.name], again[item.name])

    @of_each_case()
    def test_operators_have_them_and_leave_what_they_read(self, case):
        given, untouched = case.arguments(), case.arguments()
        expected = self.c_result(case, case.arguments())
        packet = getattr(torch.ops.kiln, case.op.name)
        for call in (packet.default, packet.untracked):
            self.assert_same_bits(call(**given), expected)
        for name, value in floating(given).items():
            self.assert_same_bits(value, untouched[name])

    def test_threads_change_no_bit(self):
        before = torch.get_num_threads()
        self.addCleanup(torch.set_num_threads, before)
        for op in FORWARD:
            case = cases(op.name)[-1]
            given = case.arguments()
            given["input"] = torch.randn(32, *given["input"].shape).flatten(0, 1) if case.shape else given["input"]
            found = []
            for threads in (1, 2, 5):
                torch.set_num_threads(threads)
                statistics = {item.name: given[item.name].clone() for item in op.statistics if given[item.name] is not None}
                found.append(getattr(functional, op.torch)(**function_arguments({**given, **statistics})))
            for other in found[1:]:
                self.assert_same_bits(other, found[0])

    @of_each_case(*(op for op in FORWARD if len(tensors_of(op)) > 1))
    def test_parameters_of_float32_beside_16_bits(self, case):
        for dtype in (torch.float16, torch.bfloat16):
            given = case.arguments()
            given["input"] = given["input"].to(dtype)
            again = {name: value.clone() if isinstance(value, torch.Tensor) else value for name, value in given.items()}
            self.assert_same_bits(getattr(functional, case.op.torch)(**function_arguments(given)), self.c_result(case, again))
