"""kiln.torch.replace(): a model's modules, in training and evaluation, beside the same model as it was."""
import copy

import torch
from models import MODELS, image_model, pair, text_model
from support import FORWARD, TorchTest
from torch import nn

import kiln.torch
from kiln.torch import functional, modules


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
        self.assertEqual(list(report.left), ["own", "soft", "wide", "sync"])
        self.assertIn("derived from LayerNorm", report.left["own"])
        self.assertIn("beta 2", report.left["soft"])
        self.assertIn("float64", report.left["wide"])
        self.assertIn("2 modules run Kiln's functions, 4 were left", str(report))
        self.assertEqual(kiln.torch.replace(model).replaced, {})
        self.assertEqual(kiln.torch.restore(model), 2)
        self.assertIs(type(model["norm"]), nn.LayerNorm)

    def test_classes_that_share_a_base_are_said(self):
        model = nn.ModuleDict({"lazy": nn.LazyBatchNorm1d(), "sync": nn.SyncBatchNorm(3), "lazyin": nn.LazyInstanceNorm2d()})
        report = kiln.torch.replace(model)
        self.assertEqual(report.left, {"lazy": "LazyBatchNorm1d becomes BatchNorm1d when it is called first",
                                       "sync": "SyncBatchNorm is derived from _BatchNorm",
                                       "lazyin": "LazyInstanceNorm2d becomes InstanceNorm2d when it is called first"})
        model["lazy"](torch.randn(4, 3))
        self.assertEqual(kiln.torch.replace(model).replaced, {"lazy": "BatchNorm1d"})

    def test_one_and_several(self):
        for modules_, first in (([nn.Tanh()], "1 module runs Kiln's functions, 0 were left"),
                                ([nn.Softplus(beta=2)], "0 modules run Kiln's functions, 1 was left"),
                                ([nn.Tanh(), nn.SiLU()], "2 modules run Kiln's functions, 0 were left")):
            self.assertEqual(str(kiln.torch.replace(nn.Sequential(*modules_))).splitlines()[0], first)

    def test_what_is_no_module(self):
        for call, name in ((kiln.torch.replace, "replace"), (kiln.torch.restore, "restore")):
            with self.assertRaisesRegex(TypeError, f"kiln.torch.{name}: model: expected a torch.nn.Module, got int"):
                call(5)

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
