"""The code of docs/using/pytorch.md, in its order; test_page.py runs each block and holds the page to what it prints."""
# ruff: noqa: E402, F811, I001
import torch
from torch import nn

import kiln.torch

model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.SiLU(inplace=True), nn.Softplus(beta=2))
print(kiln.torch.replace(model))

model = torch.compile(model, fullgraph=True)
model(torch.randn(8, 3, 32, 32)).square().mean().backward()

import torch

import kiln.torch


def gated(x):
    gate, value = x.chunk(2, -1)
    return torch.sigmoid(gate) * torch.tanh(value)


with kiln.torch.functions() as functions:
    gated(torch.randn(4, 768))
print(functions)

import torch

import kiln.torch.functional as F

x = torch.randn(4, 768, requires_grad=True)
y = F.silu(F.layer_norm(x, (768,)))
y.sum().backward()

import torch

import kiln.torch
import kiln.torch.functional as F

with kiln.torch.accuracy("fast"):
    y = F.tanh(torch.randn(4, 768))

import torch

import kiln.torch.functional as F


def loss(weight, row):
    return F.layer_norm(row, (768,), weight).square().sum()


each = torch.vmap(torch.func.grad(loss), (None, 0))(torch.ones(768), torch.randn(4, 768))
print(each.shape)

import torch

import kiln.torch.functional as F

x = torch.randn(4, 768)
try:
    F.layer_norm(x, (512,))
except ValueError as error:
    print(error)
try:
    F.tanh(x.double())
except TypeError as error:
    print(error)
