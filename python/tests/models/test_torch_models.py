"""The models of PyTorch: Kiln's modules do what stock's do, and their calls have the bits of Kiln's functions."""
import collections
import unittest

from support import missing, needs

TORCH = ("torch", "kiln.torch")
if not missing(*TORCH):
    import torch
    from torch import nn

    import torch_models
    import torch_run
    from calls import digest

#: How many calls of which operators a run makes.
CALLS = {
    "efficientnet": {"batch_norm": 49, "silu": 49, "sigmoid": 16}, "swin": {"layer_norm": 11}, "raft": {"instance_norm": 21},
    "alexnet": {"local_response_norm": 2}, "cspdarknet": {"mish": 67}, "vit": {"rms_norm": 9},
}


@needs(*TORCH)
class Models(unittest.TestCase):
    def check(self, name):
        """The operators' counts."""
        model = next(model for model in torch_models.torch_models() if model.name == name)
        if lacking := missing(model.package):
            self.skipTest(f"{', '.join(lacking)} not installed")
        pair = torch_run.Pair(model)
        distance, _, error = pair.distance()
        self.assertLessEqual(distance, torch_run.BOUND)
        self.assertLessEqual(error, torch_run.BOUND)
        calls = pair.calls()
        self.assertEqual([call.place for call in calls if digest(call.run()) != digest(call.output)], [])
        return collections.Counter(call.operator for call in calls)

    def test_torchvision_and_timm(self):
        for name, expected in CALLS.items():
            with self.subTest(model=name):
                self.assertEqual(self.check(name), expected)

    def test_diffusers(self):
        for name in ("unet", "autoencoder"):
            with self.subTest(model=name):
                found = self.check(name)
                self.assertEqual(set(found), {"group_norm", "silu"})


@needs(*TORCH)
class Every(unittest.TestCase):
    """A model of every module that is replaced, small."""

    def setUp(self):
        def build():
            return nn.Sequential(nn.BatchNorm2d(8), nn.SiLU(inplace=True), nn.GroupNorm(2, 8), nn.Mish(),
                                 nn.InstanceNorm2d(8, affine=True), nn.Tanh(), nn.LocalResponseNorm(3), nn.Softplus(),
                                 nn.LayerNorm((6, 5)), nn.Hardsigmoid(), nn.RMSNorm(5), nn.Sigmoid())

        self.model = torch_models.TorchModel("every", "", "torch", build, ((2, 8, 6, 5),))

    def test_calls_have_the_functions_bits(self):
        calls = torch_run.Pair(self.model).calls()
        self.assertEqual([call.operator for call in calls],
                         ["batch_norm", "silu", "group_norm", "mish", "instance_norm", "tanh", "local_response_norm",
                          "softplus", "layer_norm", "hardsigmoid", "rms_norm", "sigmoid"])
        for call in calls:
            self.assertEqual(digest(call.run()), digest(call.output), call.operator)

    def test_a_difference_is_seen(self):
        pair = torch_run.Pair(self.model)
        self.assertLessEqual(pair.distance()[0], torch_run.BOUND)
        with torch.no_grad():
            pair.kiln[-2].weight[0] *= 1.001
        self.assertGreater(pair.distance()[0], torch_run.BOUND)

    def test_times_name_every_module(self):
        pair = torch_run.Pair(self.model)
        self.assertEqual({name for name, _ in pair.times(pair.kiln)}, {type(module).__name__ for module in pair.stock})
        self.assertEqual({on_kiln for _, on_kiln in pair.times(pair.kiln)}, {True})
        self.assertEqual({on_kiln for _, on_kiln in pair.times(pair.stock)}, {False})

    def test_weights_come_from_the_seed(self):
        (one, (x,)), (other, (same,)) = self.model.make(), self.model.make()
        self.assertTrue(torch.equal(x, same))
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values())))
