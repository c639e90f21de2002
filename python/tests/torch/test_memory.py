"""The functions of kiln, not kiln.torch, on PyTorch's tensors: what these are beyond their memory."""
import unittest

import numpy as np
import torch

import kiln
import kiln.torch


def negative(values):
    """A view that has the values' memory, and the negative bit."""
    return torch.complex(torch.zeros(len(values)), torch.tensor(values)).conj().imag


class NegativeBit(unittest.TestCase):
    def test_inputs(self):
        x = negative([1.0, -2.0, 0.5])
        self.assertTrue(x.is_neg())
        torch.testing.assert_close(kiln.tanh(x), torch.tanh(x), rtol=1e-6, atol=0)
        self.assertTrue(torch.equal(kiln.layer_norm(torch.ones(2, 3), 3, bias=x), torch.stack([x, x])))

    def test_what_is_written(self):
        out = negative([1.0, 2.0])
        for call in (lambda: kiln.tanh(torch.ones(2), out=out), lambda: kiln.silu(out, inplace=True)):
            with self.assertRaisesRegex(TypeError, "expected a tensor that may be written, got one with the negative bit"):
                call()
        self.assertEqual(out.tolist(), [-1, -2])


class Versions(unittest.TestCase):
    """What is written in place counts as written, for autograd to refuse what it has kept of it."""

    def test_autograd_is_told(self):
        for write in (lambda t: kiln.silu(t, inplace=True), lambda t: kiln.tanh(torch.ones(3), out=t)):
            leaf = torch.ones(3, requires_grad=True)
            kept = leaf * 1
            result = (kept * kept).sum()
            with torch.no_grad():
                write(kept.detach())
            with self.assertRaisesRegex(RuntimeError, "modified by an inplace operation"):
                result.backward()

    def test_statistics(self):
        mean, var = torch.zeros(4), torch.ones(4)
        kiln.batch_norm(torch.randn(8, 4), mean, var, training=True)
        self.assertEqual((mean._version, var._version), (1, 1))
        kiln.batch_norm(torch.randn(8, 4), mean, var)
        self.assertEqual((mean._version, var._version), (1, 1))

    def test_inference(self):
        with torch.inference_mode():
            out = torch.empty(3)
            self.assertIs(kiln.tanh(torch.zeros(3), out=out), out)


class Statistics(unittest.TestCase):
    """Of kiln.torch.functional: both are written, or neither."""

    def test_one_that_cannot_be_written(self):
        for var in (torch.ones(4, requires_grad=True), torch.ones(1).expand(4)):
            mean = torch.zeros(4)
            with self.assertRaises(RuntimeError):
                kiln.torch.functional.batch_norm(torch.randn(8, 4, requires_grad=True), mean, var, training=True)
            self.assertEqual(mean.tolist(), [0] * 4)


class Arguments(unittest.TestCase):
    def test_dimensions_of_other_kinds(self):
        x = torch.randn(3, 4)
        for dim in (np.int64(1), torch.tensor(1), [np.int32(1)]):
            self.assertTrue(torch.equal(kiln.torch.functional.normalize(x, dim=dim), kiln.torch.functional.normalize(x, dim=1)))


class Refusals(unittest.TestCase):
    def test_without_memory(self):
        """One line, which says what to take."""
        for call in (lambda: torch.vmap(kiln.tanh)(torch.ones(2, 2)), lambda: kiln.tanh(torch.empty(2, device="meta")),
                     lambda: kiln.tanh(torch.eye(2).to_sparse())):
            with self.assertRaisesRegex(TypeError, r"^kiln_tanh: input: expected [^\n]*: take the function of kiln.torch$"):
                call()


if __name__ == "__main__":
    unittest.main()
