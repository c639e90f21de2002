"""Arithmetic of spaces: names, numbers, + - * // %, comparisons, and, or, not, min, max."""
import ast
import operator

from .errors import TuneError

BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
          ast.Mod: operator.mod}
COMPARE = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
           ast.GtE: operator.ge}
FUNCTIONS = {"min": min, "max": max}


def compared(node, names):
    values = [of(n, names) for n in (node.left, *node.comparators)]
    return all(COMPARE[type(op)](a, b) for op, a, b in zip(node.ops, values, values[1:]))


def of(node, names):
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)](of(node.left, names), of(node.right, names))
    if isinstance(node, ast.Compare):
        return compared(node, names)
    if isinstance(node, ast.BoolOp):
        every = all if isinstance(node.op, ast.And) else any
        return every(of(v, names) for v in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not of(node.operand, names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return FUNCTIONS[node.func.id](*(of(a, names) for a in node.args))
    raise KeyError(type(node).__name__)


def evaluate(text, names):
    """`text`, where it is not a number already, with these values for its names."""
    if isinstance(text, int):
        return text
    try:
        return of(ast.parse(text, mode="eval").body, names)
    except SyntaxError as e:
        raise TuneError(f"\"{text}\": expected an expression: {e.msg}") from e
    except KeyError as e:
        raise TuneError(f"\"{text}\": does not know {e}; names are {', '.join(sorted(names))}") from e
