"""Transforms of torch.func within one another: first derivatives are found at any level, and second ones refused at any."""
import unittest

import torch
from torch.func import grad, grad_and_value, vjp, vmap

import kiln.torch.functional as K

X = torch.tensor([0.5, -1.0, 2.0])
WEIGHT = torch.tensor([1.0, -2.0, 3.0])
CALLS = {
    "silu": lambda module, x: module.silu(x),
    "layer_norm": lambda module, x: module.layer_norm(x, (3,), x),
    "batch_norm": lambda module, x: module.batch_norm(x.reshape(3, 1), None, None, training=True).reshape(3),
    "normalize": lambda module, x: module.normalize(x, dim=0),
}


def value_within(call):
    return lambda x: (vjp(call, x)[0] * WEIGHT).sum()


def outside(call):
    """Autograd's own level around one of torch.func."""
    def first(x):
        leaf = x.clone().requires_grad_()
        return torch.autograd.grad(value_within(call)(leaf), leaf)[0]
    return first


class Nested(unittest.TestCase):
    def assert_as_torch(self, make):
        for name, call in CALLS.items():
            with self.subTest(name):
                ours, theirs = (make(lambda x: call(module, x)) for module in (K, torch.nn.functional))
                torch.testing.assert_close(ours(X), theirs(X), rtol=1e-5, atol=1e-5)

    def test_first_derivatives(self):
        self.assert_as_torch(lambda call: grad(value_within(call)))
        self.assert_as_torch(lambda call: grad(lambda x: grad_and_value(lambda y: (call(y) * WEIGHT).sum())(x)[1]))
        self.assert_as_torch(lambda call: lambda x: vmap(grad(value_within(call)))(torch.stack([x, -x])))
        self.assert_as_torch(outside)

    def test_compiled(self):
        self.assert_as_torch(lambda call: torch.compile(grad(value_within(call)), backend="aot_eager"))

    def test_second_derivatives(self):
        for name, call in CALLS.items():
            first = grad(lambda x: (call(K, x) * WEIGHT).sum())
            second = grad(lambda x: first(x).sum())
            of_steps = grad(lambda x: call(K, x - 0.1 * first(x)).sum())  # as meta-learning has it
            for refused in (second, of_steps, lambda x: vmap(second)(torch.stack([x, -x]))):
                with self.subTest(name), self.assertRaisesRegex(NotImplementedError, "Kiln has no second derivatives"):
                    refused(X)


if __name__ == "__main__":
    unittest.main()
