"""The modules that replace() makes, one by one, and functions that are called by name."""
import copy
import io
import pickle
import warnings

import torch
from models import pair, text_model
from support import TorchTest
from torch import nn

import kiln.torch
from kiln.torch import functional


class Modules(TorchTest):
    def replaced(self, module):
        """The stock module, and its copy with Kiln's function."""
        ours = copy.deepcopy(module)
        self.assertEqual(len(kiln.torch.replace(ours).replaced), 1)
        self.assertIsInstance(ours, type(module))
        return module, ours

    def test_in_place_activations_write_their_input(self):
        for kind in (nn.SiLU, nn.Mish, nn.Hardsigmoid):
            stock, ours = self.replaced(kind(inplace=True))
            x = torch.randn(4, 6)
            got = x.clone()
            self.assertEqual(ours(got).data_ptr(), got.data_ptr())
            self.assert_same_bits(got, getattr(functional, kind.__name__.lower())(x))
            tracked, again = (torch.randn(4, 6, generator=torch.Generator().manual_seed(2), requires_grad=True) for _ in "12")
            ours(tracked * 2).sum().backward(), stock(again * 2).sum().backward()
            torch.testing.assert_close(tracked.grad, again.grad, rtol=1e-5, atol=1e-6)
            with self.assertRaisesRegex(RuntimeError, "leaf Variable"):
                ours(tracked)

    def test_running_statistics(self):
        """Of every combination, over steps of training and then evaluation."""
        for momentum in (0.1, 0.0, None):
            for tracks in (True, False):
                for affine in (True, False):
                    for kind, shape in ((nn.BatchNorm2d, (3, 4, 5, 5)), (nn.InstanceNorm2d, (3, 4, 5, 5)), (nn.BatchNorm1d, (6, 4))):
                        with self.subTest(f"{kind.__name__}(momentum={momentum}, {tracks}, {affine})"):
                            stock, ours = self.replaced(kind(4, momentum=momentum, track_running_stats=tracks, affine=affine))
                            for step in range(3):
                                x = torch.randn(shape) * (step + 1)
                                torch.testing.assert_close(ours(x), stock(x), rtol=1e-4, atol=1e-5)
                            stock.eval(), ours.eval()
                            torch.testing.assert_close(ours(x), stock(x), rtol=1e-4, atol=1e-5)
                            for name, value in stock.state_dict().items():
                                torch.testing.assert_close(ours.state_dict()[name], value, rtol=1e-5, atol=1e-6)

    def test_frozen_statistics_in_training(self):
        """A module in evaluation within a model that is trained: the statistics are constants of its gradient."""
        stock, ours = self.replaced(nn.BatchNorm2d(4))
        stock.eval(), ours.eval()
        for module in (stock, ours):
            module.running_mean.fill_(0.5)
        x, again = (torch.randn(3, 4, 5, 5, generator=torch.Generator().manual_seed(2), requires_grad=True) for _ in "12")
        ours(x).square().sum().backward(), stock(again).square().sum().backward()
        torch.testing.assert_close(x.grad, again.grad, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(ours.weight.grad, stock.weight.grad, rtol=1e-4, atol=1e-4)
        self.assertEqual(ours.running_mean.tolist(), [0.5] * 4)

    def test_wrong_ranks_are_refused_as_by_pytorch(self):
        for kind, shape in ((nn.BatchNorm2d, (3, 4)), (nn.InstanceNorm1d, (3, 4, 5, 5))):
            stock, ours = self.replaced(kind(4))
            texts = []
            for module in (stock, ours):
                with self.assertRaises(ValueError) as error:
                    module(torch.randn(shape))
                texts.append(str(error.exception))
            self.assertEqual(*texts)

    def test_one_value_a_channel(self):
        _, ours = self.replaced(nn.BatchNorm1d(4))
        with self.assertRaisesRegex(ValueError, "kiln_batch_norm"):
            ours(torch.randn(1, 4))
        self.assertEqual(ours.running_mean.tolist(), [0.0] * 4)

    def test_an_input_without_a_batch(self):
        stock, ours = self.replaced(nn.InstanceNorm1d(4))
        x = torch.randn(4, 9)
        torch.testing.assert_close(ours(x), stock(x), rtol=1e-4, atol=1e-5)

    def test_an_empty_batch(self):
        for module, shape in ((nn.BatchNorm2d(4).eval(), (0, 4, 3, 3)), (nn.GroupNorm(2, 4), (0, 4, 3)), (nn.LayerNorm(5), (0, 5)),
                              (nn.SiLU(), (0, 3)), (nn.RMSNorm(5), (0, 5)), (nn.LocalResponseNorm(3), (0, 4, 3))):
            with self.subTest(type(module).__name__):
                _, ours = self.replaced(module)
                x = torch.randn(shape, requires_grad=True)
                self.assertEqual(ours(x).shape, shape)
                ours(x).sum().backward()
                self.assertEqual(x.grad.shape, shape)
                for parameter in ours.parameters():
                    self.assertEqual(parameter.grad.abs().sum().item(), 0.0)

    def test_hooks_and_state(self):
        stock = nn.LayerNorm(4)
        called = []
        stock.register_forward_hook(lambda *_: called.append("forward"))
        stock.register_full_backward_hook(lambda *_: called.append("backward"))
        kiln.torch.replace(stock)
        stock(torch.randn(2, 4, requires_grad=True)).sum().backward()
        self.assertEqual(called, ["forward", "backward"])
        plain = nn.LayerNorm(4)
        plain.load_state_dict(stock.state_dict())
        stock.load_state_dict({"weight": torch.full((4,), 2.0), "bias": torch.zeros(4)})
        self.assertEqual(stock.weight.tolist(), [2.0] * 4)

    def test_modules_are_pickled_and_printed(self):
        _, ours, _ = pair(text_model)
        x = torch.randn(3, 12)
        self.assert_same_bits(pickle.loads(pickle.dumps(ours))(x), ours(x))
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.save(ours, file)
        file.seek(0)
        self.assert_same_bits(torch.load(file, weights_only=False)(x), ours(x))
        self.assertIn("LayerNorm((16,), eps=1e-05, elementwise_affine=True", str(ours))


class Functions(TorchTest):
    """kiln.torch.functions(): what is called by name."""

    def test_functions_of_pytorch_run_kilns(self):
        class Named(nn.Module):
            def forward(self, x):
                y = nn.functional.layer_norm(x, (6,))
                y = torch.tanh(y) + y.sigmoid() + nn.functional.silu(y) + nn.functional.softplus(y)
                return nn.functional.normalize(y, dim=-1)

        x = torch.randn(4, 6)
        expected = Named()(x)
        with kiln.torch.functions() as names:
            got = Named()(x)
        self.assertEqual(dict(names.counts),
                         {"layer_norm": 1, "tanh": 1, "sigmoid": 1, "silu": 1, "softplus": 1, "normalize": 1})
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-6)
        self.assert_same_bits(Named()(x), expected)

    def test_stock_modules_within_it(self):
        model = text_model()
        x = torch.randn(7, 12)
        ours = copy.deepcopy(model)
        kiln.torch.replace(ours)
        with kiln.torch.functions():
            self.assert_same_bits(model(x), ours(x))

    def test_what_kiln_does_not_take_runs_as_before(self):
        x = torch.randn(4, 6)
        out = torch.empty(4, 6)
        with kiln.torch.functions() as names:
            torch.tanh(x.double()), nn.functional.softplus(x, beta=2), nn.functional.softplus(x, 2, 10), torch.tanh(x, out=out)
            torch.sigmoid(torch.arange(3)), torch.tanh(torch.nested.nested_tensor([x, x[:1]], layout=torch.jagged))
            nn.functional.normalize(x, "fro"), nn.functional.normalize(x, p="fro")
        self.assertEqual(dict(names.counts), {})

    def test_it_is_a_decorator_and_prints_its_counts(self):
        names = kiln.torch.functions()
        self.assertEqual(repr(names), "<kiln.torch.functions: no calls>")

        @names
        def gated(x, depth=1):
            """Of x."""
            return torch.sigmoid(x) * (gated(x, depth - 1) if depth else torch.tanh(x))

        x = torch.randn(4, 6)
        self.assert_same_bits(gated(x, depth=0), functional.sigmoid(x) * functional.tanh(x))
        gated(x)
        self.assertEqual(repr(names), "<kiln.torch.functions: sigmoid 3, tanh 2>")
        self.assertEqual(gated.__doc__, "Of x.")
        torch.tanh(x)
        self.assertEqual(names.counts["tanh"], 2)

    def test_gradients_within_it(self):
        x = torch.randn(4, 6, requires_grad=True)
        with kiln.torch.functions():
            nn.functional.silu(x).sum().backward()
        again = x.detach().clone().requires_grad_()
        functional.silu(again).sum().backward()
        self.assert_same_bits(x.grad, again.grad)
