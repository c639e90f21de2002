"""PyTorch's gradients, given what the forward direction leaves. Where PyTorch has a function of its own for an operator's backward,
that is called: autograd calls it too, and takes some 20 us more for the way there. The others are autograd's, of a graph that is kept.
It is timed on tensors alone, so that both count what a step of training takes."""
import math

from .. import table

ALL = [True, True, True]  # of the gradients of input, weight and bias


def names(case):
    return [tensor.name for tensor in table.results(case.op)]


def elementwise(torch, case, x, g):
    """Into a tensor that is there, where PyTorch has it; tanh's and sigmoid's are of the result, which a graph keeps."""
    row = table.operator(case.op)
    function = getattr(torch.ops.aten, f"{row.torch}_backward")
    kept = getattr(torch, row.torch)(x) if row.torch in ("tanh", "sigmoid") else x
    others = (1, 20) if row.torch == "softplus" else ()
    if "grad_input" not in function.overloads():
        return lambda: (function(g, kept, *others),)
    result = torch.empty_like(x)
    return lambda: (function.grad_input(g, kept, *others, grad_input=result),)


def batch_norm(torch, case, x, g, t):
    a = case.arguments
    running = [t[name].clone() for name in ("running_mean", "running_var")]
    _, mean, rstd = torch.ops.aten.native_batch_norm(x, t["weight"], t["bias"], *running, a["training"], 0.1, a["eps"])
    function = torch.ops.aten.native_batch_norm_backward
    return lambda: function(g, x, t["weight"], *running, mean, rstd, a["training"], a["eps"], ALL)


def group_norm(torch, case, x, g, t):
    samples, channels, *spatial = case.shape
    extents = (samples, channels, math.prod(spatial), case.arguments["num_groups"])
    _, mean, rstd = torch.ops.aten.native_group_norm(x, t["weight"], t["bias"], *extents, case.arguments["eps"])
    return lambda: torch.ops.aten.native_group_norm_backward(g, x, mean, rstd, t["weight"], *extents, ALL)


def layer_norm(torch, case, x, g, t):
    shape = list(case.arguments["normalized_shape"])
    _, mean, rstd = torch.ops.aten.native_layer_norm(x, shape, t["weight"], t["bias"], case.arguments["eps"])
    return lambda: torch.ops.aten.native_layer_norm_backward(g, x, shape, mean, rstd, t["weight"], t["bias"], ALL)


DIRECT = {"batch_norm": batch_norm, "group_norm": group_norm, "layer_norm": layer_norm}


def direct(torch, case, x, g, tensors):
    """PyTorch's own function of the backward, as one without arguments; None where it has none. `tensors`: by name."""
    row = table.operator(case.op)
    if row.elementwise:
        return elementwise(torch, case, x, g)
    return DIRECT[row.torch](torch, case, x, g, tensors) if row.torch in DIRECT else None


def by_autograd(torch, case, x, g, tensors, function):
    """`function`: the operator's, of the input alone, whose tensors are leaves."""
    leaves = [x.requires_grad_(), *(tensors[name.removeprefix("grad_")].requires_grad_() for name in names(case)[1:])]
    y = function(x)
    return lambda: torch.autograd.grad(y, leaves, g, retain_graph=True)
