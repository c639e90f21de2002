"""Gradients: beside autograd of PyTorch's functions in float64, beside finite differences, and to the bit beside the C functions."""
import warnings

import torch
import torch.nn.functional as F
from support import (FORWARD, OPERATORS, TorchTest, call_c, cases, function_arguments, of_each_case, one_case,
                     with_gradients)

from kiln.torch import functional


def upstream(output):
    """A gradient of the output."""
    return torch.randn(output.shape, generator=torch.Generator().manual_seed(1)).to(output.dtype)


def gradients(function, given):
    """The output, and the gradients of what has one, by name."""
    given, tracked = with_gradients(given)
    output = function(**function_arguments(given))
    return output, dict(zip(tracked, torch.autograd.grad(output, list(tracked.values()), upstream(output))))


class Gradients(TorchTest):
    @of_each_case()
    def test_gradients_are_those_of_pytorch_in_float64(self, case):
        _, got = gradients(getattr(functional, case.op.torch), case.arguments())
        _, expected = gradients(getattr(F, case.op.torch), case.arguments(torch.float64))
        self.assertEqual(list(got), list(expected))
        for name, value in got.items():
            self.assertEqual(value.dtype, torch.float32)
            torch.testing.assert_close(value.double(), expected[name], rtol=2e-5, atol=2e-5)

    @of_each_case()
    def test_operators_without_statistics_have_the_same_bits(self, case):
        """torch.ops.kiln's plain operators, whose gradients find the statistics again."""
        output, got = gradients(getattr(functional, case.op.torch), case.arguments())
        given, tracked = with_gradients(case.arguments())
        plain = getattr(torch.ops.kiln, case.op.name)(**given)
        self.assert_same_bits(plain, output)
        found = torch.autograd.grad(plain, list(tracked.values()), upstream(plain))
        for name, value in zip(tracked, found):
            self.assert_same_bits(value, got[name])

    @of_each_case()
    def test_gradients_have_the_c_functions_bits(self, case):
        for dtype in (torch.float32, torch.float16, torch.bfloat16):
            given = case.arguments(dtype)
            output, got = gradients(getattr(functional, case.op.torch), case.arguments(dtype))
            written = {f"grad_{name}": torch.empty_like(value) for name, value in got.items()}
            call_c(f"{case.op.name}_backward", {**given, "grad_output": upstream(output), **written})
            for name, value in got.items():
                self.assert_same_bits(value, written[f"grad_{name}"])

    @of_each_case()
    def test_each_gradient_by_itself_has_the_same_bits(self, case):
        _, all_of_them = gradients(getattr(functional, case.op.torch), case.arguments())
        for name in all_of_them:
            given = case.arguments()
            given[name].requires_grad_()
            output = getattr(functional, case.op.torch)(**function_arguments(given))
            output.backward(upstream(output))
            self.assert_same_bits(given[name].grad, all_of_them[name])

    def test_gradcheck(self):
        """Finite differences in float32 have half of its digits."""
        for op in FORWARD:
            case = one_case(op.name)
            with self.subTest(str(case)):
                given, tracked = with_gradients(case.arguments())
                if case.op.name == "hardsigmoid":  # away from its kinks
                    tracked["input"].data.clamp_(-2.5, 2.5)

                def call(*values, given=given, op=op, names=tuple(tracked)):
                    return getattr(functional, op.torch)(**function_arguments({**given, **dict(zip(names, values))}))

                with warnings.catch_warnings():
                    warnings.filterwarnings("ignore", "Input .* is not a double precision")
                    self.assertTrue(torch.autograd.gradcheck(call, tuple(tracked.values()), eps=1e-2, atol=2e-2,
                                                             rtol=2e-2, nondet_tol=0.0, check_batched_grad=True))


