"""The code of docs/using/pytorch.md, in its order; test_page.py runs it and holds the page to what it prints."""
# ruff: noqa: E402, I001
import torch

torch.manual_seed(0)

import kiln.torch
from torch import nn

model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.SiLU(inplace=True), nn.Softplus(beta=2))
print(kiln.torch.replace(model))

model = torch.compile(model, fullgraph=True)
model(torch.randn(8, 3, 32, 32)).square().mean().backward()

import kiln.torch.functional as F

x = torch.randn(4, 768, requires_grad=True)
y = F.silu(F.layer_norm(x, (768,)))
y.sum().backward()
print(y.grad_fn is not None, x.grad.shape)


def gated(x):
    gate, value = x.chunk(2, -1)
    return torch.sigmoid(gate) * torch.tanh(value)


with kiln.torch.functions() as functions:
    gated(x)
print(dict(functions.counts))

with kiln.torch.accuracy("fast"):
    y = F.tanh(x)

weight = torch.ones(768)
each = torch.vmap(torch.func.grad(lambda w, row: F.layer_norm(row, (768,), w).square().sum()), (None, 0))(weight, x.detach())
print(each.shape)

try:
    F.layer_norm(x, (512,))
except ValueError as error:
    print(error)
