"""torch.autocast, and kiln.torch.accuracy."""
import copy
import ctypes

import torch
import torch.nn.functional as F
from support import FORWARD, TorchTest, call_c, cases, function_arguments, library, one_case, with_gradients

import kiln.torch
from kiln.torch import _autocast, functional

# The operators of PyTorch's own that a function is made of, where it is not one itself.
MADE_OF = {"local_response_norm": "pow.Tensor_Scalar", "normalize": "norm.ScalarOpt_dim"}


class Autocast(TorchTest):
    def test_types_are_those_of_pytorch_on_the_cpu(self):
        for dtype in (torch.float32, torch.bfloat16, torch.float16):
            for op in FORWARD:
                for case in cases(op.name):
                    given = case.arguments()
                    given["input"] = given["input"].to(dtype)
                    given = function_arguments(given)
                    with self.subTest(f"{case} {dtype}"), torch.autocast("cpu", dtype=torch.bfloat16):
                        self.assertEqual(getattr(functional, op.torch)(**given).dtype, getattr(F, op.torch)(**given).dtype)

    def test_float32_where_pytorchs_lists_have_it(self):
        """On CUDA, by the kernels that PyTorch has registered: it has one for an operator on a list."""
        for op in FORWARD:
            listed = torch._C._dispatch_has_kernel_for_dispatch_key(f"aten::{MADE_OF.get(op.name, op.torch)}", "AutocastCUDA")
            self.assertEqual(op.name in _autocast.FLOAT32["cuda"], listed, op.name)

    def test_a_float32_result_is_that_of_float32(self):
        x = torch.randn(2, 7, 4, 3, dtype=torch.bfloat16)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            got = functional.local_response_norm(x, 5)
        self.assert_same_bits(got, functional.local_response_norm(x.float(), 5))

    def test_training_under_it(self):
        """A product in bfloat16, and parameters in float32 beside it."""
        torch.manual_seed(0)
        stock = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.SiLU(), torch.nn.LocalResponseNorm(3),
                                    torch.nn.GroupNorm(2, 4))
        ours = copy.deepcopy(stock)
        kiln.torch.replace(ours)
        x = torch.randn(4, 3, 8, 8)
        for model in (stock, ours, torch.compile(copy.deepcopy(ours), fullgraph=True, backend="aot_eager")):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                output = model(x)
            output.float().square().sum().backward()
            if model is stock:
                expected, gradients = output, [parameter.grad for parameter in model.parameters()]
                continue
            self.assertEqual(output.dtype, expected.dtype)
            torch.testing.assert_close(output, expected, rtol=0.05, atol=0.05)
            for parameter, gradient in zip(model.parameters(), gradients):
                self.assertEqual(parameter.grad.dtype, torch.float32)
                self.assertLess((parameter.grad - gradient).abs().max(), 0.1 * gradient.abs().max() + 0.5)


class Accuracy(TorchTest):
    def fast(self, name, given):
        """The C function's with a context of its own."""
        c = library()
        context = ctypes.c_void_p()
        self.assertEqual(c.kiln_context_create(ctypes.byref(context)), 0)
        self.assertEqual(c.kiln_context_set_accuracy(context, 1), 0)
        output = torch.empty_like(given["input"])
        call_c(name, {**given, "output": output}, context)
        c.kiln_context_destroy(context)
        return output

    def test_fast_calls_have_the_fast_bits(self):
        x = torch.randn(100)
        for op in FORWARD:
            if "fast" in op.accuracies:
                exact = getattr(functional, op.torch)(x)
                with kiln.torch.accuracy("fast"):
                    fast = getattr(functional, op.torch)(x)
                self.assert_same_bits(fast, self.fast(op.name, {"input": x}))
                self.assertFalse(torch.equal(fast, exact), op.name)
                self.assert_same_bits(getattr(functional, op.torch)(x), exact)

    def test_other_words_are_refused(self):
        with self.assertRaisesRegex(ValueError, 'expected "exact" or "fast"'), kiln.torch.accuracy("faster"):
            pass

    def test_a_backward_pass_has_it_too(self):
        given, tracked = with_gradients(one_case("tanh").arguments())
        with kiln.torch.accuracy("fast"):
            functional.tanh(**given).sum().backward()
        fast, tracked["input"].grad = tracked["input"].grad, None
        functional.tanh(**given).sum().backward()
        self.assertFalse(torch.equal(fast, tracked["input"].grad))


class Streams(TorchTest):
    def test_on_a_cuda_device(self):
        """Every operator on PyTorch's current stream, with the CPU's bits."""
        if not torch.cuda.is_available():
            self.skipTest("no CUDA device")
        stream = torch.cuda.Stream()
        for op in FORWARD:
            case = one_case(op.name)
            given, tracked = with_gradients(case.arguments())
            expected = getattr(functional, op.torch)(**function_arguments(given))
            expected.backward(torch.ones_like(expected))
            moved = {name: value.detach().cuda() if isinstance(value, torch.Tensor) else value for name, value in given.items()}
            moved, on_device = with_gradients(moved)
            with torch.cuda.stream(stream):
                got = getattr(functional, op.torch)(**function_arguments(moved))
                got.backward(torch.ones_like(got))
            stream.synchronize()
            self.assert_same_bits(got.cpu(), expected)
            for name, value in tracked.items():
                self.assert_same_bits(on_device[name].grad.cpu(), value.grad)
