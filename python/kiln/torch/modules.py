"""Modules of torch.nn whose functions are Kiln's. Each is the class that it is derived from in all but its forward(): parameters,
buffers, arguments and state_dict are that class's own. With tensors that Kiln does not take, forward() is that class's, too."""
from torch import nn

from . import functional
from ._taken import takes


class Tanh(nn.Tanh):
    def forward(self, input):
        return functional.tanh(input) if takes(input) else super().forward(input)


class Sigmoid(nn.Sigmoid):
    def forward(self, input):
        return functional.sigmoid(input) if takes(input) else super().forward(input)


class Hardsigmoid(nn.Hardsigmoid):
    def forward(self, input):
        return functional.hardsigmoid(input, self.inplace) if takes(input) else super().forward(input)


class SiLU(nn.SiLU):
    def forward(self, input):
        return functional.silu(input, self.inplace) if takes(input) else super().forward(input)


class Mish(nn.Mish):
    def forward(self, input):
        return functional.mish(input, self.inplace) if takes(input) else super().forward(input)


class Softplus(nn.Softplus):
    def forward(self, input):
        taken = takes(input) and self.beta == 1 and self.threshold == 20
        return functional.softplus(input, self.beta, self.threshold) if taken else super().forward(input)


class _BatchNorm:
    """The running statistics are updated in training alone, by a share that is momentum or, where that is None, makes them the
    mean of all batches; without them, or in training, those of the batch are used."""

    def forward(self, input):
        mean, var, weight, bias = self.running_mean, self.running_var, self.weight, self.bias
        if not takes(input, mean, var, weight, bias):
            return super().forward(input)
        self._check_input_dim(input)
        updates = self.training and self.track_running_stats
        if updates and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        share = self.momentum
        if share is None:
            share = 1.0 / float(self.num_batches_tracked) if updates and self.num_batches_tracked is not None else 0.0
        has_statistics = mean is not None
        if self.training and not updates:
            mean = var = None
        return functional.batch_norm(input, mean, var, weight, bias, self.training or not has_statistics, share, self.eps)


class BatchNorm1d(_BatchNorm, nn.BatchNorm1d):
    pass


class BatchNorm2d(_BatchNorm, nn.BatchNorm2d):
    pass


class BatchNorm3d(_BatchNorm, nn.BatchNorm3d):
    pass


class _InstanceNorm:
    """torch.nn's forward() calls this, with a batch of one where the input has none."""

    def _apply_instance_norm(self, input):
        tensors = self.running_mean, self.running_var, self.weight, self.bias
        if not takes(input, *tensors):
            return super()._apply_instance_norm(input)
        return functional.instance_norm(input, *tensors, self.training or not self.track_running_stats,
                                        0.0 if self.momentum is None else self.momentum, self.eps)


class InstanceNorm1d(_InstanceNorm, nn.InstanceNorm1d):
    pass


class InstanceNorm2d(_InstanceNorm, nn.InstanceNorm2d):
    pass


class InstanceNorm3d(_InstanceNorm, nn.InstanceNorm3d):
    pass


class GroupNorm(nn.GroupNorm):
    def forward(self, input):
        weight, bias = self.weight, self.bias
        if not takes(input, weight, bias):
            return super().forward(input)
        return functional.group_norm(input, self.num_groups, weight, bias, self.eps)


class LayerNorm(nn.LayerNorm):
    def forward(self, input):
        weight, bias = self.weight, self.bias
        if not takes(input, weight, bias):
            return super().forward(input)
        return functional.layer_norm(input, self.normalized_shape, weight, bias, self.eps)


class RMSNorm(nn.RMSNorm):
    def forward(self, input):
        weight = self.weight
        if not takes(input, weight):
            return super().forward(input)
        return functional.rms_norm(input, self.normalized_shape, weight, self.eps)


class LocalResponseNorm(nn.LocalResponseNorm):
    def forward(self, input):
        if not takes(input):
            return super().forward(input)
        return functional.local_response_norm(input, self.size, self.alpha, self.beta, self.k)
