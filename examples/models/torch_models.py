"""Models of PyTorch with random weights from a seed, in evaluation, and what they are given."""
import dataclasses
from collections.abc import Callable
from functools import partial

import torch
from torch import nn


@dataclasses.dataclass
class TorchModel:
    """A model of a package, which builds it, and shapes of its inputs."""

    name: str
    title: str
    package: str
    build: Callable
    shapes: tuple
    more: dict = dataclasses.field(default_factory=dict)  # arguments beside the tensors

    def make(self, seed=0):
        """The model, and its inputs."""
        torch.manual_seed(seed)
        model = self.build().eval()
        with torch.no_grad():
            for module in model.modules():
                _as_if_trained(module)
        return model, [torch.randn(shape) for shape in self.shapes]


def _as_if_trained(module):
    """Weights and running statistics that do something, where a new module's are all 0 or 1."""
    for name in ("weight", "running_var"):
        tensor = getattr(module, name, None)
        if tensor is not None and tensor.dim() == 1:
            tensor.uniform_(0.5, 1.5)
    for name in ("bias", "running_mean"):
        tensor = getattr(module, name, None)
        if tensor is not None and tensor.dim() == 1:
            tensor.normal_(0, 0.1)


def efficientnet():
    from torchvision.models import efficientnet_b0

    return efficientnet_b0(weights=None)


def swin():
    from torchvision.models.swin_transformer import SwinTransformer

    return SwinTransformer(patch_size=[4, 4], embed_dim=48, depths=[2, 2], num_heads=[3, 6], window_size=[7, 7])


def raft():
    """Its encoder of features, where the normalizations are."""
    from torchvision.models.optical_flow import raft_small

    return raft_small(weights=None).feature_encoder


def alexnet():
    """torchvision's, with the two local response normalizations that the paper has behind its first convolutions."""
    from torchvision.models import alexnet as build

    model = build(weights=None)
    layers = list(model.features)
    for place in (4, 1):  # the ReLUs
        layers.insert(place + 1, nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0))
    model.features = nn.Sequential(*layers)
    return model


def darknet():
    import timm

    return timm.create_model("cspdarknet53", pretrained=False, act_layer=nn.Mish, num_classes=10)


def transformer():
    from timm.models.vision_transformer import VisionTransformer

    return VisionTransformer(img_size=64, patch_size=8, embed_dim=192, depth=4, num_heads=3, num_classes=10,
                             norm_layer=partial(nn.RMSNorm, eps=1e-6))


def unet():
    from diffusers import UNet2DModel

    return UNet2DModel(sample_size=32, in_channels=3, out_channels=3, layers_per_block=1, block_out_channels=(64, 128),
                       down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("AttnUpBlock2D", "UpBlock2D"))


def autoencoder():
    from diffusers import AutoencoderKL

    return AutoencoderKL(block_out_channels=(32, 64), down_block_types=("DownEncoderBlock2D",) * 2,
                         up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4)


def torch_models():
    image = (1, 3, 128, 128)
    return [
        TorchModel("efficientnet", "EfficientNet-B0: SiLU, batch_norm, sigmoid", "torchvision", efficientnet, (image,)),
        TorchModel("swin", "Swin Transformer: layer_norm", "torchvision", swin, ((1, 3, 56, 56),)),
        TorchModel("raft", "RAFT's encoder, optical flow: instance_norm", "torchvision", raft, ((2, 3, 128, 128),)),
        TorchModel("alexnet", "AlexNet with local_response_norm", "torchvision", alexnet, (image,)),
        TorchModel("cspdarknet", "CSPDarknet53, YOLOv4's: Mish, batch_norm", "timm", darknet, (image,)),
        TorchModel("vit", "Vision Transformer with rms_norm", "timm", transformer, ((1, 3, 64, 64),)),
        TorchModel("unet", "UNet of diffusion: group_norm, SiLU", "diffusers", unet, ((1, 3, 32, 32),), {"timestep": 10}),
        TorchModel("autoencoder", "Autoencoder of latent diffusion: group_norm, SiLU", "diffusers", autoencoder,
                   ((1, 3, 64, 64),)),
    ]