class Graphs(TorchTest):
    def test_second_derivatives_are_refused(self):
        for op in FORWARD:
            with self.subTest(op.name):
                given, tracked = with_gradients(one_case(op.name).arguments())
                output = getattr(functional, op.torch)(**function_arguments(given))
                first, = torch.autograd.grad(output, tracked["input"], torch.ones_like(output).requires_grad_(),
                                             create_graph=True)
                with self.assertRaisesRegex(NotImplementedError, "second derivatives"):
                    torch.autograd.grad(first.sum(), tracked["input"], allow_unused=True)

    def test_the_forward_mode_is_refused(self):
        x, direction = torch.randn(4, 6, 5), torch.ones(4, 6, 5)
        for op in FORWARD:
            given = {"num_groups": 2, "normalized_shape": (5,), "size": 3, "training": True, "running_mean": None, "running_var": None}
            arguments = {item.name: given[item.name] for item in op.takes if item.name in given}
            for function in (getattr(functional, op.torch), getattr(torch.ops.kiln, op.name)):
                with self.subTest(op.name), self.assertRaisesRegex(NotImplementedError, "no forward mode"):
                    torch.func.jvp(lambda x, function=function, arguments=arguments: function(x, **arguments), (x,), (direction,))
                with self.subTest(op.name), torch.autograd.forward_ad.dual_level():
                    with self.assertRaisesRegex(NotImplementedError, "no forward mode"):
                        function(torch.autograd.forward_ad.make_dual(x, direction), **arguments)

    def test_nothing_is_kept_without_gradients(self):
        for op in FORWARD:
            given, _ = with_gradients(one_case(op.name).arguments())
            with torch.no_grad():
                self.assertIsNone(getattr(functional, op.torch)(**function_arguments(given)).grad_fn)

    def test_a_gradient_that_is_expanded(self):
        """That of sum(), whose strides are 0."""
        for op in FORWARD:
            for case in cases(op.name):
                if 0 in case.shape:
                    continue
                given, tracked = with_gradients(case.arguments())
                getattr(functional, op.torch)(**function_arguments(given)).sum().backward()
                dense, again = with_gradients(case.arguments())
                output = getattr(functional, op.torch)(**function_arguments(dense))
                output.backward(torch.ones_like(output))
                for name, value in tracked.items():
                    self.assert_same_bits(value.grad, again[name].grad)

    def test_checkpoints(self):
        """Carrying a forward pass out again gives the same gradients."""
        from torch.utils.checkpoint import checkpoint

        case = one_case("layer_norm")
        given, tracked = with_gradients(case.arguments())
        output = checkpoint(lambda: functional.silu(functional.layer_norm(**given)), use_reentrant=False)
        output.backward(upstream(output))
        plain, again = with_gradients(case.arguments())
        output = functional.silu(functional.layer_norm(**plain))
        output.backward(upstream(output))
        for name, value in tracked.items():
            self.assert_same_bits(value.grad, again[name].grad)

    def test_what_a_gradient_needs_may_not_be_written(self):
        x = torch.randn(4, 8, requires_grad=True)
        middle = x * 1.0
        output = functional.tanh(middle)
        middle.add_(1.0)
        with self.assertRaisesRegex(RuntimeError, "modified by an inplace operation"):
            output.sum().backward()


class Backward(TorchTest):
    def test_outputs_that_are_not_asked_for_are_empty(self):
        for name in ("batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm"):
            with self.subTest(name):
                given = one_case(name).arguments()
                names = [item.name for item in OPERATORS[f"{name}_backward"].takes if getattr(item, "is_written", False)]
                asked = {f"needs_{output}": output == names[-1] for output in names}
                taken = {item.name: given[item.name] for item in OPERATORS[f"{name}_backward"].takes if item.name in given}
                results = getattr(torch.ops.kiln, f"{name}_backward")(torch.ones_like(given["input"]), **taken, **asked)
                self.assertEqual([result.numel() == 0 for result in results], [True] * (len(names) - 1) + [False])
