"""kiln.torch.replace(): a model's modules, in training and evaluation, beside the same model as it was."""
import copy
import io
import pickle
import warnings

import torch
from support import FORWARD, TorchTest
from torch import nn

import kiln.torch
from kiln.torch import functional, modules


class Residual(nn.Module):
    """A block as ResNets have it, with activations in place and functions that are called by name."""

    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.act = nn.SiLU(inplace=True)

    def forward(self, x):
        return self.act(self.norm(self.conv(x)) + x)


def image_model():
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, momentum=None), nn.Mish(inplace=True), Residual(8),
                         nn.GroupNorm(2, 8), nn.Hardsigmoid(inplace=True), nn.LocalResponseNorm(3),
                         nn.InstanceNorm2d(8, affine=True, track_running_stats=True), nn.Tanh(), nn.AdaptiveAvgPool2d(1),
                         nn.Flatten(), nn.Linear(8, 4))


def text_model():
    return nn.Sequential(nn.Linear(12, 16), nn.LayerNorm(16), nn.SiLU(), nn.Linear(16, 16), nn.RMSNorm(16), nn.Sigmoid(),
                         nn.Linear(16, 8), nn.Softplus())


def sound_model():
    return nn.Sequential(nn.Conv1d(2, 6, 3), nn.BatchNorm1d(6), nn.Tanh(), nn.InstanceNorm1d(6), nn.Conv1d(6, 4, 3))


def volume_model():
    return nn.Sequential(nn.Conv3d(1, 4, 3), nn.BatchNorm3d(4), nn.SiLU(), nn.InstanceNorm3d(4, affine=True))


MODELS = [(image_model, (5, 3, 10, 10)), (text_model, (7, 12)), (sound_model, (4, 2, 12)), (volume_model, (3, 1, 6, 6, 6))]


def pair(make, seed=0):
    """A model, and the same one with Kiln's functions."""
    torch.manual_seed(seed)
    stock = make()
    ours = copy.deepcopy(stock)
    return stock, ours, kiln.torch.replace(ours)


class Models(TorchTest):
    def train(self, model, shape, steps=6):
        torch.manual_seed(1)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
        losses = []
        for _ in range(steps):
            optimizer.zero_grad()
            loss = model(torch.randn(shape)).square().mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    def assert_same_state(self, ours, stock, **tolerance):
        self.assertEqual(list(ours.state_dict()), list(stock.state_dict()))
        for name, value in stock.state_dict().items():
            torch.testing.assert_close(ours.state_dict()[name], value, **tolerance, msg=lambda text, name=name: f"{name}: {text}")

    def test_training_steps_and_evaluation(self):
        for make, shape in MODELS:
            with self.subTest(make.__name__):
                stock, ours, _ = pair(make)
                stock.train(), ours.train()
                expected, got = self.train(stock, shape), self.train(ours, shape)
                torch.testing.assert_close(torch.tensor(got), torch.tensor(expected), rtol=1e-4, atol=1e-6)
                self.assertNotEqual(got[0], got[-1])
                self.assert_same_state(ours, stock, rtol=1e-3, atol=1e-4)
                stock.eval(), ours.eval()
                x = torch.randn(shape)
                torch.testing.assert_close(ours(x), stock(x), rtol=1e-3, atol=1e-4)

    def test_a_step_of_training_has_the_bits_of_its_threads(self):
        before = torch.get_num_threads()
        self.addCleanup(torch.set_num_threads, before)
        found = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            torch.manual_seed(3)
            norm = nn.BatchNorm2d(16)
            kiln.torch.replace(norm)
            x = torch.randn(8, 16, 24, 24, requires_grad=True)
            norm(x).square().sum().backward()
            found.append((x.grad, norm.weight.grad, norm.running_var))
        for one, other in zip(*found):
            self.assert_same_bits(one, other)

    def test_a_model_compiles_to_one_graph(self):
        for make, shape in MODELS:
            with self.subTest(make.__name__):
                torch._dynamo.reset()
                _, ours, _ = pair(make)
                for module in ours.modules():
                    if getattr(module, "momentum", 0.1) is None:
                        module.momentum = 0.1  # a share that is a tensor's value breaks the graph of torch.nn's module, too
                again = copy.deepcopy(ours)
                compiled = torch.compile(again, fullgraph=True, backend="aot_eager")  # the page's model takes the whole of it
                x = torch.randn(shape)
                expected, got = ours(x), compiled(x)
                torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)
                expected.sum().backward(), got.sum().backward()
                self.assert_same_state(again, ours, rtol=1e-4, atol=1e-5)
                for one, other in zip(again.parameters(), ours.parameters()):
                    torch.testing.assert_close(one.grad, other.grad, rtol=1e-3, atol=1e-4)

    def test_channels_last(self):
        stock, ours, _ = pair(image_model)
        stock.eval(), ours.eval()
        x = torch.randn(5, 3, 10, 10).to(memory_format=torch.channels_last)
        torch.testing.assert_close(ours(x), stock(x), rtol=1e-4, atol=1e-5)
        norm = ours[1](ours[0].to(memory_format=torch.channels_last)(x))
        self.assertTrue(norm.is_contiguous(memory_format=torch.channels_last))

    def test_types_of_16_bits(self):
        for make, shape in MODELS:
            stock, ours, _ = pair(make)
            for model in (stock, ours):
                model.bfloat16().eval()
                for name, module in model.named_children():
                    if isinstance(module, nn.LocalResponseNorm):
                        setattr(model, name, nn.Identity())  # PyTorch has none of this type on CPUs
            x = torch.randn(shape, dtype=torch.bfloat16)
            torch.testing.assert_close(ours(x), stock(x), rtol=0.1, atol=0.1)

    def test_functional_call_and_deepcopy(self):
        _, ours, _ = pair(text_model)
        x = torch.randn(7, 12)
        twice = {name: value * 2 for name, value in ours.state_dict().items()}
        changed = copy.deepcopy(ours)
        changed.load_state_dict(twice)
        self.assert_same_bits(torch.func.functional_call(ours, twice, x), changed(x))


