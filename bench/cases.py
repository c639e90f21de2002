"""What is measured against peers. A case is an operator, a shape, a memory layout and PyTorch's arguments; the
normalizations' are those of issue 5's table and two in which overhead shows."""
import dataclasses

import numpy as np

SIZES = {"16 KiB": 16 << 10, "1 MiB": 1 << 20, "128 MiB": 128 << 20}


@dataclasses.dataclass
class Case:
    op: str
    label: str
    shape: tuple
    arguments: dict = dataclasses.field(default_factory=dict)
    channels_last: bool = False
    group: str = "normalizations"  # or the size's name

    @property
    def bytes(self):
        return 4 * int(np.prod(self.shape))

    def place(self, memory):
        """`memory`, 1-d, seen as the case's tensor."""
        if not self.channels_last:
            return memory.reshape(self.shape)
        n, c, *spatial = self.shape
        return np.moveaxis(memory.reshape(n, *spatial, c), -1, 1)

    def values(self):
        """Over the range in which activations are not constant."""
        values = np.random.default_rng(1).standard_normal(self.shape, np.float32)
        return values * np.float32(4) if self.group in SIZES else values

    def parameters(self):
        """Weight, bias and running statistics, where the case has them."""
        generator = np.random.default_rng(2)
        if self.op == "layer_norm":
            shape = tuple(self.arguments["normalized_shape"])
        elif self.op in ("batch_norm", "group_norm", "instance_norm"):
            shape = self.shape[1:2]
        else:
            return {}
        given = {"weight": generator.standard_normal(shape, np.float32), "bias": generator.standard_normal(shape, np.float32)}
        if self.op == "batch_norm":
            given["running_mean"] = generator.standard_normal(shape, np.float32)
            given["running_var"] = generator.random(shape, np.float32) + np.float32(0.5)
        return given


def both_layouts(op, label, shape, arguments):
    return [Case(op, label, shape, arguments), Case(op, label + ", channels-last", shape, arguments, channels_last=True)]


def pointwise(op):
    return [Case(op, f"{op}, {name}", (size // 4,), group=name) for name, size in SIZES.items()]


NORMALIZATIONS = [
    Case("layer_norm", "layer_norm 4096x768", (4096, 768), {"normalized_shape": [768]}),
    Case("layer_norm", "layer_norm 512x4096", (512, 4096), {"normalized_shape": [4096]}),
    *both_layouts("group_norm", "group_norm 2x320x64x64, 32 groups", (2, 320, 64, 64), {"num_groups": 32}),
    Case("instance_norm", "instance_norm 4x64x128x128", (4, 64, 128, 128)),
    *both_layouts("batch_norm", "batch_norm eval 32x64x56x56", (32, 64, 56, 56), {"training": False}),
    *both_layouts("batch_norm", "batch_norm train 32x64x56x56", (32, 64, 56, 56), {"training": True}),
    Case("local_response_norm", "local_response_norm 16x96x55x55, size 5", (16, 96, 55, 55), {"size": 5}),
    Case("normalize", "normalize 4096x768, dim 1", (4096, 768), {"dim": 1}),
    Case("normalize", "normalize 32x512x14x14, dim 1", (32, 512, 14, 14), {"dim": 1}),
    *both_layouts("batch_norm", "batch_norm train 32x512x7x7", (32, 512, 7, 7), {"training": True}),
    Case("group_norm", "group_norm 1x320x64x64, 32 groups", (1, 320, 64, 64), {"num_groups": 32}),
]
