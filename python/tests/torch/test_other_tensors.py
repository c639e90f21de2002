"""Modules that replace() has made, with tensors that Kiln does not take, beside torch.nn's."""
import copy
import warnings

import torch
from support import TorchTest
from torch import nn

import kiln.torch


def inputs_of(x):
    """What Kiln does not take, by name."""
    yield "float64", x.double()
    yield "int64", (x * 4).long()
    yield "bool", x > 0
    yield "complex", torch.complex(x, x)
    yield "sparse", x.to_sparse()
    yield "nested", torch.nested.nested_tensor(list(x), layout=torch.strided)
    yield "jagged", torch.nested.nested_tensor([x[0], x[0, :1]], layout=torch.jagged)
    yield "mkldnn", x.to_mkldnn()
    yield "list", x.tolist()


class OtherTensors(TorchTest):
    MODULES = [(nn.Tanh(), (2, 3)), (nn.Sigmoid(), (2, 3)), (nn.Hardsigmoid(), (2, 3)), (nn.SiLU(), (2, 3)), (nn.Mish(), (2, 3)),
               (nn.Softplus(), (2, 3)), (nn.BatchNorm2d(3), (4, 3, 2, 2)), (nn.InstanceNorm1d(3, affine=True), (4, 3, 5)),
               (nn.GroupNorm(3, 6), (2, 6, 3)), (nn.LayerNorm(5), (2, 5)), (nn.RMSNorm(5), (2, 5)),
               (nn.LocalResponseNorm(3), (2, 4, 5))]

    def outcome(self, module, x):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return module(x)
            except Exception as error:
                return type(error), str(error).replace(type(module).__name__, "")

    def assert_same(self, stock, ours, x):
        expected, got = self.outcome(stock, x), self.outcome(ours, x)
        if not isinstance(expected, torch.Tensor) or not isinstance(got, torch.Tensor):
            self.assertEqual(got, expected)
            return
        self.assertEqual((got.dtype, got.layout), (expected.dtype, expected.layout))
        if expected.is_nested:
            got, expected = (torch.cat([part.flatten() for part in each.unbind()]) for each in (got, expected))
        self.assertTrue(torch.equal(got.to_dense(), expected.to_dense()))

    def test_inputs(self):
        ran = set()
        for module, shape in self.MODULES:
            stock, ours = copy.deepcopy(module), copy.deepcopy(module)
            kiln.torch.replace(ours)
            for name, x in inputs_of(torch.randn(shape)):
                with self.subTest(f"{type(module).__name__} of {name}"):
                    self.assert_same(stock, ours, x)
                    if not isinstance(self.outcome(stock, x), tuple):
                        ran.add(name)
        self.assertEqual(ran, {"float64", "int64", "bool", "complex", "sparse", "nested", "jagged", "mkldnn"})

    def test_a_model_that_becomes_float64(self):
        for module, shape in self.MODULES:
            with self.subTest(type(module).__name__):
                stock, ours = copy.deepcopy(module), copy.deepcopy(module)
                kiln.torch.replace(ours)
                stock.double(), ours.double()
                x, again = (torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2), requires_grad=True)
                            for _ in "12")
                for _ in range(2):
                    self.assert_same(stock, ours, x)
                stock(x).square().sum().backward(), ours(again).square().sum().backward()
                self.assertTrue(torch.equal(x.grad, again.grad))
                for name, value in stock.state_dict().items():
                    self.assertTrue(torch.equal(ours.state_dict()[name], value), name)

    def test_it_compiles(self):
        for dtype in (torch.float32, torch.float64):
            torch._dynamo.reset()
            ours = nn.Sequential(nn.LayerNorm(5), nn.SiLU())
            stock = copy.deepcopy(ours).to(dtype)
            kiln.torch.replace(ours)
            ours.to(dtype)
            x = torch.randn(3, 5, dtype=dtype)
            compiled = torch.compile(ours, fullgraph=True, backend="aot_eager")
            torch.testing.assert_close(compiled(x), stock(x))

    def test_numbers_that_a_softplus_is_given_later(self):
        act = nn.Softplus()
        kiln.torch.replace(act)
        act.beta = 2
        x = torch.randn(5)
        self.assertTrue(torch.equal(act(x), nn.functional.softplus(x, 2)))
