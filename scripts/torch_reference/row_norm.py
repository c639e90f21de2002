"""Normalizations of trailing dimensions: one list of cases, by the parameters that an operator has."""
from .hard_rows import CONSTANT_HUGE, HARD, hard_cases
from .tensors import INF, MAX, NAN, case, full, poke, rand, rows


def row_norm_cases(operator):
    x, s = rand(3, 6), [6]
    parameters = [tensor.name for tensor in operator.tensors if tensor.role == "parameter"]

    def affine(*shape):
        return {name: rand(*shape) for name in parameters}

    cases = [
        case("worked-example", rand(2, 5, 10), normalized_shape=[5, 10]),
        case("worked-example-affine", rand(2, 5, 10), **affine(5, 10), normalized_shape=[5, 10]),
        case("weight-only", x, weight=rand(6), normalized_shape=s),
        case("bias-only", x, bias=rand(6), normalized_shape=s),
        *[case(f"eps-{e:g}", x, **affine(6), normalized_shape=s, eps=e)
          for e in (0.0, 1e-12, 0.5, 1e10, INF, -1e-5, -100.0, NAN)],
        case("one-dim", rand(7), normalized_shape=[7]),
        case("two-dim-whole", rand(3, 4), **affine(3, 4), normalized_shape=[3, 4]),
        case("three-dim-last", rand(2, 3, 4), **affine(4), normalized_shape=[4]),
        case("four-dim-last-two", rand(2, 2, 3, 3), **affine(3, 3), normalized_shape=[3, 3]),
        case("five-dim-last-three", rand(2, 1, 3, 2, 2), normalized_shape=[3, 2, 2]),
        case("long-row", rand(1, 577, mean=5), normalized_shape=[577]),
        case("two-values", rand(5, 2), normalized_shape=[2]),
        case("one-value", rand(3, 1), normalized_shape=[1]),
        case("one-value-affine", rand(3, 1), **affine(1), normalized_shape=[1]),
        case("one-value-eps-0", rand(3, 1), normalized_shape=[1], eps=0.0),
        case("one-value-special", rows([NAN], [INF], [MAX]), normalized_shape=[1]),
        case("one-element", full(2.5, 1), normalized_shape=[1]),
        *hard_cases(lambda n: (n, 8), "constant huge tiny", 0.0, normalized_shape=[8]),
        case("constant-huge-rows", CONSTANT_HUGE, normalized_shape=[8]),
        case("constant-rows-affine", HARD["constant-rows"][1], **affine(8), normalized_shape=[8]),
        case("special-weight", x, weight=poke(rand(6), {0: NAN, 1: INF, 2: 0}),
             bias=poke(rand(6), {3: -INF, 4: NAN}), normalized_shape=s),
        case("empty-no-rows", full(0, 0, 5), **affine(5), normalized_shape=[5]),
        case("empty-rows", full(0, 3, 0), normalized_shape=[0]),
        case("empty-rows-affine", full(0, 3, 0), **affine(0), normalized_shape=[0]),
        case("error-empty-normalized-shape", x, normalized_shape=[]),
        case("error-zero-dim", full(1), normalized_shape=[]),
        case("error-zero-dim-shape-1", full(1), normalized_shape=[1]),
        case("error-not-the-tail", x, normalized_shape=[3]),
        case("error-negative-shape", x, normalized_shape=[-1]),
        case("error-middle-dimension", rand(2, 3, 4), normalized_shape=[3]),
        case("error-shape-longer-than-input", x, normalized_shape=[1, 3, 6]),
        case("error-weight-length", x, weight=rand(5), normalized_shape=s),
        case("error-weight-length-1", x, weight=rand(1), normalized_shape=s),
        case("error-weight-dims", x, weight=rand(1, 6), normalized_shape=s),
        case("error-weight-flat", rand(2, 2, 3), weight=rand(6), normalized_shape=[2, 3]),
        case("error-bias-length", x, bias=rand(7), normalized_shape=s),
    ]
    if any(argument.name == "eps" and argument.may_be_null for argument in operator.arguments):
        cases += [case("eps-none", x, normalized_shape=s, eps=None),
                  case("eps-none-small-rows", rand(5, 8, std=3e-4), normalized_shape=[8], eps=None)]
    return [a_case for a_case in cases if names_of(a_case) <= {"input", *parameters}]


def names_of(a_case):
    """Of its tensors."""
    return set(a_case[-1])
