"""group_norm."""
from .hard_rows import CONSTANT_HUGE, HARD, hard_cases
from .tensors import INF, NAN, affine, case, full, poke, rand, reshape, rows


def group_norm_cases():
    x = rand(2, 4, 3)
    return [
        *[case(f"groups-{g}", x, num_groups=g) for g in (1, 2, 4)],
        *[case(f"groups-{g}-affine", x, **affine(4), num_groups=g) for g in (1, 2, 4)],
        case("weight-only", x, weight=rand(4), num_groups=2),
        case("bias-only", x, bias=rand(4), num_groups=2),
        *[case(f"eps-{e:g}", x, **affine(4), num_groups=2, eps=e)
          for e in (0.0, 1e-12, 0.5, INF, -1e-5, -100.0, NAN)],
        case("two-dim", rand(3, 6), **affine(6), num_groups=2),
        case("four-dim", rand(2, 6, 2, 3), **affine(6), num_groups=3),
        case("five-dim", rand(1, 4, 2, 1, 3), **affine(4), num_groups=2),
        case("one-channel", rand(2, 1, 5), **affine(1), num_groups=1),
        case("one-in-space", rand(1, 6, 1, 1), **affine(6), num_groups=2),
        case("long-group", rand(1, 3, 67, mean=5), num_groups=1),
        *hard_cases(lambda n: (1, n, 8), "constant huge tiny", 0.0, num_groups=lambda n: n),
        case("constant-huge-rows", reshape(CONSTANT_HUGE, 1, 2, 8), num_groups=2),
        case("constant-groups-affine", reshape(HARD["constant-rows"][1], 1, 8, 4), **affine(8),
             num_groups=4),
        case("special-weight", x, weight=rows(NAN, INF, 0, 1), bias=rows(0, 0, -INF, NAN),
             num_groups=2),
        case("special-in-one-group", poke(rand(2, 4, 2), {1: NAN, 12: INF}), **affine(4),
             num_groups=2),
        case("one-value-per-group-batch-1", rand(1, 2, 1), num_groups=2),
        case("one-value-per-group-batch-1-two-dim", rand(1, 2), num_groups=2),
        case("one-value-per-group-batch-2", rand(2, 2, 1), num_groups=2),
        case("one-value-per-group-batch-2-two-dim", rand(2, 2), **affine(2), num_groups=2),
        case("one-value-per-group-batch-2-eps-0", rand(2, 2, 1), num_groups=2, eps=0.0),
        case("one-value-one-group", rand(1, 1, 1), num_groups=1),
        case("empty-batch", full(0, 0, 4, 3), **affine(4), num_groups=2),
        case("empty-batch-groups-3-of-4", full(0, 0, 4, 3), num_groups=3),
        case("empty-space", full(0, 2, 4, 0), **affine(4), num_groups=2),
        case("no-channels", full(0, 2, 0, 3), num_groups=1),
        case("error-not-divisible", x, num_groups=3),
        case("error-not-divisible-batch-1-one-value", rand(1, 3, 1), num_groups=2),
        case("error-more-groups-than-channels", x, num_groups=8),
        case("error-groups-0", x, num_groups=0),
        case("error-groups-negative", x, num_groups=-2),
        *[case(f"error-{k}-length-{n}", x, num_groups=2, **{k: rand(n)})
          for k in ("weight", "bias") for n in (1, 2, 5)],
        case("error-weight-dims", x, weight=rand(4, 1), num_groups=2),
        case("error-one-dim", rand(4), num_groups=2),
        case("error-zero-dim", full(1), num_groups=1),
    ]
