"""The signatures of the operators as functions of Python: torch.nn.functional's, with other results by name alone."""
import inspect

from .rows import MACHINE_EPSILON, Tensor


def is_result(item):
    """What the function returns, and takes by name alone."""
    return isinstance(item, Tensor) and (item.is_result or item.role == "output")


def results(operator):
    """What a call returns, in the order of the C function."""
    return [item for item in operator.takes if is_result(item)]


def name_of(operator, item):
    """The parameter's: `out` is the output of an operator, or the one result that there is."""
    alone = is_result(item) and len(results(operator)) == 1
    return "out" if item.name == "output" or alone else item.name


def argument_named(operator, name):
    return next(argument for argument in operator.arguments if argument.name == name)


def default_of(operator, item):
    """The default, or inspect.Parameter.empty. PyTorch has none for statistics that a call needs unless asked otherwise."""
    if is_result(item):
        return None if name_of(operator, item) == "out" else True
    if isinstance(item, Tensor):
        needed = item.written_when and not argument_named(operator, item.written_when).default
        return None if item.optional and not needed else inspect.Parameter.empty
    if item.default == MACHINE_EPSILON:
        return None
    if item.type == "dims" and item.default is not None:
        return item.default[0] if len(item.default) == 1 else tuple(item.default)
    return inspect.Parameter.empty if item.default is None else item.default


def ordered(operator):
    """The items in the order of the signature: those by position, then those by name alone."""
    return sorted(operator.takes, key=is_result)


# What torch.nn.functional's functions take and Kiln has one value of: by operators, names and values.
FIXED = {"softplus": {"beta": 1, "threshold": 20}}


def fixed(operator):
    return FIXED.get(operator.name, {})


def only_default(operator, found):
    """The call that refuses what is not fixed."""
    return f'only_default("kiln_{operator}", {", ".join(f"{name}=({name}, {value})" for name, value in found.items())})'


def fixed_text(value):
    return f"{value}, and no other value."


# Those whose `out` torch.nn.functional takes by position, too.
OUT_BY_POSITION = {"normalize"}


def out_by_position(operator):
    return operator.name in OUT_BY_POSITION


# Of operators that have it: the input in place of `out`.
INPLACE = inspect.Parameter("inplace", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=False)


def signature(operator, annotate=None):
    """`annotate` gives an item's annotation."""
    kind_of_results = inspect.Parameter.POSITIONAL_OR_KEYWORD if out_by_position(operator) else inspect.Parameter.KEYWORD_ONLY
    parameters = [inspect.Parameter(name_of(operator, item),
                                    kind_of_results if is_result(item) else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                                    default=default_of(operator, item),
                                    annotation=annotate(operator, item) if annotate else inspect.Parameter.empty)
                  for item in ordered(operator)]
    more = [INPLACE.replace(annotation=bool if annotate else inspect.Parameter.empty)] * operator.inplace
    more += [INPLACE.replace(name=name, default=value, annotation=float if annotate else inspect.Parameter.empty)
             for name, value in fixed(operator).items()]
    first = len(parameters) - len(results(operator))
    parameters[first:first] = more
    return inspect.Signature(parameters)
