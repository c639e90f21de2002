"""The cases of an operator: those of its family, or its own."""
from .channel_norm import batch_norm_cases, instance_norm_cases
from .elementwise import elementwise_cases, gradient_cases
from .group_norm import group_norm_cases
from .normalize import local_response_norm_cases, normalize_cases
from .row_norm import row_norm_cases

OF_FAMILY = {"elementwise": elementwise_cases, "elementwise_backward": gradient_cases, "row_norm": row_norm_cases}
OF_OPERATOR = {"batch_norm": batch_norm_cases, "group_norm": group_norm_cases, "instance_norm": instance_norm_cases,
               "local_response_norm": local_response_norm_cases, "normalize": normalize_cases}


def cases_of(operator):
    """(name, arguments, tensors) each; None where nobody has written them."""
    if operator.name in OF_OPERATOR:
        return OF_OPERATOR[operator.name]()
    return OF_FAMILY[operator.family](operator) if operator.family in OF_FAMILY else None