class Report(TorchTest):
    def test_says_what_was_replaced_and_what_was_left(self):
        class Own(nn.LayerNorm):
            pass

        model = nn.ModuleDict({"norm": nn.LayerNorm(4), "own": Own(4), "soft": nn.Softplus(beta=2), "wide": nn.LayerNorm(4).double(),
                               "linear": nn.Linear(4, 4), "act": nn.SiLU(), "sync": nn.SyncBatchNorm(4)})
        report = kiln.torch.replace(model)
        self.assertEqual(report.replaced, {"norm": "LayerNorm", "act": "SiLU"})
        self.assertEqual(list(report.left), ["own", "soft", "wide"])
        self.assertIn("derived from LayerNorm", report.left["own"])
        self.assertIn("beta 2", report.left["soft"])
        self.assertIn("float64", report.left["wide"])
        self.assertIn("2 modules run Kiln's functions, 3 were left", str(report))
        self.assertEqual(kiln.torch.replace(model).replaced, {})
        self.assertEqual(kiln.torch.restore(model), 2)
        self.assertIs(type(model["norm"]), nn.LayerNorm)

    def test_every_operator_that_has_a_module_is_replaced(self):
        without = {"normalize"}
        functions = {op.torch for op in FORWARD} - without
        used = {name for kind in vars(modules).values() if isinstance(kind, type)
                for method in vars(kind).values() if hasattr(method, "__code__") for name in method.__code__.co_names}
        self.assertEqual(functions - used, set())

    def test_a_model_that_is_one_module(self):
        act = nn.Tanh()
        self.assertEqual(kiln.torch.replace(act).replaced, {"": "Tanh"})
        x = torch.randn(5)
        self.assert_same_bits(act(x), functional.tanh(x))


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
        stock(torch.randn(2, 4)).sum().backward()
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
            torch.sigmoid(torch.arange(3))
        self.assertEqual(dict(names.counts), {})

    def test_gradients_within_it(self):
        x = torch.randn(4, 6, requires_grad=True)
        with kiln.torch.functions():
            nn.functional.silu(x).sum().backward()
        again = x.detach().clone().requires_grad_()
        functional.silu(again).sum().backward()
        self.assert_same_bits(x.grad, again.grad)
