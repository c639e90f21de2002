"""Models that the tests replace the modules of."""
import copy

import torch
from torch import nn

import kiln.torch


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
