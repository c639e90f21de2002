"""Modules of torch.nn whose functions are Kiln's. Each is the class that it is derived from in all but its forward(): parameters,
buffers, arguments and state_dict are that class's own."""
from torch import nn

from . import functional


class Tanh(nn.Tanh):
    def forward(self, input):
        return functional.tanh(input)


class Sigmoid(nn.Sigmoid):
    def forward(self, input):
        return functional.sigmoid(input)


class Hardsigmoid(nn.Hardsigmoid):
    def forward(self, input):
        return functional.hardsigmoid(input, self.inplace)


class SiLU(nn.SiLU):
    def forward(self, input):
        return functional.silu(input, self.inplace)


class Mish(nn.Mish):
    def forward(self, input):
        return functional.mish(input, self.inplace)


class Softplus(nn.Softplus):
    def forward(self, input):
        return functional.softplus(input, self.beta, self.threshold)


class _BatchNorm:
    """The running statistics are updated in training alone, by a share that is momentum or, where that is None, makes them the
    mean of all batches; without them, or in training, those of the batch are used."""

    def forward(self, input):
        self._check_input_dim(input)
        updates = self.training and self.track_running_stats
        if updates and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        share = self.momentum
        if share is None:
            share = 1.0 / float(self.num_batches_tracked) if updates and self.num_batches_tracked is not None else 0.0
        has_statistics = self.running_mean is not None
        reads = has_statistics and (updates or not self.training)
        return functional.batch_norm(input, self.running_mean if reads else None, self.running_var if reads else None,
                                     self.weight, self.bias, self.training or not has_statistics, share, self.eps)


class BatchNorm1d(_BatchNorm, nn.BatchNorm1d):
    pass


class BatchNorm2d(_BatchNorm, nn.BatchNorm2d):
    pass


class BatchNorm3d(_BatchNorm, nn.BatchNorm3d):
    pass


class _InstanceNorm:
    """torch.nn's forward() calls this, with a batch of one where the input has none."""

    def _apply_instance_norm(self, input):
        return functional.instance_norm(input, self.running_mean, self.running_var, self.weight, self.bias,
                                        self.training or not self.track_running_stats,
                                        0.0 if self.momentum is None else self.momentum, self.eps)


class InstanceNorm1d(_InstanceNorm, nn.InstanceNorm1d):
    pass


class InstanceNorm2d(_InstanceNorm, nn.InstanceNorm2d):
    pass


class InstanceNorm3d(_InstanceNorm, nn.InstanceNorm3d):
    pass


class GroupNorm(nn.GroupNorm):
    def forward(self, input):
        return functional.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class LayerNorm(nn.LayerNorm):
    def forward(self, input):
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class RMSNorm(nn.RMSNorm):
    def forward(self, input):
        return functional.rms_norm(input, self.normalized_shape, self.weight, self.eps)


class LocalResponseNorm(nn.LocalResponseNorm):
    def forward(self, input):
        return functional.local_response_norm(input, self.size, self.alpha, self.beta, self.k)
