"""Gradients: of an operator by its <operator>_backward, of a gradient none.

The operators have autograd.Functions of their own in the place of torch.library.register_autograd's, which torch.func does not
take. They are of one level: torch.func calls an operator's kernel once for each of its own levels, the next one below autograd
of this one."""
import torch
from torch._functorch.autograd_function import enable_single_level_autograd_function
from torch.autograd.function import _SingleLevelFunction

from ._fakes import with_defaults
from ._rows import Operator


def _saved(op, item, inputs, output):
    """What the gradient takes of a call: a statistic of its results, which may be None and is found again with the same bits,
    or an input. Running statistics count where they are not updated."""
    if item.role == "moment":
        place = next((i for i, made in enumerate(op.outputs) if made.name == item.name), 0)
        return output[place] if place and output[place].numel() else None
    unread = item.written_when and inputs[op.place(item.written_when)]
    return None if unread else inputs[op.place(item.name)]


def _context_of(op: Operator, backward: Operator):
    """What is kept of a call of the operator, and the call of its gradient with it."""
    call = backward.call("untracked")
    tracking = backward.call("default")
    taken = [item for item in backward.inputs[1:] if not item.name.startswith("needs_")]
    tensors = [item for item in taken if hasattr(item, "role")]
    # The gradients by the place of their input, and by their own among what the operator returns.
    gradients = [(op.place(item.name.removeprefix("grad_")), i) for i, item in enumerate(backward.outputs)]
    asked = [op.place(item.name.removeprefix("needs_grad_")) for item in backward.inputs if item.name.startswith("needs_")]

    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*(_saved(op, item, inputs, output) for item in tensors))
        ctx.values = {item.name: inputs[op.place(item.name)] for item in taken if not hasattr(item, "role")}
        ctx.set_materialize_grads(False)
        if len(op.outputs) > 1:
            ctx.mark_non_differentiable(*output[1:])

    def backward_of(ctx, grad_output, *_):
        found = [None] * len(op.inputs)
        if grad_output is None:
            return tuple(found)
        saved = iter(ctx.saved_tensors)
        arguments = [next(saved) if hasattr(item, "role") else ctx.values[item.name] for item in taken]
        gradient = tracking if torch.is_grad_enabled() else call
        result = gradient(grad_output, *arguments, *(ctx.needs_input_grad[place] for place in asked))
        for place, i in gradients:
            if ctx.needs_input_grad[place]:
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


def kernel_of(op: Operator, backward=None):
    """What PyTorch calls for an operator where autograd is: `backward` is the operator's gradient, and absent of a gradient."""
    call = op.call("default")
    setup_context, backward_of = _context_of(op, backward) if backward else _refusal_of(op)

    def below(*args):
        with torch._C._AutoDispatchBelowAutograd():
            return call(*args)

    function = type(f"Kiln{''.join(map(str.capitalize, op.name.split('_')))}", (_SingleLevelFunction,), {
        "forward": staticmethod(below),
        "setup_context": staticmethod(setup_context),
        "backward": staticmethod(backward_of),
    })
    tensors = [i for i, item in enumerate(op.inputs) if hasattr(item, "role")]

    def kernel(*args):
        given = [args[i] for i in tensors if i < len(args)]
        if torch.is_grad_enabled() and any(tensor is not None and tensor.requires_grad for tensor in given):
            with enable_single_level_autograd_function():
                return function.apply(*with_defaults(call, args, {}))
        return below(*args)

    return kernel
