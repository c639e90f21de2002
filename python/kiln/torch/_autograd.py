"""Gradients: of an operator by its <operator>_backward, of a gradient none.

The operators have autograd.Functions of their own in the place of torch.library.register_autograd's, which torch.func does not
take. They are of one level: torch.func calls an operator's kernel once for each of its own levels, the next one below autograd
of this one."""
import torch
from torch._functorch.autograd_function import enable_single_level_autograd_function
from torch.autograd import forward_ad
from torch.autograd.function import _SingleLevelFunction

from ._fakes import with_defaults
from ._rows import Operator


class _Kept:
    """Where the gradient finds a tensor that it takes: among the results a statistic, which may be absent and is found again with
    the same bits, or among the inputs. Running statistics count where they are not updated."""

    def __init__(self, op, item):
        outputs = [output.name for output in op.outputs]
        self.measured = item.role == "moment"
        self.place = (outputs.index(item.name) if item.name in outputs else -1) if self.measured else op.place(item.name)
        self.written = op.place(item.written_when) if item.written_when else -1

    def of(self, inputs, output):
        if self.measured:
            return output[self.place] if self.place >= 0 and output[self.place].numel() else None
        return None if self.written >= 0 and inputs[self.written] else inputs[self.place]


def _context_of(op: Operator, backward: Operator):
    """What is kept of a call of the operator, and the call of its gradient with it."""
    call, tracking = backward.call("untracked"), backward.call("default")
    taken = [item for item in backward.inputs[1:] if not item.name.startswith("needs_")]
    is_tensor = [hasattr(item, "role") for item in taken]
    kept = [_Kept(op, item) for item in taken if hasattr(item, "role")]
    values = [op.place(item.name) for item in taken if not hasattr(item, "role")]
    # The gradients by the place of their input, and by their own among what the operator returns.
    gradients = [(op.place(item.name.removeprefix("grad_")), i) for i, item in enumerate(backward.outputs)]
    asked = [op.place(item.name.removeprefix("needs_grad_")) for item in backward.inputs if item.name.startswith("needs_")]
    count, more = len(op.inputs), len(op.outputs) > 1

    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*[one.of(inputs, output) for one in kept])
        ctx.values = [inputs[place] for place in values]
        ctx.set_materialize_grads(False)
        if more:
            ctx.mark_non_differentiable(*output[1:])

    def backward_of(ctx, grad_output, *_):
        found = [None] * count
        if grad_output is None:
            return tuple(found)
        tensors, others, needed = iter(ctx.saved_tensors), iter(ctx.values), ctx.needs_input_grad
        arguments = [next(tensors if is_one else others) for is_one in is_tensor]
        gradient = tracking if torch.is_grad_enabled() else call
        result = gradient(grad_output, *arguments, *[needed[place] for place in asked])
        for place, i in gradients:
            if needed[place]:
                found[place] = result[i] if asked else result
        return tuple(found)

    return setup_context, backward_of


def _refusal_of(op: Operator):
    """Of a gradient's gradient: Kiln has none, and an error is better than zeros."""

    def setup_context(ctx, inputs, output):
        pass

    def refuse(ctx, *grads):
        raise NotImplementedError(f"kiln::{op.name}: Kiln has no second derivatives")

    return setup_context, refuse


def _function(op, forward, setup_context, backward):
    return type(f"Kiln{''.join(map(str.capitalize, op.name.split('_')))}", (_SingleLevelFunction,), {
        "forward": staticmethod(forward), "setup_context": staticmethod(setup_context), "backward": staticmethod(backward)})


def functions_of(op: Operator, backward=None):
    """What PyTorch calls for the operator where autograd is, and the Function by which eager code has the same with less on its
    way. `backward` is the operator's gradient, and absent of a gradient."""
    call = op.call("default")
    kept = _context_of(op, backward) if backward else _refusal_of(op)

    def below(*args):
        with torch._C._AutoDispatchBelowAutograd():
            return call(*args)

    def below_tracked(*args):
        with torch.enable_grad():  # which a Function has switched off, and which torch.func's level below is as well to go by
            return below(*args)

    function = _function(op, below_tracked, *kept)
    tensors = [i for i, item in enumerate(op.inputs) if hasattr(item, "role")]

    def kernel(*args):
        given = [args[i] for i in tensors if i < len(args) and args[i] is not None]
        if forward_ad._current_level >= 0 and any(forward_ad.unpack_dual(tensor).tangent is not None for tensor in given):
            raise NotImplementedError(f"kiln::{op.name}: Kiln has no forward mode of differentiation")
        if not torch.is_grad_enabled() or not any(tensor.requires_grad for tensor in given):
            return below(*args)
        with enable_single_level_autograd_function():
            return function.apply(*with_defaults(call, args, {}))

    return kernel, _function(op, op.call("untracked"), *kept)
